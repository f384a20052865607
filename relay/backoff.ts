/** When to try again: a wait that grows with the time an endpoint has been down. */

/** The first wait, after a fault that cost no time. */
export const FIRST_WAIT_MS = 250;
/** The longest wait, reached after some 17 minutes. */
export const LONGEST_WAIT_MS = 30_000;
/** An endpoint that has worked for this long starts from the first wait again. */
export const STABLE_MS = 30_000;
/** Of the outage so far: after a minute away a destination is found again within 2.2 s. */
const SHARE = 0.03;
/** ± a fifth, so that many endpoints that fell together do not call together. */
const JITTER = 0.2;

/**
 * Keeps one endpoint's place in its retries. Times are ms of one monotonic clock.
 * Without pause or attempt counting: the wait is geometric in the time since the outage began.
 */
export class Backoff {
  #downSince: number | undefined;
  #upSince: number | undefined;
  readonly #random: () => number;

  /** `random` gives 0…1, as Math.random does. */
  constructor(random: () => number) {
    this.#random = random;
  }

  up(now: number): void {
    this.#upSince = now;
  }

  /** The wait in ms before the next try. An outage goes on until the endpoint was up for STABLE_MS. */
  down(now: number): number {
    const stable = this.#upSince !== undefined && now - this.#upSince >= STABLE_MS;
    if (stable || this.#downSince === undefined) this.#downSince = now;
    this.#upSince = undefined;
    const wait = Math.min(Math.max((now - this.#downSince) * SHARE, FIRST_WAIT_MS), LONGEST_WAIT_MS);
    return wait * (1 - JITTER + 2 * JITTER * this.#random());
  }
}
