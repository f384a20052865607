/** Tells of what a source's media was found to be: clocks that jump, bytes that cannot be read. */
import type { RelayEventCode } from './contract/messages.ts';
import type { FaultCode } from './formats/faults.ts';
import type { RemuxCounters } from './formats/remux.ts';
import { Growth, Tally } from './tally.ts';

export type Counted = Pick<RemuxCounters, 'videoFrames' | 'audioFrames' | 'rebases' | 'faults'>;

export interface Counting {
  counters(): Counted | undefined;
}

type Tell = (code: RelayEventCode, facts: Readonly<Record<string, string | number>>) => void;

/** Not worth a word: a packet may come twice, and who joins a stream in its middle finds the end of a frame. */
const silent: ReadonlySet<FaultCode> = new Set(['duplicate', 'orphan']);

/** Passthrough counts nothing; of media that passes untouched a probe is the witness. */
export class MediaWatch {
  readonly #stages: readonly Watched[];
  readonly #tell: Tell;
  readonly #jumps = new Tally();
  readonly #faults = new Tally();
  #worst: FaultCode | undefined;

  constructor(stages: readonly Counting[], tell: Tell) {
    this.#stages = stages.map((stage) => new Watched(stage));
    this.#tell = tell;
  }

  /** Another session begins: the new clock that comes with it is no jump. */
  restart(): void {
    for (const stage of this.#stages) stage.restart();
  }

  /** Called once a second with the monotonic clock in ms. Stages beside each other see the same media: the most counts. */
  sample(now: number): void {
    const seen = this.#stages.map((stage) => stage.look());
    const jumps = this.#jumps.add(Math.max(0, ...seen.map((one) => one.jumps)), now);
    if (jumps !== undefined) this.#tell('timestamps-jumped', { jumps, overMs: this.#jumps.overMs });
    const most = seen.toSorted((a, b) => b.faults - a.faults)[0];
    this.#worst = most?.worst ?? this.#worst;
    const faults = this.#faults.add(most?.faults ?? 0, now);
    if (faults !== undefined)
      this.#tell('bad-media', { damaged: faults, fault: this.#worst ?? 'unknown', overMs: this.#faults.overMs });
  }
}

/** One stage and what of its counters was seen. */
class Watched {
  readonly #stage: Counting;
  readonly #rebases = new Growth();
  readonly #faults = new Map<string, Growth>();
  #isRestarting = false;

  constructor(stage: Counting) {
    this.#stage = stage;
  }

  restart(): void {
    const counters = this.#stage.counters();
    // Before its first frame a stage has no clock that another one could follow.
    this.#isRestarting ||= counters !== undefined && counters.videoFrames + counters.audioFrames > 0;
  }

  look(): { jumps: number; faults: number; worst: FaultCode | undefined } {
    const counters = this.#stage.counters();
    if (!counters) return { jumps: 0, faults: 0, worst: undefined };
    const rebases = this.#rebases.since(counters.rebases);
    const expected = this.#isRestarting && rebases > 0 ? 1 : 0;
    if (expected > 0) this.#isRestarting = false;
    const grown = faultCodesOf(counters)
      .map((code) => ({ code, count: this.#growthOf(code).since(counters.faults[code]) }))
      .toSorted((a, b) => b.count - a.count);
    const faults = grown.reduce((sum, { count }) => sum + count, 0);
    return { jumps: rebases - expected, faults, worst: faults > 0 ? grown[0]?.code : undefined };
  }

  #growthOf(code: FaultCode): Growth {
    const growth = this.#faults.get(code) ?? new Growth();
    this.#faults.set(code, growth);
    return growth;
  }
}

const isFaultCode = (counters: Counted, code: string): code is FaultCode => code in counters.faults;

const faultCodesOf = (counters: Counted): FaultCode[] =>
  Object.keys(counters.faults).flatMap((code) => (isFaultCode(counters, code) && !silent.has(code) ? [code] : []));
