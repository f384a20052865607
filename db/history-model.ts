/** What the history's face and its two workers say to each other (types, and the constants that both need). */
import type { Pipeline } from '../relay/contract/settings.ts';
import type { HealthFieldName, HealthValues } from './history-fields.ts';

/** One series of figures: an endpoint of one pipeline, or one track (`pid 256`, `video`) that passes through it. */
export interface HealthChannel {
  readonly flowId: string;
  readonly pipeline: Pipeline;
  readonly endpointId: string;
  readonly track?: string;
}

/** One second of one channel. `at` is epoch ms; whatever falls into one second of the clock is the same sample. */
export interface HealthSample {
  readonly channel: HealthChannel;
  readonly at: number;
  readonly values: HealthValues;
}

/** What a track is from `at` (epoch ms) on: a text of the caller's, the same where the track is the same. */
export interface TrackNote {
  readonly channel: HealthChannel;
  readonly at: number;
  readonly about: string;
}

/** A channel with something in a range. Of a track, its newest note before the end of the range, if there is one. */
export interface KeptChannel extends HealthChannel {
  readonly note?: { readonly at: number; readonly about: string };
}

/** `refused` samples were older than what is kept or too far in the future, and are gone. */
export interface Written {
  readonly refused: number;
}

/** Epoch ms, from `from` up to but not including `to`. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Points are buckets of 1 s, 5 s, 1, 5 or 15 min: the finest of which there are at most `maxPoints`. Without it, the
 * second, for ranges of up to 100,000 s.
 */
export interface HealthQuery extends TimeRange {
  readonly channel: HealthChannel;
  readonly fields: readonly HealthFieldName[];
  readonly maxPoints?: number;
}

/**
 * `values` has one number a point, NaN where nothing is known: of a level the mean, of a count the sum.
 * `low` and `high` are there for levels that were thinned.
 */
export interface HealthColumn {
  readonly field: HealthFieldName;
  readonly values: Float64Array;
  readonly low?: Float64Array;
  readonly high?: Float64Array;
}

/** Point i is the bucket that begins at `from + i * stepMs`; `marks` are the resets within the range, oldest first. */
export interface HealthSeries {
  readonly from: number;
  readonly stepMs: number;
  readonly count: number;
  readonly columns: readonly HealthColumn[];
  readonly marks: readonly number[];
}

/** Sums of all counts since `since`: the newest reset, or where the kept history begins (0). */
export interface HealthTotals {
  readonly since: number;
  readonly sums: Readonly<Partial<Record<HealthFieldName, number>>>;
}

export interface ChannelQuery extends TimeRange {
  readonly flowId: string;
  readonly pipeline?: Pipeline;
}

/** Whom a line of the log is about: an input, an output, or the flow as a whole. */
export type Role = 'input' | 'output' | 'flow';

/** The guide's types of events, and `flow` for what was done to the whole of it. */
export const logTypes = ['input-primary', 'input-backup', 'output-primary', 'output-backup', 'flow'] as const;
export type LogType = (typeof logTypes)[number];

/**
 * One line of the operator's log; its words are made from `code` and `facts` when it is shown.
 * (`relay`, `boot`, `seq`) is its key: the same event delivered again is not kept again.
 * `pipeline` is absent where the role is `flow`. `name` is the input's, output's or flow's at that time; `count` is how
 * many times it happened within the line.
 */
export interface LogEvent {
  readonly relay: string;
  readonly boot: string;
  readonly seq: number;
  readonly at: number;
  readonly flowId: string;
  readonly pipeline?: Pipeline;
  readonly endpointId: string;
  readonly role: Role;
  readonly name: string;
  readonly code: string;
  readonly peer?: { readonly address: string; readonly port: number };
  readonly count: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * `text` is looked for in code, name, peer and facts. `limit` is bounded by LONGEST_PAGE; `cursor` is of a page before.
 * `offset` events are passed over, for who turns pages by number: while events come in, pages move.
 */
export interface LogQuery extends TimeRange {
  readonly flowId?: string;
  readonly types?: readonly LogType[];
  readonly text?: string;
  readonly order?: 'newest-first' | 'oldest-first';
  readonly cursor?: string;
  readonly offset?: number;
  readonly limit?: number;
}

/** `next` is the cursor of the following page, absent at the end. */
export interface LogPage {
  readonly events: readonly LogEvent[];
  readonly next?: string;
}

export const LONGEST_PAGE = 500;

export type HistoryFileName = 'health' | 'log';

/**
 * What the operator of this machine must know, or what was mended by itself:
 * `storage-failed` writes are held in memory; `storage-mended` they are written again; `dropped` `count` of them were given
 * up; `corrupt` a file was set aside and a new one begun; `unreadable` `count` pieces of history could not be read and
 * show as gaps; `worker-died` a worker ended by itself, or did not answer any more, and is replaced.
 */
export interface HistoryFault {
  readonly code: 'storage-failed' | 'storage-mended' | 'dropped' | 'corrupt' | 'unreadable' | 'worker-died';
  readonly file?: HistoryFileName;
  /** Which one died. */
  readonly worker?: 'writer' | 'reader';
  readonly count?: number;
  readonly detail: string;
}

/** What one pruning cost: `worstMs` is the longest that the files were locked at once. */
export interface Pruned {
  readonly removed: number;
  readonly steps: number;
  readonly worstMs: number;
}

/**
 * Why a call failed. `dropped`: it was held in memory and given up. `unavailable`: the worker died twice over it, the file
 * cannot be used, or the history is closed. `overloaded`: too much is waiting. `invalid`: the query has no answer.
 */
export type HistoryErrorCode = 'dropped' | 'unavailable' | 'overloaded' | 'invalid' | 'corrupt' | 'bug';

/** Rejections of the history. What was not acknowledged may be written again: nothing is kept twice. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly code: HistoryErrorCode;

  constructor(code: HistoryErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Figures of one block of one channel: the field's number, and whole steps for each second, ABSENT where unknown. */
export type Columns = Map<number, Int32Array>;

/** Seconds of one channel that are not sealed yet, on their way from the writer to the reader. */
export interface HotBlock {
  readonly index: number;
  readonly columns: Columns;
}

/** What the writer does. A batch is as `encodeBatch` makes it; events are a JSON array of LogEvent. */
export interface WriterCalls {
  /** Resolves when the files are open, or held. */
  opened(): Promise<void>;
  /** Resolves in turn with the work of others. */
  ping(): Promise<void>;
  write(batch: Uint8Array): Promise<Written>;
  append(events: string): Promise<void>;
  mark(channel: HealthChannel, at: number): Promise<void>;
  describe(notes: readonly TrackNote[]): Promise<void>;
  hot(channel: HealthChannel, range: TimeRange): Promise<readonly HotBlock[]>;
  hotChannels(query: ChannelQuery): Promise<readonly HealthChannel[]>;
  prune(now: number): Promise<Pruned>;
  /** Seals all that is hot, as time would. */
  seal(): Promise<void>;
  setAside(file: HistoryFileName, inode: number): Promise<void>;
  close(): Promise<void>;
}

/** What the reader does; it never writes. */
export interface ReaderCalls {
  /** Resolves in turn with the work of others. */
  ping(): Promise<void>;
  read(query: HealthQuery, hot: readonly HotBlock[]): Promise<HealthSeries>;
  text(query: HealthQuery, hot: readonly HotBlock[], form: 'json' | 'csv'): Promise<Uint8Array>;
  totals(channel: HealthChannel, until: number, hot: readonly HotBlock[]): Promise<HealthTotals>;
  channels(query: ChannelQuery, hot: readonly HealthChannel[]): Promise<readonly KeptChannel[]>;
  log(query: LogQuery): Promise<LogPage>;
  countLog(query: LogQuery): Promise<number>;
  /** Which file it is that was read last. */
  inode(file: HistoryFileName): Promise<number>;
  reopen(): Promise<void>;
  close(): Promise<void>;
}
