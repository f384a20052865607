/** AAC: ADTS frames out of PES bytes, AudioSpecificConfig. Source: ISO 14496-3 1.6.2.1, 1.A.2.2 (ADTS), 4.6.18. */

import { BitReader } from './bits.ts';
import { concat, u16, u24, u8 } from './bytes.ts';
import type { Faults } from './faults.ts';
import { limits, ticksPerSecond } from './limits.ts';

/** What ADTS and AudioSpecificConfig both say. */
export interface AacFormat {
  /** Of the core: 2 for AAC-LC, also under HE-AAC, whose SBR stays implicit. */
  readonly objectType: number;
  readonly frequencyIndex: number;
  readonly sampleRate: number;
  readonly channels: number;
}

const sampleRates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350] as const;

const samplesPerFrame = 1024;
const headerBytes = 7;

/** Receives one raw frame, without ADTS. `data` is on loan. `ticks` is undefined before the first time is known. */
export type AacFrame = (data: Uint8Array, ticks: number | undefined, format: AacFormat) => void;

/** Cuts PES payloads into frames, which may be many to one PES or span two. */
export class AdtsFramer {
  readonly #faults: Faults;
  readonly #onFrame: AacFrame;
  #rest = new Uint8Array(0);
  /** When the next frame begins, in ticks of the source's clock, not rounded. */
  #clock: number | undefined;
  /** False while one header alone is not believed. */
  #locked = false;
  /** The header that `#seek` found. */
  #found: AdtsHeader | undefined;

  constructor(faults: Faults, onFrame: AacFrame) {
    this.#faults = faults;
    this.#onFrame = onFrame;
  }

  /** `ticks` is when the first frame that begins in `data` begins. `intact` is false where bytes are missing. */
  push(data: Uint8Array, ticks: number | undefined, intact: boolean): void {
    if (!intact) this.#locked = false;
    const carried = this.#rest.length;
    const bytes = carried === 0 ? data : concat([this.#rest, data]);
    let stamp = ticks;
    let at = this.#seek(bytes, 0);
    for (let frames = 0; this.#found !== undefined; frames++) {
      if (stamp !== undefined && at >= carried) {
        this.#clock = stamp;
        stamp = undefined;
      }
      if (frames < limits.audioFrames) this.#emit(bytes, at, this.#found);
      else this.#faults['too-many-parts']++;
      at = this.#seek(bytes, at + this.#found.frameBytes);
    }
    if (stamp !== undefined && at >= carried && at < bytes.length) this.#clock = stamp;
    const left = bytes.length - at;
    this.#rest = left <= limits.adtsBytes ? bytes.slice(at) : new Uint8Array(0);
  }

  /**
   * Where the next frame begins, at or after `from`, with its header in `#found`. Without one: where the bytes begin
   * that may become a frame when more come.
   */
  #seek(bytes: Uint8Array, from: number): number {
    this.#found = undefined;
    let at = from;
    while (at + headerBytes <= bytes.length) {
      const header = readAdts(bytes, at);
      const verdict = header === undefined ? 'no' : this.#judge(bytes, at + header.frameBytes);
      if (verdict === 'wait') return at;
      if (verdict === 'yes') {
        this.#found = header;
        this.#locked = true;
        return at;
      }
      if (this.#locked || at === from) this.#faults.adts++;
      this.#locked = false;
      at = nextSync(bytes, at + 1);
    }
    return at;
  }

  /** Believes a header if its frame is whole and, after a loss, another header or the end of the PES follows it. */
  #judge(bytes: Uint8Array, end: number): 'yes' | 'no' | 'wait' {
    if (end > bytes.length) return 'wait';
    if (this.#locked || end === bytes.length) return 'yes';
    if (end + 2 > bytes.length) return 'wait';
    return isSync(bytes, end) ? 'yes' : 'no';
  }

  #emit(bytes: Uint8Array, at: number, { blocks, format, headerBytes: head, frameBytes }: AdtsHeader): void {
    const ticks = this.#clock;
    if (ticks !== undefined) this.#clock = ticks + (blocks * samplesPerFrame * ticksPerSecond) / format.sampleRate;
    if (blocks > 1) this.#faults['adts-blocks']++;
    else if (format.channels === 0)
      this.#faults['parameter-set']++; // Channels told inside the frame: FLV has no place.
    else this.#onFrame(bytes.subarray(at + head, at + frameBytes), ticks, format);
  }
}

interface AdtsHeader {
  readonly format: AacFormat;
  readonly headerBytes: number;
  readonly frameBytes: number;
  readonly blocks: number;
}

const isSync = (data: Uint8Array, at: number): boolean => (u16(data, at) & 0xfff6) === 0xfff0;

const nextSync = (data: Uint8Array, from: number): number => {
  for (let at = data.indexOf(0xff, from); at >= 0; at = data.indexOf(0xff, at + 1)) {
    if (at + 1 >= data.length || isSync(data, at)) return at;
  }
  return data.length;
};

/** The ADTS header at `at`; undefined where none is. */
export const readAdts = (data: Uint8Array, at: number): AdtsHeader | undefined => {
  if (!isSync(data, at)) return undefined;
  const frequencyIndex = (u8(data, at + 2) >> 2) & 15;
  const sampleRate = sampleRates[frequencyIndex];
  const header = (u8(data, at + 1) & 1) === 1 ? headerBytes : headerBytes + 2;
  const frameBytes = (u24(data, at + 3) >> 5) & 0x1fff;
  if (sampleRate === undefined || frameBytes <= header) return undefined;
  const channels = (u16(data, at + 2) >> 6) & 7;
  const format = { objectType: (u8(data, at + 2) >> 6) + 1, frequencyIndex, sampleRate, channels };
  return { format, headerBytes: header, frameBytes, blocks: (u8(data, at + 6) & 3) + 1 };
};

/** The seven ADTS bytes before a raw frame of `rawBytes`. */
export const buildAdts = (format: AacFormat, rawBytes: number): Uint8Array => {
  const length = rawBytes + headerBytes;
  return Uint8Array.of(
    0xff,
    0xf1,
    ((format.objectType - 1) << 6) | (format.frequencyIndex << 2) | (format.channels >> 2),
    ((format.channels & 3) << 6) | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  );
};

/** AudioSpecificConfig of two bytes, ISO 14496-3 1.6.2.1. */
export const buildAudioConfig = ({ objectType, frequencyIndex, channels }: AacFormat): Uint8Array =>
  Uint8Array.of((objectType << 3) | (frequencyIndex >> 1), ((frequencyIndex & 1) << 7) | (channels << 3));

const sbr = 5;
const parametricStereo = 29;

/**
 * The core's format by an AudioSpecificConfig. HE-AAC told explicitly (5, 29) gives its core, as ADTS must.
 * Undefined where ADTS cannot say it: other object types than 1 to 4, other rates than the thirteen, other channels.
 */
export const parseAudioConfig = (config: Uint8Array): AacFormat | undefined => {
  const bits = new BitReader(config);
  let objectType = readObjectType(bits);
  const frequencyIndex = readFrequency(bits);
  const channels = bits.bits(4);
  if (objectType === sbr || objectType === parametricStereo) {
    readFrequency(bits);
    objectType = readObjectType(bits);
  }
  const sampleRate = sampleRates[frequencyIndex];
  if (bits.overrun || sampleRate === undefined || objectType < 1 || objectType > 4) return undefined;
  return channels >= 1 && channels <= 7 ? { objectType, frequencyIndex, sampleRate, channels } : undefined;
};

const readObjectType = (bits: BitReader): number => {
  const type = bits.bits(5);
  return type === 31 ? 32 + bits.bits(6) : type;
};

/** The index of a sampling frequency; 15 where it is told in Hz and is none of the thirteen. */
const readFrequency = (bits: BitReader): number => {
  const index = bits.bits(4);
  if (index !== 15) return index;
  const rate = bits.bits(24);
  const known = sampleRates.findIndex((candidate) => candidate === rate);
  return known < 0 ? 15 : known;
};
