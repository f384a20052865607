/** Decides where an output begins, and where it begins again after a break: at a key frame, sound with it. */

import type { AccessUnit, Entry } from './access-unit.ts';
import { limits } from './limits.ts';
import { clockDistance } from './ts-packet.ts';

type Gated = Pick<AccessUnit, 'dts' | 'pts'>;

export class StartGate {
  /** How long audio waits for video before it goes alone; 0 where there is no video track. */
  audioPatienceTicks: number = limits.keyframeWaitTicks;
  readonly #wrap: number;
  #started = false;
  #open = false;
  #videoSince: number | undefined;
  #audioSince: number | undefined;
  /** After a start at another frame than an IDR: pictures shown before it cannot be decoded. */
  #shownFrom: number | undefined;

  constructor(wrap: number) {
    this.#wrap = wrap;
  }

  /** True while video passes. */
  get open(): boolean {
    return this.#open;
  }

  /** Video must begin again at a key frame. Audio goes on. */
  closeVideo(): void {
    this.#open = false;
    this.#videoSince = undefined;
  }

  /** Both begin again at a key frame: the output gets another source. */
  close(): void {
    this.closeVideo();
    this.#started = false;
    this.#audioSince = undefined;
  }

  admitVideo(unit: Gated & { readonly entry: Entry }): boolean {
    if (this.#open) return this.#isShown(unit);
    this.#videoSince ??= unit.dts;
    const waited = Math.abs(clockDistance(this.#videoSince, unit.dts, this.#wrap));
    if (unit.entry === 'none' || (unit.entry === 'recovery' && waited < limits.recoveryWaitTicks)) return false;
    this.#open = true;
    this.#started = true;
    this.#shownFrom = unit.entry === 'idr' ? undefined : unit.pts;
    return true;
  }

  admitAudio(unit: Gated): boolean {
    if (this.#started) return true;
    this.#audioSince ??= unit.dts;
    this.#started = Math.abs(clockDistance(this.#audioSince, unit.dts, this.#wrap)) >= this.audioPatienceTicks;
    return this.#started;
  }

  /** The next entry frame ends the leading pictures of the one at which the output began. */
  #isShown(unit: Gated & { readonly entry: Entry }): boolean {
    if (unit.entry !== 'none') this.#shownFrom = undefined;
    return this.#shownFrom === undefined || clockDistance(this.#shownFrom, unit.pts, this.#wrap) >= 0;
  }
}
