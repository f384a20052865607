/** PES packets and FLV bodies made video access units, and the parameter sets that they bring kept. */

import { type AccessUnit, FrameClock, sortNals } from './access-unit.ts';
import { type Faults, MediaFault } from './faults.ts';
import { h264 } from './h264.ts';
import { h265 } from './h265.ts';
import { type NalCodec, ParameterSets, splitAnnexB, splitLengths } from './nal.ts';

export const nalCodecs = { h264, h265 } as const;
export type NalCodecName = keyof typeof nalCodecs;

export const isNalCodec = (name: string): name is NalCodecName => name in nalCodecs;

/** One frame as its container gives it. */
export interface RawFrame {
  readonly data: Uint8Array;
  readonly pts: number | undefined;
  readonly dts: number | undefined;
  readonly damaged: boolean;
  readonly broken: boolean;
  readonly epoch: number;
}

/** One video track. `wrap` is the modulus of its clock in ticks. */
export class VideoFramer {
  readonly name: NalCodecName;
  readonly codec: NalCodec;
  readonly sets: ParameterSets;
  readonly #faults: Faults;
  readonly #clock: FrameClock;
  /** An end of sequence that belongs to no frame yet. */
  #ended: readonly Uint8Array[] = [];

  constructor(name: NalCodecName, wrap: number, faults: Faults) {
    this.name = name;
    this.codec = nalCodecs[name];
    this.sets = new ParameterSets(this.codec);
    this.#faults = faults;
    this.#clock = new FrameClock(wrap, faults);
  }

  /** A frame in Annex B. Undefined where it holds no picture, no time, or cannot be read (counted). */
  fromAnnexB(raw: RawFrame): AccessUnit | undefined {
    return this.#frame(raw, () => splitAnnexB(raw.data));
  }

  /** A frame of NAL units with lengths of `lengthSize` bytes. */
  fromLengths(raw: RawFrame, lengthSize: number): AccessUnit | undefined {
    return this.#frame(raw, () => splitLengths(raw.data, lengthSize));
  }

  /** Takes in the sets of a decoder configuration. */
  takeSets(nals: readonly Uint8Array[]): void {
    sortNals(this.codec, nals, this.#faults, this.sets);
  }

  /** Puts an end of sequence that came by itself before the frame that follows it. */
  #withEnd(parts: readonly Uint8Array[]): readonly Uint8Array[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended.length === 0 ? parts : [...ended, ...parts];
  }

  #frame(raw: RawFrame, split: () => Uint8Array[]): AccessUnit | undefined {
    try {
      const sets = raw.damaged ? undefined : this.sets;
      const { parts: found, entry, picture } = sortNals(this.codec, split(), this.#faults, sets);
      const parts = this.#withEnd(found);
      if (!picture)
        this.#ended = parts
          .filter((nal) => this.codec.roleOf(nal) === 'end')
          .slice(0, 1)
          .map((nal) => nal.slice());
      const time = picture ? this.#clock.stamp(raw.pts, raw.dts) : undefined;
      if (time === undefined) return undefined;
      return { lane: 'video', ...time, parts, entry, damaged: raw.damaged, broken: raw.broken, epoch: raw.epoch };
    } catch (error) {
      if (!(error instanceof MediaFault)) throw error;
      this.#faults[error.code]++;
      return undefined;
    }
  }
}
