/**
 * Sample rate and channels of sound that is not AAC, by the header of a frame.
 * Sources: ISO 11172-3 2.4.1.3 and 13818-3 2.4.2.3 (MPEG audio); ETSI TS 102 366 4.3, E.1.2 (AC-3, E-AC-3).
 */

import { BitReader } from './bits.ts';
import { u16, u8 } from './bytes.ts';

export interface SoundFormat {
  readonly sampleRate: number;
  readonly channels: number;
}

/** The format by the frame that begins at `at`, eight bytes of it; undefined where none does or `codec` is another. */
export const readSound = (codec: string, data: Uint8Array, at: number): SoundFormat | undefined => {
  if (codec === 'mp2' || codec === 'mp3') return readMpegAudio(data, at);
  return codec === 'ac3' || codec === 'eac3' ? readAc3(data, at) : undefined;
};

const mpegRates = [44100, 48000, 32000] as const;
const mono = 3;

/** Version 3 is MPEG-1; version 2, MPEG-2, halves its rates; version 0, MPEG-2.5, quarters them. */
const readMpegAudio = (data: Uint8Array, at: number): SoundFormat | undefined => {
  if ((u16(data, at) & 0xffe0) !== 0xffe0) return undefined;
  const version = (u8(data, at + 1) >> 3) & 3;
  const rate = mpegRates[(u8(data, at + 2) >> 2) & 3];
  if (rate === undefined || version === 1) return undefined;
  return { sampleRate: rate / (version === 3 ? 1 : 4 - version), channels: u8(data, at + 3) >> 6 === mono ? 1 : 2 };
};

const ac3Rates = [48000, 44100, 32000] as const;
/** Full-range channels by acmod, table 4.3. */
const ac3Channels = [2, 1, 2, 3, 3, 4, 4, 5] as const;
/** bsid above this is E-AC-3, E.1.3.1.6. */
const lastAc3 = 10;

const readAc3 = (data: Uint8Array, at: number): SoundFormat | undefined => {
  if (u16(data, at) !== 0x0b77) return undefined;
  const isEnhanced = u8(data, at + 5) >> 3 > lastAc3;
  const rate = ac3Rates[u8(data, at + 4) >> 6];
  if (rate === undefined) return undefined;
  return { sampleRate: rate, channels: isEnhanced ? enhancedChannels(u8(data, at + 4)) : plainChannels(data, at) };
};

/** fscod 2, numblkscod 2, acmod 3, lfeon 1. */
const enhancedChannels = (byte: number): number => (ac3Channels[(byte >> 1) & 7] ?? 0) + (byte & 1);

/** acmod 3, then mix levels where the mode has them, then lfeon. */
const plainChannels = (data: Uint8Array, at: number): number => {
  const bits = new BitReader(data.subarray(at + 6, at + 8));
  const acmod = bits.bits(3);
  if ((acmod & 1) !== 0 && acmod !== 1) bits.skip(2); // cmixlev
  if ((acmod & 4) !== 0) bits.skip(2); // surmixlev
  if (acmod === 2) bits.skip(2); // dsurmod
  return (ac3Channels[acmod] ?? 0) + bits.bit();
};
