/** What one elementary stream holds: its format, frames and key frames, from PES beginnings and ADTS headers only. */

import { type AacFormat, readAdts } from './aac.ts';
import { u8, u24 } from './bytes.ts';
import { limits } from './limits.ts';
import { type NalRole, splitAnnexB } from './nal.ts';
import { readSound } from './sound.ts';
import { clockDistance, clockWrap, readTimestamp } from './ts-packet.ts';
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
  /** Video: PES packets, which are frames with all usual muxers. AAC: frames. Else PES packets. */
  readonly frames: number;
  readonly keyframes: number;
  /** How far the track's dts went forward, in 90 kHz ticks, jumps left out: frames per second = frames / this. */
  readonly mediaTicks: number;
}

/** Fed with every payload of the track's PID. Nothing is allocated per packet but for the few at a frame's head. */
export class TrackProbe {
  readonly track: TsTrack;
  format: TrackFormat = {};
  readonly counters = { frames: 0, keyframes: 0, mediaTicks: 0 };
  /** The pts of the newest PES; -1 where it has none. */
  pts = -1;
  readonly #kind: 'nal' | 'adts' | 'other';
  #dts = -1;
  readonly #head: Uint8Array;
  /** Bytes of the head; -1 once it was read. */
  #headLength = -1;
  readonly #adts = new AdtsCounter();

  constructor(track: TsTrack) {
    this.track = track;
    this.#kind = kindOf(track.codec.name);
    this.#head = new Uint8Array(this.#kind === 'nal' ? limits.headBytes : 0);
  }

  /** True while payloads without a PES beginning are of interest: else they may be left away. */
  get isHungry(): boolean {
    return this.#kind === 'adts' || this.#headLength >= 0;
  }

  /** Packets of the track were lost. */
  onLoss(): void {
    this.#headLength = -1;
    this.#adts.reset();
  }

  /** One packet's payload, `data` from `from` to `to`. */
  push(data: Uint8Array, from: number, to: number, unitStart: boolean): void {
    const begin = unitStart ? this.#start(data, from, to) : from;
    if (this.#kind === 'adts') this.#count(data, begin, to);
    else if (this.#headLength >= 0) this.#collect(data, begin, to);
  }

  /** Reads the PES header; gives where its payload begins. */
  #start(data: Uint8Array, from: number, to: number): number {
    this.#readHead();
    if (u24(data, from) !== 1 || from + 14 > to) return to;
    const flags = u8(data, from + 7) >> 6;
    this.pts = flags >= 2 ? readTimestamp(data, from + 9) : -1;
    if (this.pts >= 0) this.#advance(flags === 3 ? readTimestamp(data, from + 14) : this.pts);
    if (this.#kind !== 'adts') this.counters.frames++;
    const begin = Math.min(to, from + 9 + u8(data, from + 8));
    if (this.#kind === 'nal' && this.#beginsKeyframe(data.subarray(begin, to))) {
      this.counters.keyframes++;
      this.#headLength = 0;
    }
    if (this.#kind === 'other' && begin + 8 <= to)
      this.format = readSound(this.track.codec.name, data, begin) ?? this.format;
    return begin;
  }

  /** Encoders put parameter sets before key frames; the slice itself may lie packets away, behind a long SEI. */
  #beginsKeyframe(payload: Uint8Array): boolean {
    const { name } = this.track.codec;
    if (!isNalCodec(name)) return false;
    const { roleOf } = nalCodecs[name];
    return splitAnnexB(payload).some((nal) => keyRoles.has(roleOf(nal)));
  }

  #advance(dts: number): void {
    const step = this.#dts < 0 ? 0 : clockDistance(this.#dts, dts, clockWrap);
    if (step > 0 && step <= limits.jumpForwardTicks) this.counters.mediaTicks += step;
    this.#dts = dts;
  }

  #count(data: Uint8Array, from: number, to: number): void {
    const found = this.#adts.push(data, from, to);
    this.counters.frames += found;
    if (found === 0) return;
    const format = readAdts(this.#adts.header, 0)?.format;
    if (format !== undefined) this.format = soundFormat(format);
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

const kindOf = (codec: string): 'nal' | 'adts' | 'other' => {
  if (isNalCodec(codec)) return 'nal';
  return codec === 'aac' ? 'adts' : 'other';
};

const aacProfiles = ['Main', 'LC', 'SSR', 'LTP'] as const;

/** The core's: HE-AAC that keeps its SBR implicit reads as LC at half its rate. */
export const soundFormat = ({ objectType, sampleRate, channels }: AacFormat): TrackFormat => ({
  sampleRate,
  channels,
  profile: aacProfiles[objectType - 1] ?? `type ${objectType}`,
});

const keyRoles: ReadonlySet<NalRole> = new Set<NalRole>(['entry', 'open', 'vps', 'sps']);

const headerBytes = 7;

/** Counts ADTS frames by hopping from header to header. */
class AdtsCounter {
  /** The last header that was read. */
  readonly header = new Uint8Array(headerBytes);
  readonly #next = new Uint8Array(headerBytes);
  #have = 0;
  #skip = 0;

  reset(): void {
    this.#have = 0;
    this.#skip = 0;
  }

  /** Gives how many frames begin in these bytes. */
  push(data: Uint8Array, from: number, to: number): number {
    let found = 0;
    for (let at = from; at < to; ) {
      if (this.#skip > 0) {
        const hop = Math.min(this.#skip, to - at);
        this.#skip -= hop;
        at += hop;
        continue;
      }
      this.#next[this.#have++] = u8(data, at++);
      if (this.#have === headerBytes) found += this.#read();
    }
    return found;
  }

  #read(): number {
    const frame = readAdts(this.#next, 0);
    if (frame === undefined) {
      this.#next.copyWithin(0, 1);
      this.#have = headerBytes - 1;
      return 0;
    }
    this.header.set(this.#next);
    this.#have = 0;
    this.#skip = frame.frameBytes - headerBytes;
    return 1;
  }
}
