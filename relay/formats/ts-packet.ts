/** One MPEG-TS packet: header, adaptation field, clock references. Source: ISO 13818-1 2.4.3.2 to 2.4.3.5. */

import { put16, put32, u8, u16, u32 } from './bytes.ts';

export const packetBytes = 188;
export const syncByte = 0x47;
export const pidCount = 0x2000;
export const nullPid = 0x1fff;

/** pts, dts and the base of PCR are counted modulo 2^33 (26.5 h at 90 kHz). */
export const clockWrap = 2 ** 33;
/** PCR ticks (27 MHz) in one tick of pts and dts. */
export const pcrPerTick = 300;

/** The functions below take the packet's offset `at`; the packet must lie wholly in `data`. */
export const pidOf = (data: Uint8Array, at: number): number => u16(data, at + 1) & 0x1fff;
export const hasTransportError = (data: Uint8Array, at: number): boolean => (u8(data, at + 1) & 0x80) !== 0;
export const startsUnit = (data: Uint8Array, at: number): boolean => (u8(data, at + 1) & 0x40) !== 0;
export const isScrambled = (data: Uint8Array, at: number): boolean => (u8(data, at + 3) & 0xc0) !== 0;
export const hasAdaptation = (data: Uint8Array, at: number): boolean => (u8(data, at + 3) & 0x20) !== 0;
export const hasPayload = (data: Uint8Array, at: number): boolean => (u8(data, at + 3) & 0x10) !== 0;
export const counterOf = (data: Uint8Array, at: number): number => u8(data, at + 3) & 0x0f;

/** True for most packets: sound payload inside a unit, no adaptation field, not scrambled. */
export const continuesUnit = (data: Uint8Array, at: number): boolean =>
  (u8(data, at + 1) & 0xc0) === 0 && (u8(data, at + 3) & 0xf0) === 0x10;

/** Where the payload begins; `at + 188` where there is none, and more where the adaptation field leaves the packet. */
export const payloadStart = (data: Uint8Array, at: number): number => {
  if (!hasPayload(data, at)) return at + packetBytes;
  return hasAdaptation(data, at) ? at + 5 + u8(data, at + 4) : at + 4;
};

const adaptationFlags = (data: Uint8Array, at: number): number =>
  hasAdaptation(data, at) && u8(data, at + 4) > 0 ? u8(data, at + 5) : 0;

export const hasDiscontinuity = (data: Uint8Array, at: number): boolean => (adaptationFlags(data, at) & 0x80) !== 0;
export const hasRandomAccess = (data: Uint8Array, at: number): boolean => (adaptationFlags(data, at) & 0x40) !== 0;

/** True where the adaptation field holds stuffing beyond its own fields: muxers pad the last packet of a PES so. */
export const isStuffed = (data: Uint8Array, at: number): boolean => {
  if (!hasAdaptation(data, at)) return false;
  const length = u8(data, at + 4);
  return length === 0 || length > ((adaptationFlags(data, at) & 0x10) !== 0 ? 7 : 1);
};

/** PCR in 27 MHz ticks (42 bits), or -1 where the packet has none. */
export const readPcr = (data: Uint8Array, at: number): number =>
  (adaptationFlags(data, at) & 0x10) !== 0 && u8(data, at + 4) >= 7 ? pcrField(data, at + 6) : -1;

const pcrField = (data: Uint8Array, at: number): number =>
  (u32(data, at) * 2 + (u8(data, at + 4) >> 7)) * pcrPerTick + (((u8(data, at + 4) & 1) << 8) | u8(data, at + 5));

/** Writes the six bytes of a PCR; `pcr` in 27 MHz ticks, any size, wrapped here. */
export const writePcrField = (data: Uint8Array, at: number, pcr: number): void => {
  const base = Math.floor(pcr / pcrPerTick) % clockWrap;
  const extension = pcr % pcrPerTick;
  put32(data, at, Math.floor(base / 2));
  data[at + 4] = ((base % 2) << 7) | 0x7e | (extension >> 8);
  data[at + 5] = extension;
};

/** The 33-bit timestamp of five PES header bytes, ISO 13818-1 2.4.3.7. Marker bits are not judged. */
export const readTimestamp = (data: Uint8Array, at: number): number =>
  ((u8(data, at) >> 1) & 7) * 2 ** 30 + (u16(data, at + 1) >> 1) * 2 ** 15 + (u16(data, at + 3) >> 1);

/** Writes five bytes; `prefix` is 2 for a lone pts, 3 for a pts before a dts, 1 for a dts. `ticks` is wrapped here. */
export const writeTimestamp = (data: Uint8Array, at: number, prefix: number, ticks: number): void => {
  const value = ((ticks % clockWrap) + clockWrap) % clockWrap;
  data[at] = (prefix << 4) | (Math.floor(value / 2 ** 30) << 1) | 1;
  put16(data, at + 1, ((Math.floor(value / 2 ** 15) & 0x7fff) << 1) | 1);
  put16(data, at + 3, ((value % 2 ** 15) << 1) | 1);
};

/** What a continuity counter says of its packet. */
export type Continuity = 'next' | 'duplicate' | 'gap';

/**
 * Compares the counter of a packet that has payload with the last one of its PID (-1: none yet).
 * Source: ISO 13818-1 2.4.3.3: it counts packets with payload only, and each packet may be sent twice.
 */
export const continuityOf = (last: number, counter: number): Continuity => {
  if (last < 0 || counter === ((last + 1) & 15)) return 'next';
  return counter === last ? 'duplicate' : 'gap';
};

/** The nearest distance from `from` to `to` on a clock that wraps: in (-wrap/2, wrap/2]. */
export const clockDistance = (from: number, to: number, wrap: number): number => {
  const distance = (to - from) % wrap;
  if (distance > wrap / 2) return distance - wrap;
  return distance <= -wrap / 2 ? distance + wrap : distance;
};
