/** Events on their way to the server: repeats of a second fold into one, and a flood is bounded. */
import type { MediaEvent } from './contract/messages.ts';

/** Events that may wait; beyond it the newest are counted, not kept. */
const MOST_EVENTS = 500;

export class EventBuffer {
  readonly #waiting = new Map<string, MediaEvent>();
  #left = 0;

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** The same event of the same endpoint with the same facts, again, is counted in the one that waits. */
  add(event: MediaEvent): void {
    const { flowId, pipeline, endpoint, code, facts } = event;
    const key = JSON.stringify([flowId, pipeline, endpoint, code, facts]);
    const waiting = this.#waiting.get(key);
    if (waiting)
      this.#waiting.set(key, { ...waiting, facts: { ...waiting.facts, times: Number(waiting.facts.times ?? 1) + 1 } });
    else if (this.#waiting.size < MOST_EVENTS) this.#waiting.set(key, event);
    else this.#left++;
  }

  /** What waits; the last of them says how many could not. */
  take(): MediaEvent[] {
    const events = [...this.#waiting.values()];
    const last = events.at(-1);
    if (last && this.#left > 0)
      events[events.length - 1] = { ...last, facts: { ...last.facts, unreported: this.#left } };
    this.#waiting.clear();
    this.#left = 0;
    return events;
  }
}
