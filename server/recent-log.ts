/** The newest lines of a flow's log, for its page: read once, and again only when there is another one. */
import type { LogEvent } from '../db/history-model.ts';
import type { LogDesk } from './log-desk.ts';
import { Refusal } from './refusal.ts';

/** What a page shows. */
const MOST_SHOWN = 50;
/** A little less than the longest range that may be asked for. */
const SPAN_MS = 86_340_000;
/** What was read is read again after this, because lines grow too old for a page. */
const STALE_MS = 60_000;
/** Flows whose lines are remembered. */
const MOST_FLOWS = 500;

export interface RecentLog {
  /** Newest first, of the last 24 hours; undefined while the log cannot be read. */
  of(flowId: string): Promise<readonly LogEvent[] | undefined>;
  /** Hears which flows have new lines. Returns the way to stop. */
  subscribe(hear: (flowIds: ReadonlySet<string>) => void): () => void;
}

interface Read {
  readonly at: number;
  readonly events: Promise<readonly LogEvent[] | undefined>;
}

/** `now` is epoch ms. */
export function createRecentLog(desk: Pick<LogDesk, 'read' | 'subscribe'>, now: () => number): RecentLog {
  const reads = new Map<string, Read>();
  const hearers = new Set<(flowIds: ReadonlySet<string>) => void>();
  desk.subscribe((events) => {
    const flowIds = new Set(events.map(({ flowId }) => flowId));
    for (const flowId of flowIds) reads.delete(flowId);
    for (const hear of [...hearers]) hear(flowIds);
  });
  const read = async (flowId: string): Promise<readonly LogEvent[] | undefined> => {
    const at = now();
    try {
      // A relay whose clock is a little ahead tells of the near future.
      const { events } = await desk.read({ flowId, from: at - SPAN_MS, to: at + 10_000, limit: MOST_SHOWN });
      return events;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      reads.delete(flowId);
      return undefined;
    }
  };
  return {
    of: (flowId) => {
      const known = reads.get(flowId);
      if (known && now() - known.at < STALE_MS) return known.events;
      const fresh = { at: now(), events: read(flowId) };
      if (reads.size >= MOST_FLOWS) reads.clear();
      reads.set(flowId, fresh);
      return fresh.events;
    },
    subscribe: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
  };
}
