/** Health as it is read: sealed blocks from the file, and what the writer has hot over them. */
import { ABSENT, BLOCK_SECONDS, blockOf, blockOfRow, decodeBlock, mergeColumns, rowOf } from './history-block.ts';
import { toChannel } from './history-channels.ts';
import { keyOf } from './history-batch.ts';
import { fieldOfNumber, type HealthFieldName, healthFields, fieldOfName } from './history-fields.ts';
import { bytesOf, forReading, HistoryFile, numberOf, textOf } from './history-file.ts';
import type {
  ChannelQuery,
  Columns,
  HealthChannel,
  HealthQuery,
  HealthSeries,
  HealthTotals,
  HistoryFault,
  HotBlock,
  KeptChannel,
  TimeRange,
} from './history-model.ts';
import { createGatherer, gridOf } from './history-thin.ts';

/** Rows of one statement: a day is 144. */
const BLOCKS_A_STATEMENT = 200;

/** From `first` up to but not including `end`, in seconds since 1970. */
interface Seconds {
  readonly first: number;
  readonly end: number;
}

/** `columns` is absent where the block cannot be read. */
interface Sealed {
  readonly index: number;
  readonly columns: Columns | undefined;
}

type Note = NonNullable<KeptChannel['note']>;

/** The fields that have a sum. */
const counts: ReadonlySet<number> = new Set(
  healthFields.flatMap(({ kind }, number) => (kind === 'count' ? [number] : [])),
);

/** One call at a time. Rejects with libSQL's error where the file is at fault. */
export class HealthReader {
  readonly file: HistoryFile;
  readonly #tell: (fault: HistoryFault) => void;

  constructor(path: string, tell: (fault: HistoryFault) => void) {
    this.file = new HistoryFile(path, forReading);
    this.#tell = tell;
  }

  /** Throws a RangeError where the range is empty or too long. `hot` must have been asked for before this call. */
  async read({ channel, from, to, fields, maxPoints }: HealthQuery, hot: readonly HotBlock[]): Promise<HealthSeries> {
    const grid = gridOf({ from, to }, maxPoints);
    const numbers = fields.flatMap((name) => fieldOfName(name)?.number ?? []);
    const id = await this.#idOf(channel);
    const gatherers = numbers.map((number) => createGatherer(number, grid));
    const seconds = { first: grid.first, end: grid.first + grid.step * grid.count };
    await this.#eachBlock(id, seconds, new Set(numbers), hot, (block, columns) => {
      for (const gatherer of gatherers) gatherer.add(block, columns);
    });
    return {
      from: grid.first * 1000,
      stepMs: grid.step * 1000,
      count: grid.count,
      columns: gatherers.map((gatherer) => gatherer.column()),
      marks: await this.#marks(id, { from, to }),
    };
  }

  /** Of whole seconds before `until` (epoch ms), from the newest reset on. */
  async totals(channel: HealthChannel, until: number, hot: readonly HotBlock[]): Promise<HealthTotals> {
    const id = await this.#idOf(channel);
    const since = (await this.#marks(id, { from: 0, to: until + 1 })).at(-1) ?? 0;
    const first = Math.max(Math.ceil(since / 1000), await this.#firstSecond(hot));
    const seconds = { first, end: Math.floor(until / 1000) };
    const sums = new Map<number, number>();
    await this.#eachBlock(id, seconds, counts, hot, (block, columns) => addSums(sums, block, columns, seconds));
    return { since, sums: named(sums) };
  }

  /** Seen in one of the ten minutes that the range touches. Whole endpoints before their tracks. */
  async channels(query: ChannelQuery, hot: readonly HealthChannel[]): Promise<readonly KeptChannel[]> {
    const { flowId, pipeline, from, to } = query;
    const first = blockOf(from / 1000);
    const blocks = Array.from({ length: blockOf((to - 1) / 1000) - first + 1 }, (_, index) => rowOf(first + index, 0));
    const sql = `SELECT * FROM channels WHERE flow = ? AND pipeline LIKE ? AND last >= ? AND EXISTS (
      SELECT 1 FROM json_each(?) AS it WHERE EXISTS (SELECT 1 FROM blocks WHERE blocks.id = it.value + channels.id))`;
    const rows = await this.file.rows(sql, [flowId, pipeline ?? '%', first, JSON.stringify(blocks)]);
    const found = new Map([...rows.map(toChannel), ...hot].map((channel) => [keyOf(channel), channel]));
    const notes = await this.#notes(query);
    return [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, channel]) => ({ ...channel, ...(notes.has(key) && { note: notes.get(key) }) }));
  }

  /** What each track of the flow was at the end of the range, by the channel's key. */
  async #notes({ flowId, to }: ChannelQuery): Promise<Map<string, Note>> {
    // Beside max(), SQLite gives the other columns of the very row that has it: lang_select.html, "bare columns".
    const sql = `SELECT channels.*, about, max(at) AS at FROM notes JOIN channels ON channels.id = notes.channel
      WHERE flow = ? AND at < ? GROUP BY notes.channel`;
    const rows = await this.file.rows(sql, [flowId, to]);
    return new Map(rows.map((row) => [keyOf(toChannel(row)), { at: numberOf(row.at), about: textOf(row.about) }]));
  }

  /** Hears each block of the channel that has something, once, the hot over the sealed, in no order. */
  async #eachBlock(
    id: number | undefined,
    { first, end }: Seconds,
    wanted: ReadonlySet<number>,
    hot: readonly HotBlock[],
    hear: (block: number, columns: Columns) => void,
  ): Promise<void> {
    if (first >= end) return;
    const newer = new Map(hot.map(({ index, columns }) => [index, columns]));
    const last = blockOf(end - 1);
    let unreadable = 0;
    for (let block = blockOf(first); block <= last; block += BLOCKS_A_STATEMENT)
      for (const { index, columns } of await this.#sealed(
        id,
        block,
        Math.min(BLOCKS_A_STATEMENT, last - block + 1),
        wanted,
      )) {
        if (!columns) unreadable++;
        hear(index, mergeColumns(columns ?? new Map(), newer.get(index) ?? new Map()));
        newer.delete(index);
      }
    for (const [index, columns] of newer) if (index >= blockOf(first) && index <= last) hear(index, columns);
    if (unreadable > 0)
      this.#tell({ code: 'unreadable', file: 'health', count: unreadable, detail: 'Blocks are gaps.' });
  }

  async #sealed(
    id: number | undefined,
    first: number,
    count: number,
    wanted: ReadonlySet<number>,
  ): Promise<readonly Sealed[]> {
    if (id === undefined) return [];
    const ids = Array.from({ length: count }, (_, index) => rowOf(first + index, id));
    const sql = 'SELECT id, data FROM blocks WHERE id IN (SELECT value FROM json_each(?))';
    const rows = await this.file.rows(sql, [JSON.stringify(ids)]);
    return rows.map((row) => ({ index: blockOfRow(numberOf(row.id)), columns: unpacked(bytesOf(row.data), wanted) }));
  }

  async #idOf({ flowId, pipeline, endpointId, track }: HealthChannel): Promise<number | undefined> {
    const sql = 'SELECT id FROM channels WHERE flow = ? AND pipeline = ? AND endpoint = ? AND track IS ?';
    const [row] = await this.file.rows(sql, [flowId, pipeline, endpointId, track ?? null]);
    return row && numberOf(row.id);
  }

  async #marks(id: number | undefined, { from, to }: TimeRange): Promise<readonly number[]> {
    if (id === undefined) return [];
    const sql = 'SELECT at FROM marks WHERE channel = ? AND at >= ? AND at < ? ORDER BY at';
    return (await this.file.rows(sql, [id, from, to])).map(({ at }) => numberOf(at));
  }

  /** When the kept history begins; Infinity while there is none. */
  async #firstSecond(hot: readonly HotBlock[]): Promise<number> {
    const [row] = await this.file.rows('SELECT id FROM blocks ORDER BY id LIMIT 1');
    const blocks = [...hot.map(({ index }) => index), ...(row ? [blockOfRow(numberOf(row.id))] : [])];
    return Math.min(...blocks) * BLOCK_SECONDS;
  }
}

/** Undefined where the block cannot be read: the caller tells it, once for all of them. */
function unpacked(block: Uint8Array, wanted: ReadonlySet<number>): Columns | undefined {
  try {
    return decodeBlock(block, wanted);
  } catch {
    return undefined;
  }
}

function named(sums: ReadonlyMap<number, number>): HealthTotals['sums'] {
  const byName: Partial<Record<HealthFieldName, number>> = {};
  for (const [number, sum] of sums) {
    const field = fieldOfNumber(number);
    if (field) byName[field.name] = sum;
  }
  return byName;
}

function addSums(sums: Map<number, number>, block: number, columns: Columns, { first, end }: Seconds): void {
  const start = block * BLOCK_SECONDS;
  for (const [field, column] of columns) {
    if (!counts.has(field)) continue;
    const known = column
      .subarray(Math.max(0, first - start), Math.max(0, end - start))
      .filter((steps) => steps !== ABSENT);
    if (known.length > 0)
      sums.set(
        field,
        known.reduce((sum, steps) => sum + steps, sums.get(field) ?? 0),
      );
  }
}
