/** Events on their way to the server: kept in their order until it says that it keeps them, bounded in number and bytes. */
import type { RelayEvent } from './contract/messages.ts';
import { EventFolds, type Line } from './event-folds.ts';
import type { RelayHappening } from './happening.ts';

/** Far more than ten minutes of a sick relay make, and 3 MB at the most. */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 3_000_000;
/** Events in one message. */
const BATCH = 200;

export class EventBuffer {
  readonly #folds = new EventFolds();
  readonly #most: number;
  /** Each with its length as JSON. */
  #waiting: { readonly event: RelayEvent; readonly bytes: number }[] = [];
  #bytes = 0;
  #seq = 0;
  /** How many of `waiting`, the first ones, are under way. */
  #sending = 0;
  /** Of each flow: the last one that was given up, and how many there were. */
  readonly #lost = new Map<string, RelayEvent>();

  constructor(most = MOST_EVENTS) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Times are epoch ms. */
  add(happening: RelayHappening, at: number): void {
    const line = this.#folds.add(happening, at);
    if (line) this.#push(line);
  }

  /** Called about once a second: repeats become lines. */
  second(at: number): void {
    for (const line of this.#folds.close(at)) this.#push(line);
  }

  /** Hands the oldest events to `send`, one message at a time; what is not confirmed stays and is handed out again. */
  async flush(send: (events: readonly RelayEvent[]) => Promise<unknown>): Promise<void> {
    if (this.#sending > 0 || this.isEmpty) return;
    const batch = this.#waiting.slice(0, BATCH);
    this.#sending = batch.length;
    try {
      await send(batch.map(({ event }) => event));
      this.#waiting.splice(0, batch.length);
      this.#bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
      this.#tellLost();
    } catch {
      // No server, or one that cannot keep them now: the next flush tries again.
    } finally {
      this.#sending = 0;
    }
  }

  #push({ peer, ...line }: Line): void {
    const event = { seq: this.#seq++, ...line, ...(peer && { peer }) };
    const bytes = JSON.stringify(event).length;
    this.#waiting.push({ event, bytes });
    this.#bytes += bytes;
    if (this.#waiting.length > this.#most || this.#bytes > MOST_BYTES) this.#giveUpOldest();
  }

  /** Never what is under way: it may be kept already. */
  #giveUpOldest(): void {
    const [given] = this.#waiting.splice(this.#sending, 1);
    if (!given) return;
    this.#bytes -= given.bytes;
    const { event } = given;
    const earlier = this.#lost.get(event.flowId)?.count ?? 0;
    this.#lost.set(event.flowId, { ...event, count: event.count + earlier });
  }

  /** Once a server listens again: how many are missing, at the place of the last of them. */
  #tellLost(): void {
    for (const { seq: _seq, peer: _peer, ...event } of this.#lost.values())
      this.#push({ ...event, code: 'events-lost', facts: {} });
    this.#lost.clear();
  }
}
