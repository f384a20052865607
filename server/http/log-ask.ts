/** What the Log tab is asked by its URL: which types of events, with which text, in which order, from where on. */
import type { LogQuestion, LogType } from '../log-desk.ts';
import { logTypes } from '../log-desk.ts';
import { type AskedRange, first, type Query } from './range-ask.ts';

export interface LogAsk {
  /** None: all. */
  readonly types: readonly LogType[];
  readonly text: string;
  readonly order: 'newest-first' | 'oldest-first';
  readonly cursor: string | undefined;
  /** New events are wanted as they come. */
  readonly follow: boolean;
}

const LONGEST_TEXT = 200;
const DAY_MS = 86_400_000;

/** A relay's clock may be a little ahead of ours: what it tells is not to wait until we are there. */
const AHEAD_MS = 5000;

export function readLogAsk(query: Query): LogAsk {
  const wanted = new Set(query['type']);
  return {
    types: logTypes.filter((type) => wanted.has(type)),
    text: (first(query, 'text') ?? '').trim().slice(0, LONGEST_TEXT),
    order: first(query, 'order') === 'oldest-first' ? 'oldest-first' : 'newest-first',
    cursor: first(query, 'cursor'),
    follow: query['follow']?.at(-1) !== 'off',
  };
}

/** The question to the desk. A range that ends now is held open for clocks that are ahead, and stays below a day. */
export function questionOf(flowId: string, ask: LogAsk, { from, to, isOpen }: AskedRange): LogQuestion {
  const { types, text, order, cursor } = ask;
  const end = isOpen ? to + AHEAD_MS : to;
  const start = isOpen && to - from < DAY_MS ? Math.max(from, end - DAY_MS + 1) : from;
  return {
    flowId,
    from: start,
    to: end,
    order,
    ...(types.length > 0 && { types }),
    ...(text && { text }),
    ...(cursor && { cursor }),
  };
}

/** The ask as a query with this range, without its cursor; what comes back is the same ask. */
export function logQueryOf({ types, text, order, follow }: LogAsk, range: string): string {
  const query = new URLSearchParams(range);
  for (const type of types) query.append('type', type);
  if (text) query.append('text', text);
  if (order === 'oldest-first') query.append('order', order);
  if (!follow) query.append('follow', 'off');
  return query.toString();
}
