/** One frame of one track, free of its container: what a demuxer gives and a muxer takes. */

import type { Faults } from './faults.ts';
import { limits } from './limits.ts';
import { isParameterRole, type NalCodec, type NalRole, type ParameterSets } from './nal.ts';
import { clockDistance } from './ts-packet.ts';

/** A remuxer carries one video and one audio track. */
export type Lane = 'video' | 'audio';

/**
 * Where decoding can begin: at an `idr` with nothing before it; at an `open` GOP (HEVC CRA) without the pictures
 * shown before it; at a `recovery` point (H.264 SEI) the same, but only if nothing better comes.
 */
export type Entry = 'none' | 'idr' | 'open' | 'recovery';

export interface AccessUnit {
  readonly lane: Lane;
  /** 90 kHz, on the source's clock, which wraps and jumps. */
  readonly dts: number;
  readonly pts: number;
  /**
   * Video: NAL units without start codes, without delimiters, filler and parameter sets. Audio: one raw frame.
   * On loan: the memory is reused once the receiver returns.
   */
  readonly parts: readonly Uint8Array[];
  readonly entry: Entry;
  /** Bytes are missing inside. */
  readonly damaged: boolean;
  /** Bytes are missing before, or the frame before is of another stream. */
  readonly broken: boolean;
  /** Counts the time bases that the source itself announced. */
  readonly epoch: number;
}

/** The picture's NAL units and what they allow; `picture` is false where there is no slice. */
export interface SortedNals {
  readonly parts: readonly Uint8Array[];
  readonly entry: Entry;
  readonly picture: boolean;
}

/**
 * Takes parameter sets into `sets`, leaves out delimiters and filler, and keeps the rest in order (SEI too).
 * Without `sets` the parameter sets are left out: those of a damaged frame are not to be believed.
 */
export const sortNals = (
  codec: NalCodec,
  nals: readonly Uint8Array[],
  faults: Faults,
  sets?: ParameterSets,
): SortedNals => {
  const parts: Uint8Array[] = [];
  const seen = new Set<NalRole>();
  for (const nal of nals) {
    const role = codec.roleOf(nal);
    seen.add(role);
    if (isParameterRole(role)) {
      const fault = sets?.take(nal, role);
      if (fault !== undefined) faults[fault]++;
    } else if (role !== 'aud' && role !== 'filler') parts.push(nal);
  }
  const picture = seen.has('slice') || seen.has('entry') || seen.has('open');
  return { parts, entry: entryOf(seen), picture };
};

const entryOf = (seen: ReadonlySet<NalRole>): Entry => {
  if (seen.has('entry')) return 'idr';
  if (seen.has('open')) return 'open';
  return seen.has('recovery') ? 'recovery' : 'none';
};

/** Gives every frame of a track a sane time: makes up for missing ones, mends impossible ones. */
export class FrameClock {
  readonly #wrap: number;
  readonly #faults: Faults;
  #last: number | undefined;
  /** The last distance of two frames, until then 25 fps. */
  #step = 3600;

  constructor(wrap: number, faults: Faults) {
    this.#wrap = wrap;
    this.#faults = faults;
  }

  /** Undefined where no time is known yet. A frame without pts comes one frame after the one before. */
  stamp(pts: number | undefined, dts: number | undefined): { pts: number; dts: number } | undefined {
    const time = dts ?? (this.#last === undefined ? undefined : (this.#last + this.#step) % this.#wrap);
    if (time === undefined) {
      this.#faults['no-timestamp']++;
      return undefined;
    }
    this.#learn(time);
    const composition = clockDistance(time, pts ?? time, this.#wrap);
    if (composition >= 0 && composition <= limits.compositionTicks) return { dts: time, pts: pts ?? time };
    this.#faults.timestamp++;
    return { dts: time, pts: time };
  }

  #learn(dts: number): void {
    if (this.#last !== undefined) {
      const step = clockDistance(this.#last, dts, this.#wrap);
      if (step > 0 && step <= limits.jumpBackTicks) this.#step = step;
    }
    this.#last = dts;
  }
}
