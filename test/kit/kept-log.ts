/** The log as the server keeps it: a real history behind its desk. Call it within a test. */
import type { LogEvent } from '../../db/history-model.ts';
import { createLogDesk, type LogDesk } from '../../server/log-desk.ts';
import { logEvent, temporaryHistory } from './history.ts';

export async function keptLog(events: readonly LogEvent[] = []): Promise<LogDesk> {
  const { history } = await temporaryHistory();
  const desk = createLogDesk(history, 7, Date.now);
  if (events.length > 0) await desk.append(events);
  return desk;
}

/** `count` events of a flow, one each second, the newest at `until`. */
export const manyEvents = (flowId: string, count: number, until: number): readonly LogEvent[] =>
  Array.from({ length: count }, (_, index) =>
    logEvent({
      flowId,
      seq: index + 1,
      at: until - (count - 1 - index) * 1000,
      peer: { address: '192.0.2.7', port: index + 1 },
    }),
  );
