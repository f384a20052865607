/** One page of the log as the tab shows it, for its first answer and for what is pushed to it. */
import { type LogDesk, type LogEvent, type LogType, typeOf } from '../log-desk.ts';
import { hash } from './live-paths.ts';
import { type LogAsk, logQueryOf, questionOf } from './log-ask.ts';
import type { AskedRange } from './range-ask.ts';

/** A page that follows shows no more either: web/client/log-tail.ts lets go of what is older. */
const ROWS_A_PAGE = 200;

/** What is read of the log: events with their types, and the queries that lead on from them. */
export interface LogFound {
  readonly flowId: string;
  /** Of the ask and its range. */
  readonly token: string;
  readonly events: readonly (LogEvent & { readonly type: LogType })[];
  readonly next?: string;
  readonly isOldestFirst: boolean;
  readonly cleared?: string;
}

/** Only the newest page of a range that goes on can be followed. */
export const canFollow = (ask: LogAsk, range: AskedRange): boolean =>
  ask.follow && range.isLive && ask.order === 'newest-first' && ask.cursor === undefined;

/** Rejects with a Refusal as the desk does. */
export async function readLog(log: LogDesk, flowId: string, ask: LogAsk, range: AskedRange): Promise<LogFound> {
  const { events, next } = await log.read({ ...questionOf(flowId, ask, range), limit: ROWS_A_PAGE });
  const isFiltered = ask.types.length > 0 || ask.text !== '';
  // The following page is of the range as it was: one that ends now would have moved on by then.
  const fixed = range.isLive ? `${range.text}&until=${range.to}` : range.text;
  return {
    flowId,
    token: hash(logQueryOf(ask, range.text)),
    events: events.map((event) => ({ ...event, type: typeOf(event) })),
    isOldestFirst: ask.order === 'oldest-first',
    ...(next !== undefined && { next: `${logQueryOf(ask, fixed)}&cursor=${encodeURIComponent(next)}` }),
    ...(isFiltered && { cleared: logQueryOf({ ...ask, types: [], text: '' }, range.text) }),
  };
}
