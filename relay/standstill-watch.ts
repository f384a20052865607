/** Tells when a thread that should turn all the time no longer does. */

/** A thread that has not turned for so many looks, one a second, hangs. Looks, not seconds: a halt of all halts both. */
export const MOST_STILL_LOOKS = 5;

export class StandstillWatch {
  #seen = -1;
  #still = 0;

  /** Called once a second with how often the thread has turned. True when it hangs. */
  look(turns: number): boolean {
    this.#still = turns === this.#seen ? this.#still + 1 : 0;
    this.#seen = turns;
    return this.#still >= MOST_STILL_LOOKS;
  }
}
