/** What is marked on the time axis of the charts: the resets of an end, and what the log tells of it, folded where dense. */
import type { LogEvent, LogType } from '../../db/history-model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import type { Mark } from '../../web/views/health-marks.tsx';
import { logSentence } from '../../web/views/words-events.ts';
import { t } from '../../web/views/language.ts';
import type { LogDesk } from '../log-desk.ts';

/** Nobody tells more of them apart on an axis. */
export const MOST_MARKS = 200;
/** Sentences of one mark; the others are counted. */
const MOST_SENTENCES = 3;
const PAGE = 500;
const MOST_PAGES = 4;

export interface MarkAsk {
  readonly flowId: string;
  readonly pipeline: Pipeline;
  readonly endpointId: string;
  readonly from: number;
  readonly to: number;
}

/** What the log tells of one end and of the flow as a whole, oldest first; of very many, the newest. Rejects with a Refusal. */
export async function eventsOf(log: Pick<LogDesk, 'read'>, ask: MarkAsk): Promise<readonly LogEvent[]> {
  const { flowId, pipeline, endpointId, from, to } = ask;
  const types: readonly LogType[] = [`${endpointId === 'input' ? 'input' : 'output'}-${pipeline}`, 'flow'];
  const found: LogEvent[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { events, next } = await log.read({ flowId, from, to, types, limit: PAGE, ...(cursor && { cursor }) });
    found.push(...events.filter((event) => event.role === 'flow' || isOf(event, ask)));
    if (next === undefined) break;
    cursor = next;
  }
  return found.filter(({ at }) => at >= from && at < to).sort((a, b) => a.at - b.at);
}

const isOf = (event: LogEvent, { pipeline, endpointId }: MarkAsk): boolean =>
  event.pipeline === pipeline && event.endpointId === endpointId;

/** Oldest first; whatever falls into one two-hundredth of the range is one mark. */
export function toMarks(
  resets: readonly number[],
  events: readonly LogEvent[],
  { from, to }: Pick<MarkAsk, 'from' | 'to'>,
): readonly Mark[] {
  const width = (to - from) / MOST_MARKS;
  const folds = new Map<number, LogEvent[]>();
  for (const event of events) {
    const place = Math.floor((event.at - from) / width);
    folds.set(place, [...(folds.get(place) ?? []), event]);
  }
  const told = [...folds.values()].map((fold) => foldedMark(fold));
  const anew = resets.map((at) => ({ at, kind: 'reset' as const, text: t('Totals began anew.') }));
  return [...told, ...anew].sort((a, b) => a.at - b.at);
}

function foldedMark(fold: readonly LogEvent[]): Mark {
  const [first] = fold;
  const said = fold.slice(0, MOST_SENTENCES).map(logSentence);
  const rest = fold.length - said.length;
  const more = rest > 0 ? [t('And {count} more.', { count: rest })] : [];
  return { at: first?.at ?? 0, kind: 'event', text: [...said, ...more].join(' ') };
}
