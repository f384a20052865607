/** Frames of a track beside the time that they fill by the track's own stamps: what a frame rate is made of. */
import { limits } from './limits.ts';
import { clockDistance } from './ts-packet.ts';

/**
 * A frame's time is known when the next stamp comes, so frames are counted together with the time that they fill: sixteen
 * frames of sound behind one stamp, and the first frame of all, make no rate that never was.
 */
export class FrameClock {
  /** Of the frames that `ticks` are of. Both only rise. */
  frames = 0;
  /** In 90 kHz ticks; jumps to another time base are left out, with their frames. */
  ticks = 0;
  readonly #wrap: number;
  #last = -1;
  #waiting = 0;

  /** `wrap` is the number of ticks after which stamps begin anew. */
  constructor(wrap: number) {
    this.#wrap = wrap;
  }

  /** Frames that follow the last stamp. */
  add(count: number): void {
    this.#waiting += count;
  }

  /** The decode time of the next frame that is added. */
  stamp(dts: number): void {
    const step = this.#last < 0 ? 0 : clockDistance(this.#last, dts, this.#wrap);
    if (step > 0 && step <= limits.jumpForwardTicks) {
      this.ticks += step;
      this.frames += this.#waiting;
    }
    this.#waiting = 0;
    this.#last = dts;
  }
}
