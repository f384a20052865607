/** Seconds of health on their way to the server: kept until it says that it keeps them, ten minutes at most. */
import type { HealthSecond } from './contract/health.ts';

/** A server that was away for longer finds a gap, which is shown as one. */
export const MOST_SECONDS = 600;
/** Seconds in one message. */
const BATCH = 30;

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

  /** Hands the oldest seconds to `send`, one message at a time; what is not confirmed stays and is handed out again. */
  async flush(send: (seconds: readonly HealthSecond[]) => Promise<unknown>): Promise<void> {
    if (this.#sending || this.#waiting.length === 0) return;
    this.#sending = true;
    const batch = this.#waiting.slice(0, BATCH);
    try {
      await send(batch);
      const last = batch.at(-1)?.seq ?? -1;
      this.#waiting = this.#waiting.filter(({ seq }) => seq > last);
    } catch {
      // No server, or one that cannot keep it now: the next flush tries again.
    } finally {
      this.#sending = false;
    }
  }
}
