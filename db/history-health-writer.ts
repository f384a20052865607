/** Health as it is written: each batch into a journal at once, and ten minutes later each channel by itself into a block. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { InStatement } from '@libsql/client';
import { decodeChannels, visitBatch } from './history-batch.ts';
import { blockOf, blockOfRow, channelOfRow, decodeBlock, encodeBlock, mergeColumns, rowOf } from './history-block.ts';
import { ChannelBook, channelIndex, channelTable } from './history-channels.ts';
import { bytesOf, faultOf, forWriting, HistoryFile, numberOf } from './history-file.ts';
import { HeldWrites } from './history-held.ts';
import { HotBlocks } from './history-hot.ts';
import type {
  ChannelQuery,
  Columns,
  HealthChannel,
  HistoryFault,
  HotBlock,
  TimeRange,
  TrackNote,
  Written,
} from './history-model.ts';

/** The names of its tables are the reader's too. `blocks.id` is rowOf(block, channel); `journal.data` is deflated. */
const tables = [
  channelTable,
  channelIndex,
  'CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY, data BLOB NOT NULL)',
  'CREATE TABLE IF NOT EXISTS blocks (id INTEGER PRIMARY KEY, data BLOB NOT NULL)',
  'CREATE TABLE IF NOT EXISTS notes (channel INTEGER, at INTEGER, about TEXT NOT NULL, PRIMARY KEY (channel, at)) WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS marks (channel INTEGER, at INTEGER, PRIMARY KEY (channel, at)) WITHOUT ROWID',
];

/** A clock may be this far ahead of ours; what says to be later is wrong. */
const AHEAD_MS = 600_000;

/** Sealing stops packing after this, so that the next batch need not wait. */
const STEP_MS = 10;
const BLOCKS_A_STEP = 32;
const JOURNAL_ROWS_A_STEP = 20;

/** Packed fast: it is read only after a crash. Mostly it folds the names of the channels. */
const JOURNAL_PACKING = { level: 1 };
const LARGEST_BATCH = 64_000_000;

interface HealthWriterSettings {
  readonly path: string;
  readonly retentionMs: number;
  readonly tell: (fault: HistoryFault) => void;
  /** The file was set aside and a new one begun: whoever reads must open it anew. */
  readonly replaced: () => void;
}

/** One call at a time. Times are epoch ms. */
export class HealthWriter {
  readonly writes: HeldWrites<Uint8Array, Written>;
  readonly #settings: HealthWriterSettings;
  readonly #file: HistoryFile;
  readonly #channels = new ChannelBook();
  readonly #hot = new HotBlocks();
  #nextRow = 1;
  #oldestRow = 1;
  #sealAll = false;
  #isLoaded = false;

  constructor(settings: HealthWriterSettings) {
    this.#settings = settings;
    this.#file = new HistoryFile(settings.path, forWriting(tables));
    this.writes = new HeldWrites({
      file: 'health',
      sizeOf: (batch) => batch.length,
      commit: (batches) => this.#commit(batches, Date.now()),
      setAside: () => this.setAside(this.#file.inode),
      tell: settings.tell,
    });
  }

  /**
   * Reads the journal of the last run; later calls do nothing. A corrupt file is set aside. Rejects where the disk does not
   * let us: the next write tries again.
   */
  async open(now: number): Promise<void> {
    if (this.#isLoaded) return;
    try {
      await this.#load(now);
    } catch (error) {
      if (faultOf(error) !== 'corrupt') throw error;
      await this.setAside(this.#file.inode);
      await this.#load(now);
    }
    this.#isLoaded = true;
  }

  /** Which file we have. */
  get inode(): number {
    return this.#file.inode;
  }

  async mark(channel: HealthChannel, at: number): Promise<void> {
    const id = this.#channels.idOf(channel);
    if (id === undefined) return;
    const mark = { sql: 'INSERT OR IGNORE INTO marks VALUES (?, ?)', args: [id, at] };
    await this.#file.run([...this.#channels.inserts(blockOf(at / 1000)), mark]);
    this.#channels.saved();
  }

  /** Rejects with libSQL's error, and then nothing was noted. */
  async describe(notes: readonly TrackNote[]): Promise<void> {
    const inserts = notes.flatMap(({ channel, at, about }) => {
      const id = this.#channels.idOf(channel);
      return id === undefined ? [] : [noting(id, at, about)];
    });
    await this.#file.run([...this.#channels.inserts(blockOf(Date.now() / 1000)), ...inserts]);
    this.#channels.saved();
  }

  /** What of the channel is in no block yet. */
  hot(channel: HealthChannel, { from, to }: TimeRange): readonly HotBlock[] {
    const id = this.#channels.find(channel);
    return id === undefined ? [] : this.#hot.of(id, blockOf(from / 1000), blockOf((to - 1) / 1000));
  }

  hotChannels({ flowId, pipeline, from, to }: ChannelQuery): readonly HealthChannel[] {
    const ids = [...this.#hot.channels(blockOf(from / 1000), blockOf((to - 1) / 1000))];
    const channels = ids.map((id) => this.#channels.channelOf(id)).filter((channel) => channel !== undefined);
    return channels.filter((it) => it.flowId === flowId && (pipeline === undefined || it.pipeline === pipeline));
  }

  /** Seals some blocks that are complete, or that must make room, and trims the journal. False when nothing is left to do. */
  async tidyStep(now: number, all = false): Promise<boolean> {
    const due = this.#hot.due(now, all || this.#sealAll);
    if (due.length > 0) await this.#seal(due.slice(0, BLOCKS_A_STEP));
    else this.#sealAll = false;
    return (await this.#trimJournal()) || due.length > 0;
  }

  /** Deletes at most `most` blocks that ended before `before`; when there are none, channels and marks. Returns how many. */
  async pruneStep(before: number, most: number): Promise<number> {
    const cut = blockOf(before / 1000);
    const rows = await this.#file.rows('SELECT id FROM blocks WHERE id < ? ORDER BY id LIMIT ?', [rowOf(cut, 0), most]);
    const last = rows.at(-1);
    if (!last) return this.#pruneNames(before, cut);
    await this.#file.run([{ sql: 'DELETE FROM blocks WHERE id <= ?', args: [numberOf(last.id)] }]);
    return rows.length;
  }

  /** Begins a new file, where ours is still the one with that inode. What is hot is written to it. */
  async setAside(inode: number): Promise<void> {
    if (inode !== this.#file.inode) return;
    const detail = this.#file.setAside(new Date());
    this.#channels.unsave();
    this.#sealAll = true;
    this.#oldestRow = this.#nextRow;
    this.#settings.tell({ code: 'corrupt', file: 'health', detail });
    await this.#file.rows('SELECT 1');
    this.#settings.replaced();
  }

  /** The journal keeps what is hot. */
  close(): Promise<void> {
    return this.#file.close();
  }

  async #load(now: number): Promise<void> {
    this.#channels.load(await this.#file.rows('SELECT * FROM channels'));
    const [bounds] = await this.#file.rows(
      'SELECT coalesce(min(id), 1) AS low, coalesce(max(id), 0) AS high FROM journal',
    );
    this.#oldestRow = numberOf(bounds?.low);
    this.#nextRow = numberOf(bounds?.high) + 1;
    for (let row = this.#oldestRow; row < this.#nextRow; row++) {
      await this.#replay(row, now);
      // A long journal is no reason to seem dead.
      await nextTurn();
    }
  }

  async #replay(row: number, now: number): Promise<void> {
    const [found] = await this.#file.rows('SELECT data FROM journal WHERE id = ?', [row]);
    if (!found) return;
    try {
      const batch = inflateRawSync(bytesOf(found.data), { maxOutputLength: LARGEST_BATCH });
      this.#take(batch, decodeChannels(batch), row, now);
    } catch (error) {
      this.#unreadable(error);
    }
  }

  async #commit(batches: readonly Uint8Array[], now: number): Promise<readonly Written[]> {
    await this.open(now);
    const channels = batches.map(decodeChannels);
    for (const channel of channels.flat()) this.#channels.idOf(channel);
    const first = this.#nextRow;
    // A commit that failed may be on disk all the same: then these rows are there already.
    const inserts = batches.map((batch, index) => ({
      sql: 'INSERT OR REPLACE INTO journal VALUES (?, ?)',
      args: [first + index, deflateRawSync(batch, JOURNAL_PACKING)],
    }));
    await this.#file.run([...this.#channels.inserts(blockOf(now / 1000)), ...inserts]);
    this.#channels.saved();
    this.#nextRow += batches.length;
    return batches.map((batch, index) => this.#take(batch, channels[index] ?? [], first + index, now));
  }

  /** Into the hot blocks, after it was committed. */
  #take(batch: Uint8Array, channels: readonly HealthChannel[], row: number, now: number): Written {
    const ids = channels.map((channel) => this.#channels.idOf(channel));
    const earliest = (now - this.#settings.retentionMs) / 1000;
    const latest = (now + AHEAD_MS) / 1000;
    let refused = 0;
    let isTaken = false;
    visitBatch(batch, {
      sample: (place, second) => {
        const id = ids[place];
        isTaken = id !== undefined && second >= earliest && second <= latest;
        if (isTaken && id !== undefined) this.#hot.begin(id, second, row, now);
        else refused++;
      },
      value: (field, steps) => {
        if (isTaken) this.#hot.put(field, steps);
      },
    });
    return { refused };
  }

  /** Packs outside of the transaction, so that the lock is short. */
  async #seal(due: readonly number[]): Promise<void> {
    const sealed = await this.#sealedAlready(due);
    const statements: InStatement[] = [...this.#channels.inserts(blockOfRow(due[0] ?? 0))];
    const done: number[] = [];
    const deadline = performance.now() + STEP_MS;
    for (const id of due) {
      const older = sealed.get(id);
      const columns = this.#hot.columnsOf(id);
      statements.push(...sealing(id, older ? mergeColumns(older, columns) : columns));
      done.push(id);
      if (performance.now() > deadline) break;
    }
    await this.#file.run(statements);
    this.#channels.saved();
    this.#hot.remove(done);
  }

  /** The blocks that late samples are merged into. */
  async #sealedAlready(ids: readonly number[]): Promise<Map<number, Columns>> {
    const sql = 'SELECT id, data FROM blocks WHERE id IN (SELECT value FROM json_each(?))';
    const found = new Map<number, Columns>();
    for (const { id, data } of await this.#file.rows(sql, [JSON.stringify(ids)])) {
      try {
        found.set(numberOf(id), decodeBlock(bytesOf(data)));
      } catch (error) {
        this.#unreadable(error);
      }
    }
    return found;
  }

  async #trimJournal(): Promise<boolean> {
    const needed = Math.min(this.#hot.firstRow(), this.#nextRow);
    if (this.#oldestRow >= needed) return false;
    const until = Math.min(needed, this.#oldestRow + JOURNAL_ROWS_A_STEP);
    await this.#file.run([{ sql: 'DELETE FROM journal WHERE id < ?', args: [until] }]);
    this.#oldestRow = until;
    return true;
  }

  async #pruneNames(before: number, cut: number): Promise<number> {
    const hot = this.#hot.channels(0, Number.MAX_SAFE_INTEGER);
    const rows = await this.#file.rows('SELECT id FROM channels WHERE last < ? ORDER BY id', [cut]);
    const gone = rows.map(({ id }) => numberOf(id)).filter((id) => !hot.has(id));
    await this.#file.run([
      { sql: 'DELETE FROM channels WHERE id IN (SELECT value FROM json_each(?))', args: [JSON.stringify(gone)] },
      { sql: 'DELETE FROM marks WHERE at < ?', args: [before] },
      { sql: 'DELETE FROM notes WHERE channel IN (SELECT value FROM json_each(?))', args: [JSON.stringify(gone)] },
      { sql: OLD_NOTES, args: [before, before] },
    ]);
    this.#channels.forget(gone);
    return 0;
  }

  #unreadable(error: unknown): void {
    this.#settings.tell({ code: 'unreadable', file: 'health', count: 1, detail: String(error) });
  }
}

/** What a track was at the beginning of what is kept is still to be known. */
const OLD_NOTES = `DELETE FROM notes WHERE at < ? AND EXISTS (
  SELECT 1 FROM notes AS later WHERE later.channel = notes.channel AND later.at > notes.at AND later.at <= ?)`;

/** Nothing where the newest note before it says the same. */
const noting = (id: number, at: number, about: string): InStatement => ({
  sql: `INSERT OR REPLACE INTO notes SELECT ?, ?, ? WHERE ? IS NOT (
    SELECT about FROM notes WHERE channel = ? AND at <= ? ORDER BY at DESC LIMIT 1)`,
  args: [id, at, about, about, id, at],
});

function sealing(id: number, columns: Columns): readonly InStatement[] {
  return [
    { sql: 'INSERT OR REPLACE INTO blocks VALUES (?, ?)', args: [id, encodeBlock(columns)] },
    { sql: 'UPDATE channels SET last = max(last, ?) WHERE id = ?', args: [blockOfRow(id), channelOfRow(id)] },
  ];
}
