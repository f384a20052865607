/** The events of a flow as they come, gone on with from where a reader was: nothing is missed while it was away. */
import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { type LogEvent, LONGEST_PAGE } from '../db/history-model.ts';
import type { LogDesk } from './log-desk.ts';
import { refuseField } from './refusal.ts';

/** A reader that is this many events behind is let go: it comes back with the last id that it saw. */
const MOST_WAITING = 1000;
/** A range of the log is shorter than a day: who was away longer is told of the gap. */
const LONGEST_MS = 86_400_000 - 120_000;
/** Clocks of relays may be ahead of ours. */
const AHEAD_MS = 60_000;

export type TailItem =
  | { readonly kind: 'event'; readonly id: string; readonly event: LogEvent }
  /** What happened before `from` (epoch ms) is not sent: the reader was away too long. */
  | { readonly kind: 'gap'; readonly from: number }
  /** Nothing happened for a while. */
  | { readonly kind: 'quiet' };

export interface TailWish {
  readonly flowId: string;
  /** The id of the last event that the reader has; absent: from now on. */
  readonly after?: string | undefined;
  /** Epoch ms. */
  readonly now: () => number;
  readonly quietMs: number;
  readonly ended: AbortSignal;
}

const placeSchema = z.tuple([z.number(), z.string(), z.string(), z.number()]);
type Place = z.infer<typeof placeSchema>;

/** Opaque, and the same for the same event for ever. */
export const idOf = ({ at, relay, boot, seq }: LogEvent): string =>
  Buffer.from(JSON.stringify([at, relay, boot, seq])).toString('base64url');

/** Throws a Refusal where the id is none of ours. */
function readId(id: string): Place {
  try {
    return placeSchema.parse(JSON.parse(Buffer.from(id, 'base64url').toString()));
  } catch {
    throw refuseField('cursor-invalid', 'last-event-id');
  }
}

/**
 * Ends when `ended` is aborted, or when the reader is too slow. Throws a Refusal at once where `after` is no id, and
 * while it is read where the log cannot be read.
 */
export function tail(log: LogDesk, wish: TailWish): AsyncGenerator<TailItem, void> {
  const place = wish.after === undefined ? undefined : readId(wish.after);
  const waiting = waitingOf(log, wish);
  return follow(log, wish, { place, waiting });
}

async function* follow(
  log: LogDesk,
  wish: TailWish,
  { place, waiting }: { place: Place | undefined; waiting: Waiting },
): AsyncGenerator<TailItem, void> {
  const sent = new Set<string>();
  try {
    if (place)
      for await (const item of missed(log, wish, place)) {
        if (item.kind === 'event') remember(sent, item.id);
        yield item;
      }
    while (!wish.ended.aborted && !waiting.isBehind()) {
      const event = await waiting.next();
      if (event === undefined) yield { kind: 'quiet' };
      else if (event !== 'end' && remember(sent, idOf(event))) yield { kind: 'event', id: idOf(event), event };
    }
  } finally {
    waiting.close();
  }
}

/** What was kept since the reader was there, oldest first. */
async function* missed(log: LogDesk, { flowId, now, ended }: TailWish, place: Place): AsyncGenerator<TailItem, void> {
  const [at] = place;
  const from = Math.max(at, now() - LONGEST_MS);
  if (from > at) yield { kind: 'gap', from };
  const last = Buffer.from(JSON.stringify(place)).toString('base64url');
  let isBeyond = from > at;
  let cursor: string | undefined;
  do {
    const to = now() + AHEAD_MS;
    const page = await log.read({ flowId, from, to, order: 'oldest-first', limit: LONGEST_PAGE, cursor });
    // Of the moment of the last event only what comes behind it; all of it where that event is not kept any more.
    const seen = isBeyond ? -1 : page.events.findIndex((event) => idOf(event) === last);
    isBeyond = true;
    for (const event of page.events.slice(seen + 1)) yield { kind: 'event', id: idOf(event), event };
    cursor = page.next;
  } while (cursor !== undefined && !ended.aborted);
}

interface Waiting {
  /** The next event; undefined after a while without one; `end` where there will be none. */
  next(): Promise<LogEvent | 'end' | undefined>;
  isBehind(): boolean;
  close(): void;
}

/** Hears the log from now on, so that nothing falls between what is read and what is heard. */
function waitingOf(log: LogDesk, { flowId, quietMs, ended }: TailWish): Waiting {
  const events: LogEvent[] = [];
  let isBehind = false;
  let wake = (): void => undefined;
  const stop = log.subscribe((fresh) => {
    const ours = fresh.filter((event) => event.flowId === flowId);
    if (isBehind || ours.length === 0) return;
    if (events.length + ours.length > MOST_WAITING) {
      isBehind = true;
      events.length = 0;
    } else events.push(...ours);
    wake();
  });
  // A reader may go before it has read anything, so that the end must not be left to the reading.
  const onEnd = (): void => {
    stop();
    wake();
  };
  ended.addEventListener('abort', onEnd);
  return {
    next: async () => {
      if (events.length === 0 && !isBehind && !ended.aborted) await pause(quietMs, (resume) => (wake = resume));
      return isBehind || ended.aborted ? 'end' : events.shift();
    },
    isBehind: () => isBehind,
    close: () => {
      stop();
      ended.removeEventListener('abort', onEnd);
      wake();
    },
  };
}

function pause(ms: number, onResume: (resume: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    onResume(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** An event may be heard twice. True where this one was not sent lately. */
function remember(sent: Set<string>, id: string): boolean {
  if (sent.has(id)) return false;
  sent.add(id);
  if (sent.size > MOST_WAITING) for (const oldest of sent.values()) return sent.delete(oldest);
  return true;
}
