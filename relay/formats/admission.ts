/** Which frames of a source go out, and when: the start gate and the timeline together, with what they leave out. */

import type { AccessUnit } from './access-unit.ts';
import type { RemuxCounters } from './remux.ts';
import { StartGate } from './start-gate.ts';
import { type Placed, Timeline, type TimelineOptions } from './timeline.ts';

export interface AdmissionOptions extends TimelineOptions {
  /** `drop`: a damaged video frame closes the gate up to the next key frame. */
  readonly damaged: 'forward' | 'drop';
  readonly counters: RemuxCounters;
}

/** A frame's output time. */
export interface Admitted extends Placed {
  /** True for a key frame with which the output begins anew, after frames that it does not continue. */
  readonly restarts: boolean;
}

export class Admission {
  readonly gate: StartGate;
  readonly timeline: Timeline;
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.gate = new StartGate(options.wrap);
    this.timeline = new Timeline(options);
  }

  /** The output time of a frame; undefined for one that does not go out (counted). `ready`: its codec is known. */
  admit(unit: AccessUnit, ready: boolean): Admitted | undefined {
    const placed = unit.lane === 'video' ? this.#video(unit, ready) : this.#audio(unit, ready);
    this.#options.counters.rebases = this.timeline.rebases;
    return placed;
  }

  /** Another source follows. */
  rejoin(): void {
    this.gate.close();
    this.timeline.rebase();
  }

  /** A jump without loss is the same encoder with another clock; a jump with loss is another stream. */
  #video(unit: AccessUnit, ready: boolean): Admitted | undefined {
    const { counters, damaged } = this.#options;
    if (unit.damaged) counters.damaged++;
    const isOtherStream = unit.broken && !this.timeline.continues('video', unit);
    const isUnwanted = damaged === 'drop' && (unit.damaged || unit.broken);
    if (this.gate.open && (isOtherStream || isUnwanted)) this.gate.closeVideo();
    if (isUnwanted && unit.damaged) return undefined;
    const restarts = !this.gate.open && this.timeline.last !== undefined;
    if (!ready || !this.gate.admitVideo(unit)) {
      counters.awaitingKeyframe++;
      return undefined;
    }
    const placed = this.timeline.place('video', unit);
    return placed && { ...placed, restarts };
  }

  #audio(unit: AccessUnit, ready: boolean): Admitted | undefined {
    const placed = ready && this.gate.admitAudio(unit) ? this.timeline.place('audio', unit) : undefined;
    if (placed === undefined) this.#options.counters.overlapping++;
    return placed && { ...placed, restarts: false };
  }
}
