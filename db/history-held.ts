/** Writes on their way to a file: committed together, and held in memory while the file cannot take them. */
import { faultOf } from './history-file.ts';
import { HistoryError, type HistoryFault, type HistoryFileName } from './history-model.ts';

/** What the disk does not take within this time is given up: the relay that sent it still has it, or its loss is counted. */
export const HELD_MS = 60_000;

/** At 2,000 channels a minute is about 12 MB. */
const MOST_HELD_BYTES = 64_000_000;

/** More in one transaction would keep the others waiting. */
const MOST_AT_ONCE = 256;

interface HeldSettings<Item, Result> {
  readonly file: HistoryFileName;
  readonly sizeOf: (item: Item) => number;
  /** All of them or none; one result an item. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Makes a new file of a corrupt one. */
  readonly setAside: () => Promise<void>;
  readonly tell: (fault: HistoryFault) => void;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly arrivedAt: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: HistoryError) => void;
}

/** `flush` calls must not overlap; `add` may be called at any time. */
export class HeldWrites<Item, Result> {
  readonly #settings: HeldSettings<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #bytes = 0;
  #failing = false;
  #replaced = false;

  constructor(settings: HeldSettings<Item, Result>) {
    this.#settings = settings;
  }

  /** Resolves once it is committed. Rejects with `dropped` when it was held for too long, the oldest first. */
  add(item: Item, now: number): Promise<Result> {
    this.#bytes += this.#settings.sizeOf(item);
    return new Promise((resolve, reject) => this.#waiting.push({ item, arrivedAt: now, resolve, reject }));
  }

  /** Commits what is waiting. Call it after `add`, and again from time to time for what is held. Never rejects. */
  async flush(now: number): Promise<void> {
    while (this.#waiting.length > 0 && (await this.#commit(this.#waiting.slice(0, MOST_AT_ONCE))));
    this.#dropOldest(now);
  }

  /** True when they are off our hands, one way or the other. */
  async #commit(some: readonly Waiting<Item, Result>[]): Promise<boolean> {
    try {
      const results = await this.#settings.commit(some.map(({ item }) => item));
      this.#letGo(some.length);
      some.forEach(({ resolve }, index) => {
        const result = results[index];
        if (result !== undefined) resolve(result);
      });
      this.#mended();
      return true;
    } catch (error) {
      return this.#failed(some, error);
    }
  }

  async #failed(some: readonly Waiting<Item, Result>[], error: unknown): Promise<boolean> {
    const fault = faultOf(error);
    if (fault === 'held') {
      this.#say(error);
      return false;
    }
    if (fault === 'corrupt') return this.#replace(error);
    return this.#refused(some, error);
  }

  /** What cannot be written at all must not take the others with it. */
  async #refused(some: readonly Waiting<Item, Result>[], error: unknown): Promise<boolean> {
    if (some.length > 1) {
      for (const one of some) if (!(await this.#commit([one]))) return false;
      return true;
    }
    this.#letGo(some.length);
    for (const { reject } of some) reject(new HistoryError('bug', `Nothing was written: ${String(error)}`));
    return true;
  }

  /** Once, until something is written again: a new file that is corrupt as well is a disk that fails. */
  async #replace(reason: unknown): Promise<boolean> {
    if (this.#replaced) this.#say(reason);
    if (this.#replaced) return false;
    try {
      await this.#settings.setAside();
      this.#replaced = true;
      return true;
    } catch (error) {
      this.#say(error);
      return false;
    }
  }

  #dropOldest(now: number): void {
    let dropped = 0;
    for (const { item, arrivedAt, reject } of this.#waiting) {
      if (now - arrivedAt < HELD_MS && this.#bytes <= MOST_HELD_BYTES) break;
      this.#bytes -= this.#settings.sizeOf(item);
      dropped++;
      reject(new HistoryError('dropped', 'The disk did not take it in time.'));
    }
    if (dropped === 0) return;
    this.#waiting = this.#waiting.slice(dropped);
    const { tell, file } = this.#settings;
    tell({ code: 'dropped', file, count: dropped, detail: 'Writes that the disk did not take were given up.' });
  }

  #letGo(count: number): void {
    for (const { item } of this.#waiting.slice(0, count)) this.#bytes -= this.#settings.sizeOf(item);
    this.#waiting = this.#waiting.slice(count);
  }

  #say(error: unknown): void {
    if (!this.#failing)
      this.#settings.tell({ code: 'storage-failed', file: this.#settings.file, detail: String(error) });
    this.#failing = true;
  }

  #mended(): void {
    if (this.#failing)
      this.#settings.tell({ code: 'storage-mended', file: this.#settings.file, detail: 'Writes are taken again.' });
    this.#failing = false;
    this.#replaced = false;
  }
}
