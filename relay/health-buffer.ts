/** Seconds of health on their way to the server: kept until it says that it keeps them, ten minutes at most. */
import type { HealthSecond } from './contract/health.ts';

/** A server that was away for longer finds a gap, which is shown as one. */
export const MOST_SECONDS = 600;
/** In one message, unless a single second has more: the server checks 250 ends in 2 to 3 ms, and does nothing else meanwhile. */
const MOST_ENDS = 250;
/** In one message, as the contract has it. */
const MOST_SECONDS_A_MESSAGE = 30;

export class HealthBuffer {
  #waiting: HealthSecond[] = [];
  #sending = false;
  /** Seconds that were given up because no server came. */
  lost = 0;

  add(second: HealthSecond): void {
    this.#waiting.push(second);
    if (this.#waiting.length <= MOST_SECONDS) return;
    this.#waiting.shift();
    this.lost++;
  }

  /**
   * Hands the oldest seconds to `send`, one message at a time until none is left; what is not confirmed stays and is handed
   * out again by the next call.
   */
  async flush(send: (seconds: readonly HealthSecond[]) => Promise<unknown>): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#waiting.length > 0) await this.#hand(send);
    } catch {
      // No server, or one that cannot keep it now: the next flush tries again.
    } finally {
      this.#sending = false;
    }
  }

  async #hand(send: (seconds: readonly HealthSecond[]) => Promise<unknown>): Promise<void> {
    const batch = this.#oldest();
    await send(batch);
    const last = batch.at(-1)?.seq ?? -1;
    this.#waiting = this.#waiting.filter(({ seq }) => seq > last);
  }

  #oldest(): readonly HealthSecond[] {
    let ends = 0;
    const most = this.#waiting.slice(0, MOST_SECONDS_A_MESSAGE);
    const full = most.findIndex(({ endpoints }) => {
      ends += endpoints.length;
      return ends > MOST_ENDS;
    });
    return full < 0 ? most : most.slice(0, Math.max(1, full));
  }
}
