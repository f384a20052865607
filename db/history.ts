/**
 * Health and the operator's log, kept for days in files of their own. Everything is done by two workers, one that writes and
 * one that reads: the caller's event loop is never held up.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { encodeBatch } from './history-batch.ts';
import { createLane } from './history-lane.ts';
import { WorkerLink } from './history-link.ts';
import {
  type ChannelQuery,
  type HealthChannel,
  type HealthQuery,
  type HealthSample,
  type HealthSeries,
  type HealthTotals,
  HistoryError,
  type HistoryFault,
  type HistoryFileName,
  type KeptChannel,
  LONGEST_PAGE,
  type LogEvent,
  type LogPage,
  type LogQuery,
  type Pruned,
  type ReaderCalls,
  type TrackNote,
  type WriterCalls,
  type Written,
} from './history-model.ts';

/** The guide asks for 5 days, the product keeps 7. */
export const RETENTION_DAYS = 7;

const DAY_MS = 86_400_000;

/** So many samples of twelve fields are packed in 1 to 3 ms; between them the event loop turns, whoever they came from. */
const SAMPLES_A_TURN = 1000;

/** Events are small, but a spool of hours is not. */
const EVENTS_A_CALL = 500;
const NOTES_A_CALL = 200;

/** A commit or a chart takes some ms, on a bad disk some hundred; a start after a kill some seconds. */
const HANG_MS = 30_000;

/** What is not on disk by then is left to the relays, which were not told that it is. */
const CLOSE_MS = 5000;

export interface HistoryOptions {
  /** Exists already; health.db and log.db are made in it. One history a folder. */
  readonly folder: string;
  /** The folder of the built history-writer.js and history-reader.js: Node 20 reads no TypeScript, not even in a worker. */
  readonly workers: string;
  readonly retentionDays?: number;
  /** After so many ms without an answer a worker hangs, and is replaced. */
  readonly hangMs?: number;
  /** Must not throw. */
  readonly onFault: (fault: HistoryFault) => void;
}

/** All methods reject with a HistoryError, and with nothing else. Times are epoch ms UTC. */
export interface History {
  /**
   * Resolves when all are committed: a kill of the process then loses none. The same second of a channel written again is
   * the same sample: fields that are new are added, those that were there are replaced. Past and order do not matter.
   */
  write(samples: readonly HealthSample[]): Promise<Written>;
  /** A reset: totals begin anew at `at`; nothing is deleted. */
  mark(channel: HealthChannel, at: number): Promise<void>;
  /** Notes what tracks are; what a track is already is not noted again. Resolves when all are committed. */
  describe(notes: readonly TrackNote[]): Promise<void>;
  /** What was written before the call is in the answer. The caller sees to it that ranges are not too long. */
  read(query: HealthQuery): Promise<HealthSeries>;
  /** The same as UTF-8 text, JSON or CSV, made off the event loop. */
  readText(query: HealthQuery, form: 'json' | 'csv'): Promise<Uint8Array>;
  /** Sums of all counts from the newest reset until `until`. */
  totals(channel: HealthChannel, until: number): Promise<HealthTotals>;
  /** The endpoints and tracks of a flow with something in the range, at 10 minutes' precision. */
  channels(query: ChannelQuery): Promise<readonly KeptChannel[]>;
  /** Resolves when all are committed; what is there already, by (relay, boot, seq), is left as it was. */
  append(events: readonly LogEvent[]): Promise<void>;
  log(query: LogQuery): Promise<LogPage>;
  /** How many events a query has; `cursor`, `offset` and `limit` do not count. */
  countLog(query: LogQuery): Promise<number>;
  /** All events of a query, page by page as they are taken: for downloads. `limit` and `cursor` do not count. */
  eachEvent(query: LogQuery): AsyncIterable<LogEvent>;
  /** Deletes what is older than the retention, in small steps; call it each hour or so. */
  prune(now: number): Promise<Pruned>;
  /** Seals what is not sealed yet. Time does it by itself. */
  seal(): Promise<void>;
  /** Commits what was written, at most for 5 s, and ends the workers. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * At once: calls wait until the files are open, which after a kill takes some seconds. A file that is corrupt, or a disk
 * that is full, is told and does not stand in the way.
 */
export function openHistory(options: HistoryOptions): History {
  const { folder, workers, retentionDays = RETENTION_DAYS, hangMs = HANG_MS, onFault: tell } = options;
  const program = (name: string): URL => new URL(name, pathToFileURL(`${workers}/`));
  const reader = new WorkerLink<ReaderCalls>({
    worker: 'reader',
    program: program('history-reader.js'),
    args: [folder],
    tell,
    replaced: () => undefined,
    hangMs,
  });
  const writer = new WorkerLink<WriterCalls>({
    worker: 'writer',
    program: program('history-writer.js'),
    args: [folder, String(retentionDays * DAY_MS)],
    tell,
    replaced: () => void settled(reader.call('reopen')),
    hangMs,
  });
  return createHistory(writer, reader);
}

function createHistory(writer: WorkerLink<WriterCalls>, reader: WorkerLink<ReaderCalls>): History {
  /** Hot first: what is sealed in between is then found twice, and never missed. */
  const hotOf = (query: HealthQuery) => writer.call('hot', query.channel, query);
  /** The reader finds nothing before the writer has made the tables. */
  const opened = settled(writer.call('opened'));
  const reading = async <T>(file: HistoryFileName, work: () => Promise<T>): Promise<T> => {
    await opened;
    return mended(writer, reader, file, work);
  };
  const log = (query: LogQuery): Promise<LogPage> => reading('log', () => reader.call('log', query));
  return {
    write: createWrite(writer),
    mark: (channel, at) => writer.call('mark', channel, at),
    describe: async (notes) => {
      await Promise.all(slices(notes, NOTES_A_CALL).map((some) => writer.call('describe', some)));
    },
    read: (query) => reading('health', async () => reader.call('read', query, await hotOf(query))),
    readText: (query, form) => reading('health', async () => reader.call('text', query, await hotOf(query), form)),
    totals: (channel, until) =>
      reading('health', async () => {
        const hot = await writer.call('hot', channel, { from: 0, to: until });
        return reader.call('totals', channel, until, hot);
      }),
    channels: (query) =>
      reading('health', async () => reader.call('channels', query, await writer.call('hotChannels', query))),
    append: async (events) => {
      const calls = slices(events, EVENTS_A_CALL).map((some) => writer.call('append', JSON.stringify(some)));
      await Promise.all(calls);
    },
    log,
    countLog: (query) => reading('log', () => reader.call('countLog', query)),
    eachEvent: (query) => eachEvent(log, query),
    prune: (now) => writer.call('prune', now),
    seal: () => writer.call('seal'),
    close: () => close(writer, reader),
  };
}

/** Relays that were away come all at once, each with minutes: the packing of all of them takes turns. */
function createWrite(writer: WorkerLink<WriterCalls>): History['write'] {
  const inTurn = createLane();
  let left = SAMPLES_A_TURN;
  const pack = async (samples: readonly HealthSample[]): Promise<Uint8Array> => {
    if (left < samples.length) {
      await nextTurn();
      left = SAMPLES_A_TURN;
    }
    left -= samples.length;
    return encodeBatch(samples);
  };
  return async (samples) => {
    const calls = slices(samples, SAMPLES_A_TURN).map(async (some) =>
      writer.call('write', await inTurn(() => pack(some))),
    );
    const written = await Promise.all(calls);
    return { refused: written.reduce((sum, { refused }) => sum + refused, 0) };
  };
}

/** Where the reader finds its file corrupt, the writer begins a new one, and it is read again. */
async function mended<T>(
  writer: WorkerLink<WriterCalls>,
  reader: WorkerLink<ReaderCalls>,
  file: HistoryFileName,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HistoryError && error.code === 'corrupt')) throw error;
    await writer.call('setAside', file, await reader.call('inode', file));
    await reader.call('reopen');
    return work();
  }
}

async function* eachEvent(log: History['log'], query: LogQuery): AsyncGenerator<LogEvent> {
  let cursor: string | undefined;
  do {
    const page: LogPage = await log({ ...query, limit: LONGEST_PAGE, cursor });
    yield* page.events;
    cursor = page.next;
  } while (cursor !== undefined);
}

async function close(writer: WorkerLink<WriterCalls>, reader: WorkerLink<ReaderCalls>): Promise<void> {
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    deadline = setTimeout(resolve, CLOSE_MS);
  });
  const orderly = settled(reader.call('close')).then(() => settled(writer.call('close')));
  await Promise.race([orderly, late]);
  clearTimeout(deadline);
  await Promise.all([reader.close(), writer.close()]);
}

/** For calls whose failure is no news: the worker is gone, or about to be. */
async function settled(call: Promise<void>): Promise<void> {
  await call.catch(() => undefined);
}

function slices<T>(all: readonly T[], length: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / length) }, (_, index) =>
    all.slice(index * length, (index + 1) * length),
  );
}
