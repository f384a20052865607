/**
 * Spreads what arrives in batches over the time it stands for, so that a receiver behind a small buffer loses nothing.
 * Times are arguments, in µs of one monotonic clock; nothing here waits or sends.
 */

export interface Paced<T> {
  readonly dueUs: number;
  readonly item: T;
}

/** A batch this small is no burst: it goes out at once. */
const smallBatch = 4;

export class Pacer<T> {
  readonly #spreadUs: number;
  #waiting: Paced<T>[] = [];
  #batchAtUs: number | undefined;
  #lastDueUs = Number.NEGATIVE_INFINITY;

  /** `spreadMs` bounds the time a batch is spread over, and so what pacing adds to latency. */
  constructor(spreadMs: number) {
    this.#spreadUs = spreadMs * 1_000;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** When the first item that waits is due; undefined while none waits. */
  get dueUs(): number | undefined {
    return this.#waiting[0]?.dueUs;
  }

  /**
   * Takes a batch that was read at `atUs`. Its items are spread evenly over the time since the batch before, which is
   * the time they stand for; or as `offsetsUs` (from the first item on, rising) say, where the source tells.
   */
  put(items: readonly T[], atUs: number, offsetsUs?: readonly number[]): void {
    const sinceUs = this.#batchAtUs === undefined ? 0 : Math.max(0, atUs - this.#batchAtUs);
    this.#batchAtUs = atUs;
    const spanUs = Math.min(offsetsUs?.at(-1) ?? sinceUs, this.#spreadUs);
    const isSmall = items.length <= smallBatch && this.#waiting.length === 0;
    const startUs = Math.min(Math.max(atUs, this.#lastDueUs), atUs + this.#spreadUs);
    items.forEach((item, i) => {
      const evenUs = isSmall ? 0 : (spanUs * i) / items.length;
      const dueUs = startUs + Math.min(offsetsUs?.[i] ?? evenUs, this.#spreadUs);
      this.#waiting.push({ dueUs, item });
      this.#lastDueUs = dueUs;
    });
  }

  /** Gives back, in order, what is due at `nowUs`. */
  take(nowUs: number): Paced<T>[] {
    const firstLater = this.#waiting.findIndex(({ dueUs }) => dueUs > nowUs);
    const due = firstLater === -1 ? this.#waiting : this.#waiting.slice(0, firstLater);
    this.#waiting = firstLater === -1 ? [] : this.#waiting.slice(firstLater);
    return due;
  }
}
