/** What waits for one webhook: sent one after the other, each until it is taken. A dead receiver holds up nobody else. */
import type { Delivery, DeliveryEnd } from '../db/alarm-model.ts';
import type { Sent } from './webhook-sender.ts';

/** Waits between attempts: doubled each time, give or take a fifth. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 300_000;
const JITTER = 0.2;
/** A message that nobody took for so long is given up, so that the next ones have their turn. */
const EXPIRE_MS = 86_400_000;
/** More than this, and the oldest that is not on its way is dropped. */
export const MOST_WAITING = 1000;

export interface QueueDeps {
  /** One attempt; never rejects. */
  readonly send: (message: Delivery) => Promise<Sent>;
  /** Keeps what has become of a message; never rejects. */
  readonly save: (message: Delivery) => Promise<void>;
  /** Epoch ms. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** How long to wait after so many attempts that failed, in ms. `chance` is from 0 to 1. */
export function waitAfter(attempts: number, chance: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_WAIT_MS);
  return Math.round(wait * (1 - JITTER + 2 * JITTER * chance));
}

export class WebhookQueue {
  readonly #deps: QueueDeps;
  #waiting: Delivery[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending = false;
  #closed = false;
  delivered = 0;
  failedAttempts = 0;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(message: Delivery): void {
    this.#waiting.push(message);
    if (this.#waiting.length > MOST_WAITING) this.#end(this.#waiting.splice(this.#sending ? 1 : 0, 1), 'dropped');
    this.#next();
  }

  /** Does not wait for the next attempt: something may have changed. */
  retryNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next();
  }

  /** Gives up everything that waits. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#end(this.#waiting, 'cancelled');
    this.#waiting = [];
  }

  /** Sends nothing more; what waits is kept, and sent by the next server. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #next(): void {
    const [message] = this.#waiting;
    if (!message || this.#sending || this.#closed || this.#timer) return;
    this.#sending = true;
    void this.#attempt(message);
  }

  async #attempt(message: Delivery): Promise<void> {
    const { ok, answer } = await this.#deps.send(message);
    this.#sending = false;
    if (this.#closed && !ok) return;
    const at = this.#deps.now();
    const tried = { ...message, attempts: message.attempts + 1, lastAt: at, lastAnswer: answer };
    if (ok) this.delivered++;
    else this.failedAttempts++;
    // It was cancelled while it was on its way.
    if (this.#waiting[0]?.id !== message.id) return this.#next();
    const end = ok ? 'delivered' : at - message.createdAt > EXPIRE_MS ? 'expired' : undefined;
    if (end) {
      this.#waiting.shift();
      this.#end([tried], end);
      return this.#next();
    }
    this.#waiting[0] = tried;
    void this.#deps.save(tried);
    this.#timer = setTimeout(() => this.retryNow(), waitAfter(tried.attempts, this.#deps.random()));
    // A server that is asked to leave does not wait for a receiver.
    this.#timer.unref();
  }

  #end(messages: readonly Delivery[], end: DeliveryEnd): void {
    for (const message of messages) void this.#deps.save({ ...message, endedAt: this.#deps.now(), end });
  }
}
