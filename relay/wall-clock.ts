/** Epoch time for what was measured on the monotonic clock. */

/** Slewing clocks and rounding move the offset by less than this; a real jump moves it by more. */
const JUMP_MS = 100;

/**
 * Turns monotonic ms into epoch ms. The offset between the clocks is kept until the wall clock really jumps,
 * so that a moment reported twice is the same moment twice, and no duration ever bends.
 */
export class WallClock {
  #offset = Number.NEGATIVE_INFINITY;

  /** Called with both clocks, read together. */
  set(now: number, wall: number): void {
    if (Math.abs(wall - now - this.#offset) > JUMP_MS) this.#offset = wall - now;
  }

  toEpoch(at: number): number {
    return Math.round(at + this.#offset);
  }
}

/** From `epoch` (ms) to the next full second: 1 to 1000 ms. */
export const msToNextSecond = (epoch: number): number => 1000 - (Math.floor(epoch) % 1000);
