/** Bits of a parameter set, most significant first. A read past the end gives zeros and sets `overrun`. */

import { u8 } from './bytes.ts';

export class BitReader {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  /** True once more bits were asked for than there are: what was read is then not to be trusted. */
  get overrun(): boolean {
    return this.#at > this.#data.length * 8;
  }

  bit(): number {
    const value = (u8(this.#data, this.#at >> 3) >> (7 - (this.#at & 7))) & 1;
    this.#at++;
    return value;
  }

  /** An unsigned number of `count` bits, 0 to 32. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** ue(v), ISO 14496-10 9.1. More than 32 leading zeros is an overrun, not a number. */
  ue(): number {
    let zeros = 0;
    while (zeros <= 32 && this.bit() === 0) zeros++;
    if (zeros > 32) {
      this.#at = this.#data.length * 8 + 1;
      return 0;
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v), ISO 14496-10 9.1.1. */
  se(): number {
    const value = this.ue();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }
}
