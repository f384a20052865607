/** What one elementary stream holds: its format, frames and key frames, from PES beginnings and headers of sound only. */

import { u8, u24 } from './bytes.ts';
import { FrameClock } from './frame-clock.ts';
import { limits } from './limits.ts';
import { type NalRole, splitAnnexB } from './nal.ts';
import { SoundFrames } from './sound-frames.ts';
import { clockWrap, readTimestamp } from './ts-packet.ts';
import type { TsTrack } from './ts-program.ts';
import { isNalCodec, nalCodecs } from './video-framer.ts';

/** The format of a track as far as it is known yet. */
export interface TrackFormat {
  readonly width?: number;
  readonly height?: number;
  readonly profile?: string;
  readonly level?: string;
  /** By the stream's own word; measure instead. */
  readonly nominalFrameRate?: number;
  readonly sampleRate?: number;
  readonly channels?: number;
}

/** Counters since the track appeared; they only rise. */
export interface TrackCounters {
  /** Video: PES packets, which are frames with all usual muxers. AAC, MPEG audio, AC-3: frames. Else PES packets. */
  readonly frames: number;
  readonly keyframes: number;
  /** Frames whose time is known, and how long that is in 90 kHz ticks: frames per second are the one over the other. */
  readonly timedFrames: number;
  readonly mediaTicks: number;
}

/** Fed with every payload of the track's PID. Nothing is allocated per packet but for the few at a frame's head. */
export class TrackProbe {
  readonly track: TsTrack;
  format: TrackFormat = {};
  /** The pts of the newest PES; -1 where it has none. */
  pts = -1;
  readonly #isNal: boolean;
  readonly #sound: SoundFrames | undefined;
  readonly #clock = new FrameClock(clockWrap);
  #frames = 0;
  #keyframes = 0;
  readonly #head: Uint8Array;
  /** Bytes of the head; -1 once it was read. */
  #headLength = -1;

  constructor(track: TsTrack) {
    this.track = track;
    this.#isNal = isNalCodec(track.codec.name);
    this.#sound = SoundFrames.of(track.codec.name);
    this.#head = new Uint8Array(this.#isNal ? limits.headBytes : 0);
  }

  get counters(): TrackCounters {
    const { frames: timedFrames, ticks: mediaTicks } = this.#clock;
    return { frames: this.#frames, keyframes: this.#keyframes, timedFrames, mediaTicks };
  }

  /** True while payloads without a PES beginning are of interest: else they may be left away. */
  get isHungry(): boolean {
    return this.#sound !== undefined || this.#headLength >= 0;
  }

  /** Packets of the track were lost. */
  onLoss(): void {
    this.#headLength = -1;
    this.#sound?.reset();
  }

  /** One packet's payload, `data` from `from` to `to`. */
  push(data: Uint8Array, from: number, to: number, unitStart: boolean): void {
    const begin = unitStart ? this.#start(data, from, to) : from;
    if (this.#sound) this.#count(this.#sound, data, begin, to);
    else if (this.#headLength >= 0) this.#collect(data, begin, to);
  }

  /** Reads the PES header; gives where its payload begins. */
  #start(data: Uint8Array, from: number, to: number): number {
    this.#readHead();
    if (u24(data, from) !== 1 || from + 14 > to) return to;
    const flags = u8(data, from + 7) >> 6;
    this.pts = flags >= 2 ? readTimestamp(data, from + 9) : -1;
    if (this.pts >= 0) this.#clock.stamp(flags === 3 ? readTimestamp(data, from + 14) : this.pts);
    if (!this.#sound) this.#add(1);
    const begin = Math.min(to, from + 9 + u8(data, from + 8));
    if (this.#isNal && this.#beginsKeyframe(data.subarray(begin, to))) {
      this.#keyframes++;
      this.#headLength = 0;
    }
    return begin;
  }

  /** Encoders put parameter sets before key frames; the slice itself may lie packets away, behind a long SEI. */
  #beginsKeyframe(payload: Uint8Array): boolean {
    const { name } = this.track.codec;
    if (!isNalCodec(name)) return false;
    const { roleOf } = nalCodecs[name];
    return splitAnnexB(payload).some((nal) => keyRoles.has(roleOf(nal)));
  }

  #add(frames: number): void {
    this.#frames += frames;
    this.#clock.add(frames);
  }

  #count(sound: SoundFrames, data: Uint8Array, from: number, to: number): void {
    const found = sound.push(data, from, to);
    if (found === 0) return;
    this.#add(found);
    this.format = sound.format ?? this.format;
  }

  #collect(data: Uint8Array, from: number, to: number): void {
    const taken = Math.min(to - from, this.#head.length - this.#headLength);
    this.#head.set(data.subarray(from, from + taken), this.#headLength);
    this.#headLength += taken;
    if (this.#headLength === this.#head.length) this.#readHead();
  }

  /** Looks for the SPS. The last NAL unit of a full head may be cut and is not measured. */
  #readHead(): void {
    const { name } = this.track.codec;
    const length = this.#headLength;
    this.#headLength = -1;
    if (length <= 0 || !isNalCodec(name)) return;
    const codec = nalCodecs[name];
    const nals = splitAnnexB(this.#head.subarray(0, length));
    const whole = length === this.#head.length ? nals.slice(0, -1) : nals;
    const sps = whole.find((nal) => codec.roleOf(nal) === 'sps');
    const format = sps && codec.readFormat(sps);
    if (format !== undefined) this.format = format;
  }
}

const keyRoles: ReadonlySet<NalRole> = new Set<NalRole>(['entry', 'open', 'vps', 'sps']);
