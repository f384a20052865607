/** PES packets put together from TS payloads, their header read. Source: ISO 13818-1 2.4.3.6, 2.4.3.7. */

import { u16, u24, u8 } from './bytes.ts';
import type { Faults } from './faults.ts';
import { limits } from './limits.ts';
import { readTimestamp } from './ts-packet.ts';
import type { TsTrack } from './ts-program.ts';

/** One PES packet's payload and time. `data` is on loan: it is reused once the receiver returns. */
export interface Pes {
  readonly track: TsTrack;
  /** 90 kHz, 33 bits, as sent; undefined where the header has none. */
  readonly pts: number | undefined;
  /** Equal to pts where the header has only that. */
  readonly dts: number | undefined;
  readonly data: Uint8Array;
  /** Packets were lost inside, or the end is missing. */
  readonly damaged: boolean;
  /** Packets of this track were lost since the PES before, or the PES before is of another stream. */
  readonly broken: boolean;
  /** Counts the time bases that the stream itself announced. */
  readonly epoch: number;
}

/** Slices of input are staged here, before the PES bytes in the same memory, so that appending allocates nothing. */
export const stageBytes = 188 * 64;
/** Room for most frames; it grows to the largest one. */
const firstCapacity = 64 << 10;
/** A video PES this long may be one of several that share a frame, for the length field ends at 65535. */
const nearlyFull = 65_000;

/** Assembles the PES packets of one track. Hand over bytes with `stage`, then `start` and `append` parts of them. */
export class PesAssembler {
  readonly track: TsTrack;
  /** When the last payload came, in ms of the caller's clock. */
  touchedMs = 0;
  /** True when the last packet was padded, as muxers do at the end of a PES. */
  stuffed = false;
  /** Continuity counter of the last packet with payload; -1 before the first. */
  counter = -1;
  /** True after the last packet was a repetition: the next one of the same counter is a loss. */
  repeated = false;

  readonly #faults: Faults;
  readonly #onPes: (pes: Pes) => void;
  #buffer = new Uint8Array(stageBytes + firstCapacity);
  #end = 0;
  #open = false;
  #declared = 0;
  #damaged = false;
  #broken = true;
  #lost = true;
  #epoch = 0;
  #stagedId = -1;

  constructor(track: TsTrack, faults: Faults, onPes: (pes: Pes) => void) {
    this.track = track;
    this.#faults = faults;
    this.#onPes = onPes;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Copies the slice that the next calls point into, once for each id; at most `stageBytes`. */
  stage(slice: Uint8Array, sliceId: number): void {
    if (this.#stagedId === sliceId) return;
    this.#stagedId = sliceId;
    this.#buffer.set(slice, 0);
  }

  /** Packets were lost before the one that comes next. */
  markLoss(): void {
    this.#damaged = true;
    this.#lost = true;
  }

  /** A payload that begins a PES; the staged bytes from `from` to `to`. The PES at hand ends, unless it goes on. */
  start(from: number, to: number, epoch: number): void {
    if (this.#open && this.#goesOn(from, to)) return this.append(from + 9 + u8(this.#buffer, from + 8), to);
    this.finish();
    this.#open = true;
    this.#end = stageBytes;
    this.#declared = 0;
    this.#damaged = false;
    this.#broken = this.#lost;
    this.#lost = false;
    this.#epoch = epoch;
    this.append(from, to);
  }

  append(from: number, to: number): void {
    if (!this.#open) {
      this.#faults.orphan++;
      return;
    }
    if (!this.#reserve(to - from)) return;
    this.#buffer.copyWithin(this.#end, from, to);
    this.#end += to - from;
    if (this.#declared === 0 && this.#length >= 6) this.#declared = declaredLength(this.#buffer);
    if (this.#declared > 0 && this.#declared < this.#patience && this.#length >= this.#declared) this.finish();
  }

  /** Ends the PES at hand and hands it on. Without one it does nothing. */
  finish(): void {
    if (!this.#open) return;
    this.#open = false;
    const pes = this.#read();
    if (pes === undefined) {
      this.#faults['pes-header']++;
      return;
    }
    this.#onPes(pes);
  }

  get #length(): number {
    return this.#end - stageBytes;
  }

  /** Up to which length a PES is taken as a whole frame at once. */
  get #patience(): number {
    return this.track.codec.kind === 'video' ? nearlyFull : Number.POSITIVE_INFINITY;
  }

  /** A video PES without time that does not begin with a start code continues the frame before it. */
  #goesOn(from: number, to: number): boolean {
    if (this.track.codec.kind !== 'video' || from + 9 > to || u24(this.#buffer, from) !== 1) return false;
    const payload = from + 9 + u8(this.#buffer, from + 8);
    if ((u8(this.#buffer, from + 7) & 0x80) !== 0 || payload + 4 > to) return false;
    return u24(this.#buffer, payload) > 1;
  }

  #reserve(bytes: number): boolean {
    const needed = this.#end + bytes;
    if (needed - stageBytes > limits.pesBytes) {
      this.#faults['pes-too-long']++;
      this.#open = false;
      this.#lost = true;
      return false;
    }
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(needed * 2, stageBytes + limits.pesBytes));
      grown.set(this.#buffer);
      this.#buffer = grown;
    }
    return true;
  }

  #read(): Pes | undefined {
    const data = this.#buffer;
    const header = stageBytes;
    if (this.#length < 9 || u24(data, header) !== 1 || (u8(data, header + 6) & 0xc0) !== 0x80) return undefined;
    const payload = header + 9 + u8(data, header + 8);
    if (payload > this.#end) return undefined;
    const flags = u8(data, header + 7) >> 6;
    const room = payload - (header + 9);
    const pts = flags >= 2 && room >= 5 ? readTimestamp(data, header + 9) : undefined;
    const dts = flags === 3 && room >= 10 ? readTimestamp(data, header + 14) : pts;
    return { track: this.track, pts, dts, epoch: this.#epoch, broken: this.#broken, ...this.#payload(payload) };
  }

  /** The payload, cut or found short by the length that the header told. */
  #payload(from: number): Pick<Pes, 'data' | 'damaged'> {
    const short = this.#declared > this.#length;
    if (short) this.#faults['pes-truncated']++;
    const split = this.track.codec.kind === 'video' && this.#declared >= nearlyFull;
    const end = this.#declared > 0 && !short && !split ? stageBytes + this.#declared : this.#end;
    return { data: this.#buffer.subarray(from, Math.max(from, end)), damaged: this.#damaged || short };
  }
}

/** The whole length of the PES after the stage, header included; 0 where it tells none (legal for video only). */
const declaredLength = (buffer: Uint8Array): number => {
  const length = u16(buffer, stageBytes + 4);
  return length === 0 ? 0 : 6 + length;
};
