/** What is wrong with a transport stream that passes untouched, counted as a remuxer counts it. */
import { noFaults } from './formats/faults.ts';
import type { Counted, Counting } from './media-watch.ts';

/** Figures of the gauge, by the fault that they count. */
const faultOf = {
  continuityErrors: 'continuity',
  syncErrors: 'sync-loss',
  transportErrors: 'transport-error',
  crcErrors: 'section-crc',
} as const;

export class StreamWitness implements Counting {
  readonly #counted: Counted = { videoFrames: 0, audioFrames: 0, rebases: 0, faults: noFaults() };
  #hadLoss = false;

  /**
   * Called once a second with what the gauge measured and how much the link lost. What a lost packet tears open is told as
   * lost data: it is no fault of the encoder. A loss may be seen in the stream a second after it is counted.
   */
  note(values: Readonly<Record<string, number>>, lost: number): void {
    const isExcused = lost > 0 || this.#hadLoss;
    this.#hadLoss = lost > 0;
    if (!isExcused && !values['continuityErrors']) this.#counted.rebases += values['pcrDiscontinuityErrors'] ?? 0;
    for (const [figure, fault] of Object.entries(faultOf))
      if (!(isExcused && fault === 'continuity')) this.#counted.faults[fault] += values[figure] ?? 0;
  }

  counters(): Counted {
    return this.#counted;
  }
}
