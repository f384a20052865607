/** Small changes to transport streams: what networks, muxers and restarts do to them. */

import { crc32 } from '../../../relay/formats/ts-psi.ts';

/** The packets of a stream, as views. */
export const packetsOf = (ts: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.floor(ts.length / 188) }, (_, i) => ts.subarray(i * 188, (i + 1) * 188));

export const joined = (packets: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(packets));

export const pidOf = (packet: Uint8Array): number => (((packet[1] ?? 0) & 31) << 8) | (packet[2] ?? 0);

export const begins = (packet: Uint8Array): boolean => ((packet[1] ?? 0) & 0x40) !== 0;

/** Where a packet's payload begins. */
export const payloadOf = (packet: Uint8Array): number => (((packet[3] ?? 0) & 0x20) !== 0 ? 5 + (packet[4] ?? 0) : 4);

/** ffmpeg's first PIDs. */
export const videoPid = 0x100;
export const audioPid = 0x101;

/** A copy of each packet, changed where `change` says so. */
export const edited = (ts: Uint8Array, change: (packet: Uint8Array, index: number) => void): Uint8Array => {
  const copy = ts.slice();
  for (const [i, packet] of packetsOf(copy).entries()) change(packet, i);
  return copy;
};

/** Makes the CRC of a one-packet section right again. */
export const sealSection = (packet: Uint8Array): void => {
  const end = 5 + 3 + (((packet[6] ?? 0) & 15) << 8) + (packet[7] ?? 0);
  new DataView(packet.buffer, packet.byteOffset).setUint32(end - 4, crc32(packet, 5, end - 4));
};

/** A stream of random numbers that is the same each time: 0 to 1. Source: mulberry32. */
export const randomNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
