/** What the two remuxers share: what they tell, what they count. */

import { type Faults, noFaults } from './faults.ts';

/** Something an operator should read once. */
export type RemuxNotice =
  | {
      /** The other container cannot carry the track, or carries another one of its kind already. The rest flows. */
      readonly kind: 'track-dropped';
      readonly reason: 'unsupported' | 'extra';
      /** As people read it: "AC-3". */
      readonly codec: string;
      /** TS only. */
      readonly pid?: number;
      readonly streamType?: number;
    }
  | {
      /** A stream of several programs: one is carried. */
      readonly kind: 'program-chosen';
      readonly program: number;
      readonly others: readonly number[];
    }
  | {
      /** Video is announced but brings no key frame; audio went ahead alone. */
      readonly kind: 'no-keyframe';
    };

/** Counters since the remuxer was made; they only rise. */
export interface RemuxCounters {
  videoFrames: number;
  audioFrames: number;
  /** Frames left out because no key frame came before them. */
  awaitingKeyframe: number;
  /** Audio left out at the start and where a new time base overlapped the old. */
  overlapping: number;
  /** Damaged frames sent on, or left out where the policy says so. */
  damaged: number;
  /** Frames that were sent after the output's PCR had passed them. */
  late: number;
  /** Changes of the source's clock that were ridden out. */
  rebases: number;
  readonly faults: Faults;
}

export const newCounters = (): RemuxCounters => ({
  videoFrames: 0,
  audioFrames: 0,
  awaitingKeyframe: 0,
  overlapping: 0,
  damaged: 0,
  late: 0,
  rebases: 0,
  faults: noFaults(),
});
