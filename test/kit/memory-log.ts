/** A log desk that keeps its events in memory and answers all of a flow in the order asked for, whatever else is asked. */
import type { LogEvent } from '../../db/history-model.ts';
import type { LogDesk } from '../../server/log-desk.ts';

export function memoryLog(events: LogEvent[] = []): LogDesk {
  const hearers = new Set<(events: readonly LogEvent[]) => void>();
  return {
    append: async (fresh) => {
      events.push(...fresh);
      for (const hear of hearers) hear(fresh);
    },
    read: async ({ flowId, order = 'newest-first' }) => {
      const sign = order === 'newest-first' ? -1 : 1;
      return { events: events.filter((event) => event.flowId === flowId).toSorted((a, b) => sign * (a.at - b.at)) };
    },
    count: async ({ flowId }) => events.filter((event) => event.flowId === flowId).length,
    each: async function* ({ flowId }) {
      yield* events.filter((event) => event.flowId === flowId);
    },
    subscribe: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
  };
}
