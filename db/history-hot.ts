/** The seconds that are not sealed yet, in the writer's memory; the journal on disk says the same. */
import { BLOCK_SECONDS, blockOf, blockOfRow, channelOfRow, emptyColumn, rowOf } from './history-block.ts';
import type { Columns, HotBlock } from './history-model.ts';

/** A block that ended this long ago is complete, as far as relays that are connected can tell. */
const GRACE_MS = 30_000;

/** A block that was written to within this time has perhaps more to come: a relay that delivers the past. */
const QUIET_MS = 10_000;

/** Beyond this the oldest are sealed before their time. 2,000 channels of twelve fields are 60 MB. */
const MOST_BYTES = 256_000_000;

const COLUMN_BYTES = BLOCK_SECONDS * 4;

interface Block {
  readonly columns: Columns;
  /** The first row of the journal that has something of it. */
  readonly firstRow: number;
  touchedAt: number;
}

export class HotBlocks {
  /** By the row that they will be: rowOf(block, channel). */
  readonly #blocks = new Map<number, Block>();
  #bytes = 0;
  #current: Block | undefined;
  #offset = 0;

  get isFull(): boolean {
    return this.#bytes > MOST_BYTES;
  }

  /** The sample that the next calls of `put` are of. `row` is the row of the journal that it stands in. */
  begin(channel: number, second: number, row: number, now: number): void {
    const id = rowOf(blockOf(second), channel);
    let block = this.#blocks.get(id);
    if (!block) {
      block = { columns: new Map(), firstRow: row, touchedAt: now };
      this.#blocks.set(id, block);
    }
    block.touchedAt = now;
    this.#current = block;
    this.#offset = second % BLOCK_SECONDS;
  }

  put(field: number, steps: number): void {
    if (!this.#current) return;
    let column = this.#current.columns.get(field);
    if (!column) {
      column = emptyColumn();
      this.#current.columns.set(field, column);
      this.#bytes += COLUMN_BYTES;
    }
    column[this.#offset] = steps;
  }

  /** The rows to be sealed now, oldest first: those that are complete, or all. */
  due(now: number, all: boolean): readonly number[] {
    const ids = [...this.#blocks.keys()].sort((a, b) => a - b);
    return all || this.isFull ? ids : ids.filter((id) => this.#isComplete(id, now));
  }

  columnsOf(id: number): Columns {
    return this.#blocks.get(id)?.columns ?? new Map<number, Int32Array>();
  }

  /** They are sealed. */
  remove(ids: readonly number[]): void {
    for (const id of ids) {
      this.#bytes -= this.columnsOf(id).size * COLUMN_BYTES;
      this.#blocks.delete(id);
    }
    this.#current = undefined;
  }

  /** Rows of the journal before this one are sealed; Infinity when all are. */
  firstRow(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const block of this.#blocks.values()) first = Math.min(first, block.firstRow);
    return first;
  }

  /** Copies of one channel's blocks, from block `first` to block `last`, both with it. */
  of(channel: number, first: number, last: number): readonly HotBlock[] {
    const found: HotBlock[] = [];
    for (const [id, { columns }] of this.#blocks) {
      const index = blockOfRow(id);
      if (channelOfRow(id) !== channel || index < first || index > last) continue;
      found.push({ index, columns: new Map([...columns].map(([field, column]) => [field, column.slice()])) });
    }
    return found;
  }

  /** The channels that have something hot in these blocks. */
  channels(first: number, last: number): ReadonlySet<number> {
    const ids = [...this.#blocks.keys()].filter((id) => blockOfRow(id) >= first && blockOfRow(id) <= last);
    return new Set(ids.map(channelOfRow));
  }

  #isComplete(id: number, now: number): boolean {
    const endsAt = (blockOfRow(id) + 1) * BLOCK_SECONDS * 1000;
    const touchedAt = this.#blocks.get(id)?.touchedAt ?? 0;
    return now >= endsAt + GRACE_MS && now >= touchedAt + QUIET_MS;
  }
}
