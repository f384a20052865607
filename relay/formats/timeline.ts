/**
 * Wrap, jump and restart of a source made one rising clock.
 *
 * All tracks of a program share one offset, so that whatever happens to the clock, picture and sound move together.
 * A jump makes a new base: its first frame follows the last one sent by one frame. The other track joins the new base
 * when its own clock jumps too, so frames of the old base that are still on their way keep their place. If its clock
 * does not jump, the first track was wrong by itself (one bad timestamp is enough), and the other one is made to join.
 */

import type { AccessUnit, Lane } from './access-unit.ts';
import { limits } from './limits.ts';
import { clockDistance } from './ts-packet.ts';

export interface TimelineOptions {
  /** The modulus of the source's clock in ticks: 2^33 for TS, 2^32 ms for RTMP. */
  readonly wrap: number;
  /** The output time of the first frame. */
  readonly startTicks: number;
}

/** Output time in 90 kHz ticks; it rises for ever and never wraps. dts rises strictly, pts >= dts. */
export interface Placed {
  readonly dts: number;
  readonly pts: number;
}

type Timed = Pick<AccessUnit, 'dts' | 'pts' | 'epoch'>;

/** One time base of the source: output = unwrapped source time + offset. */
interface Base {
  offset: number;
  /** The output time at which it began. */
  readonly born: number;
  /** The newest source time on it, unwrapped. */
  reference: number;
}

interface LaneState {
  base: Base | undefined;
  last: number | undefined;
  step: number;
  epoch: number;
  /** True from a change of base to the first frame placed on it. */
  joining: boolean;
}

/** 1 ms: what two frames of one track are apart at least, for RTMP counts so. */
const leastStep = 90;

export class Timeline {
  /** How often the source's clock was found to be another one. */
  rebases = 0;
  readonly #options: TimelineOptions;
  readonly #lanes: Record<Lane, LaneState> = { video: newLane(3600), audio: newLane(1920) };
  #base: Base | undefined;
  /** The latest output time of any track. */
  #last: number | undefined;

  constructor(options: TimelineOptions) {
    this.#options = options;
  }

  /** The latest output dts of any track; undefined before the first frame. */
  get last(): number | undefined {
    return this.#last;
  }

  /** Whatever comes next is of another source. */
  rebase(): void {
    this.#base = undefined;
    this.#lanes.video.base = undefined;
    this.#lanes.audio.base = undefined;
  }

  /** True where `unit` is on the time base of the frame before it on its track. Changes nothing. */
  continues(lane: Lane, unit: Timed): boolean {
    const state = this.#lanes[lane];
    if (state.base === undefined || state.last === undefined) return state.last === undefined;
    return isNear(this.#on(state.base, unit.dts) - state.last, unit.epoch !== state.epoch);
  }

  /**
   * The output time of a frame; undefined for one that must be left out: audio before the start of the output,
   * or audio of a new base that overlaps what was sent of the old one.
   */
  place(lane: Lane, unit: Timed): Placed | undefined {
    const state = this.#lanes[lane];
    const base = this.#baseFor(state, unit);
    const wanted = this.#on(base, unit.dts);
    base.reference = wanted - base.offset;
    state.epoch = unit.epoch;
    const dts = this.#admit(lane, base, wanted);
    if (dts === undefined) return undefined;
    this.#remember(state, dts);
    return { dts, pts: Math.max(dts, wanted + clockDistance(unit.dts, unit.pts, this.#options.wrap)) };
  }

  /** Output time of a source time on a base. */
  #on(base: Base, ticks: number): number {
    return base.reference + clockDistance(base.reference, ticks, this.#options.wrap) + base.offset;
  }

  /** The base that the frame is on: the track's own, the one that another track moved to, or a new one. */
  #baseFor(state: LaneState, unit: Timed): Base {
    const { base } = state;
    if (base !== undefined && this.#staysOn(base, state, unit)) return base;
    const joined = this.#base !== undefined && this.#base !== base && this.#isWithin(this.#base, unit.dts);
    this.#base = joined && this.#base !== undefined ? this.#base : this.#newBase(state, unit.dts);
    state.base = this.#base;
    state.joining = true;
    return this.#base;
  }

  #staysOn(base: Base, state: LaneState, unit: Timed): boolean {
    if (state.last === undefined) return this.#isWithin(base, unit.dts);
    if (this.#isLeftBehind(base, unit.dts)) return false;
    const flagged = unit.epoch !== state.epoch;
    const step = this.#on(base, unit.dts) - state.last;
    if (isNear(step, flagged)) return true;
    // A track that was silent comes back far ahead of itself, but beside the other one.
    return !flagged && step > 0 && base === this.#base && this.#isWithin(base, unit.dts);
  }

  /** True for the old base of a track whose clock would fit the new one, once no frame of the old can be on its way. */
  #isLeftBehind(base: Base, ticks: number): boolean {
    const current = this.#base;
    if (current === undefined || current === base || this.#last === undefined) return false;
    return this.#last - current.born > limits.baseOverlapTicks && this.#isWithin(current, ticks);
  }

  /** True where the time is near the latest output. */
  #isWithin(base: Base, ticks: number): boolean {
    return this.#last !== undefined && Math.abs(this.#on(base, ticks) - this.#last) <= limits.trackSpreadTicks;
  }

  #newBase(state: LaneState, ticks: number): Base {
    const isFirst = this.#last === undefined;
    if (!isFirst) this.rebases++;
    const at = this.#last === undefined ? this.#options.startTicks : this.#last + state.step;
    return { offset: at - ticks, born: at, reference: ticks };
  }

  #admit(lane: Lane, base: Base, wanted: number): number | undefined {
    const state = this.#lanes[lane];
    const joining = state.joining;
    const floor = state.last === undefined ? this.#options.startTicks : state.last + leastStep;
    if (wanted >= floor) {
      state.joining = false;
      return wanted;
    }
    if (joining && lane === 'audio') return undefined;
    state.joining = false;
    if (joining) base.offset += floor - wanted;
    return floor;
  }

  #remember(state: LaneState, dts: number): void {
    const step = dts - (state.last ?? dts);
    if (step > leastStep && step <= limits.jumpBackTicks) state.step = step;
    state.last = dts;
    this.#last = Math.max(this.#last ?? dts, dts);
  }
}

const newLane = (step: number): LaneState => ({ base: undefined, last: undefined, step, epoch: -1, joining: true });

/** True for a step of one time base. Where the source announced a new one, hardly any step is believed. */
const isNear = (step: number, flagged: boolean): boolean =>
  flagged
    ? step > 0 && step <= limits.flaggedForwardTicks
    : step >= -limits.jumpBackTicks && step <= limits.jumpForwardTicks;
