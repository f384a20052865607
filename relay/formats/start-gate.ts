/** Decides where an output begins, and where it begins again after a break: at a key frame, sound with it. */

import type { AccessUnit, Entry } from './access-unit.ts';
import { limits } from './limits.ts';
import { clockDistance } from './ts-packet.ts';

/**
 * The pictures shown before the key frame at which an output begins. At another frame than an IDR they may refer to
 * frames that were never sent, so they are left out, up to the first frame decoded after the key frame was shown.
 */
export class LeadingPictures {
  readonly #wrap: number;
  #shownFrom: number | undefined;

  constructor(wrap: number) {
    this.#wrap = wrap;
  }

  /** The output begins at a key frame of this pts; undefined where nothing is to be left out. */
  begin(pts: number | undefined): void {
    this.#shownFrom = pts;
  }

  /** True for a frame after the key frame that is to be left out. */
  include({ pts, dts }: Gated): boolean {
    if (this.#shownFrom === undefined) return false;
    if (clockDistance(this.#shownFrom, dts, this.#wrap) >= 0) this.#shownFrom = undefined;
    return this.#shownFrom !== undefined && clockDistance(this.#shownFrom, pts, this.#wrap) < 0;
  }
}

type Gated = Pick<AccessUnit, 'dts' | 'pts'>;

export class StartGate {
  /** How long audio waits for video before it goes alone; 0 where there is no video track. */
  audioPatienceTicks: number = limits.keyframeWaitTicks;
  readonly #wrap: number;
  #started = false;
  #open = false;
  #videoSince: number | undefined;
  #audioSince: number | undefined;
  readonly #leading: LeadingPictures;

  constructor(wrap: number) {
    this.#wrap = wrap;
    this.#leading = new LeadingPictures(wrap);
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
    if (this.#open) return !this.#leading.include(unit);
    this.#videoSince ??= unit.dts;
    const waited = Math.abs(clockDistance(this.#videoSince, unit.dts, this.#wrap));
    if (unit.entry === 'none' || (unit.entry === 'recovery' && waited < limits.recoveryWaitTicks)) return false;
    this.#open = true;
    this.#started = true;
    this.#leading.begin(unit.entry === 'idr' ? undefined : unit.pts);
    return true;
  }

  admitAudio(unit: Gated): boolean {
    if (this.#started) return true;
    this.#audioSince ??= unit.dts;
    this.#started = Math.abs(clockDistance(this.#audioSince, unit.dts, this.#wrap)) >= this.audioPatienceTicks;
    return this.#started;
  }
}
