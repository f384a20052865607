/** Finds the packet grid in bytes that may begin anywhere, lose bytes and hold garbage. */

import { concat, u8 } from './bytes.ts';
import type { Faults } from './faults.ts';
import { packetBytes, syncByte } from './ts-packet.ts';

/** Receives whole packets: `data` from `from` to `to`, a multiple of 188 bytes, each with its sync byte. On loan. */
export type PacketRun = (data: Uint8Array, from: number, to: number) => void;

/** Turns pieces of a byte stream into runs of packets. Copies nothing while the pieces hold whole packets. */
export class PacketAligner {
  readonly #faults: Faults;
  readonly #run: PacketRun;
  /** Less than two packets: the end of the last piece. */
  #rest = new Uint8Array(0);

  constructor(faults: Faults, run: PacketRun) {
    this.#faults = faults;
    this.#run = run;
  }

  push(piece: Uint8Array): void {
    const data = this.#withRest(piece);
    let at = 0;
    while (at + packetBytes <= data.length) {
      const end = runEnd(data, at);
      if (end > at) this.#run(data, at, end);
      at = end + packetBytes <= data.length ? this.#skip(data, end) : end;
    }
    this.#rest = at < data.length ? data.slice(at) : this.#rest.subarray(0, 0);
  }

  /** The rest of the last piece is left away where the new piece is a whole datagram that does not continue it. */
  #withRest(piece: Uint8Array): Uint8Array {
    if (this.#rest.length === 0) return piece;
    const continues = u8(piece, packetBytes - (this.#rest.length % packetBytes)) === syncByte;
    if (!continues && u8(piece, 0) === syncByte && piece.length % packetBytes === 0) return piece;
    return concat([this.#rest, piece]);
  }

  /** From a place that lacks a sync byte to the next packet. */
  #skip(data: Uint8Array, at: number): number {
    const next = at + packetBytes;
    if (next >= data.length || u8(data, next) === syncByte) {
      this.#faults['sync-byte']++;
      return next;
    }
    this.#faults['sync-loss']++;
    return findSync(data, at + 1);
  }
}

/** The end of the packets with sync bytes that begin at `at`. */
const runEnd = (data: Uint8Array, at: number): number => {
  let end = at;
  while (end + packetBytes <= data.length && data[end] === syncByte) end += packetBytes;
  return end;
};

/** The first sync byte that has another one packet later, or that is too near the end to tell. */
const findSync = (data: Uint8Array, from: number): number => {
  for (let at = data.indexOf(syncByte, from); at >= 0; at = data.indexOf(syncByte, at + 1)) {
    if (at + packetBytes >= data.length || data[at + packetBytes] === syncByte) return at;
  }
  return data.length;
};
