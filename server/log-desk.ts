/** The operator's log: events are kept as they come, read by type, text and time, and heard as soon as they are kept. */
import { HistoryError, type LogEvent, type LogPage, type LogType, logTypes } from '../db/history-model.ts';
import type { History } from '../db/history.ts';
import { Refusal } from './refusal.ts';
import { checkRange } from './rules.ts';

export { type LogEvent, type LogPage, type LogType, logTypes };

/** What type an event is of: an event without a pipeline is about the whole flow. */
export const typeOf = ({ role, pipeline }: LogEvent): LogType =>
  role === 'flow' ? 'flow' : `${role}-${pipeline ?? 'primary'}`;

/** Epoch ms; less than 24 hours apart, within the days that are kept. `flowId` absent: of all flows. */
export interface LogQuestion {
  readonly flowId?: string;
  readonly from: number;
  readonly to: number;
  readonly types?: readonly LogType[];
  /** Looked for in code, name, peer and facts, in any case. */
  readonly text?: string;
  readonly order?: 'newest-first' | 'oldest-first';
  /** Of the page before. */
  readonly cursor?: string;
  /** Events to pass over, for who turns pages by number. */
  readonly offset?: number;
  readonly limit?: number;
}

/** Rejects with a Refusal where a range is too long or too old, a cursor is none, or the log cannot be read. */
export interface LogDesk {
  /** Resolves once all are on disk: only then may who told them forget them. The same event again is kept once. */
  append(events: readonly LogEvent[]): Promise<void>;
  read(question: LogQuestion): Promise<LogPage>;
  /** How many events a question has, on all pages. */
  count(question: LogQuestion): Promise<number>;
  /** All of a question, page by page, for downloads: `cursor` and `limit` do not count. */
  each(question: LogQuestion): AsyncIterable<LogEvent>;
  /** `hear` gets what was kept just now, oldest first; an event delivered twice may be heard twice. Returns the way to stop. */
  subscribe(hear: (events: readonly LogEvent[]) => void): () => void;
}

/** `retentionDays` as the history has it; `now` is epoch ms. */
export function createLogDesk(history: History, retentionDays: number, now: () => number): LogDesk {
  const hearers = new Set<(events: readonly LogEvent[]) => void>();
  const check = ({ from, to }: LogQuestion): void => checkRange({ from, to }, now(), retentionDays);
  return {
    append: async (events) => {
      await history.append(events);
      for (const hear of [...hearers]) hear(events);
    },
    read: async (question) => {
      check(question);
      return refusing(history.log(question));
    },
    count: async (question) => {
      check(question);
      return refusing(history.countLog(question));
    },
    each: async function* (question) {
      check(question);
      try {
        yield* history.eachEvent(question);
      } catch (error) {
        throw toRefusal(error);
      }
    },
    subscribe: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
  };
}

async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toRefusal(error);
  }
}

/** What the history cannot do is the operator's to mend; a cursor of nobody's making is the caller's. */
function toRefusal(error: unknown): unknown {
  if (!(error instanceof HistoryError)) return error;
  return new Refusal(error.code === 'invalid' ? 'cursor-invalid' : 'history-unavailable');
}
