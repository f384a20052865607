/** The points of the Health tab's charts: as the server sends them, and joined as they go on. */
import { t } from './words.ts';

export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly onlyFaults?: boolean;
  /** Why it has no lines, where the server knows it. */
  readonly none?: string;
  readonly lines: readonly Line[];
}

/** At `at` (epoch ms) something happened, or the totals began anew. */
export interface Mark {
  readonly at: number;
  readonly kind: 'event' | 'reset';
  readonly text: string;
}

/** Value i of each line is of the time `from + i * stepMs`; null is a gap. */
export interface Points {
  readonly from: number;
  readonly stepMs: number;
  readonly count: number;
  readonly charts: readonly Chart[];
  /** Oldest first. */
  readonly marks: readonly Mark[];
}

/** So many of the newest points are asked for again: the last seconds come late, and the last point was not whole. */
export const AGAIN = 10;

/** Marks of a range that goes on for hours; the server folds those of one that it is asked for as a whole. */
const MOST_MARKS = 400;

/** Rejects where the server gives no points: it says why, or the session has ended. */
export async function fetchPoints(url: string): Promise<Points> {
  const answer = await fetch(url, { headers: { Accept: 'application/json' } });
  const body: unknown = answer.redirected ? undefined : await answer.json();
  if (answer.ok && isPoints(body)) return body;
  throw new Error(hasTitle(body) ? body.title : t('Your session has ended. Reload the page.'));
}

const isPoints = (body: unknown): body is Points =>
  typeof body === 'object' && body !== null && 'charts' in body && Array.isArray(body.charts);

const hasTitle = (body: unknown): body is { title: string } =>
  typeof body === 'object' && body !== null && 'title' in body && typeof body.title === 'string';

/** The old points up to where the new ones begin, then these; at most `most` of them. Both have the same step and lines. */
export function join(old: Points, fresh: Points, most: number): Points {
  const kept = Math.max(0, Math.min(old.count, Math.round((fresh.from - old.from) / old.stepMs)));
  const cut = Math.max(0, kept + fresh.count - most);
  const joined = (before: readonly (number | null)[], after: readonly (number | null)[]) =>
    [...before.slice(0, kept), ...after].slice(cut);
  const charts = old.charts.map((chart, index) => ({
    ...chart,
    lines: chart.lines.map((line, place) => ({
      ...line,
      values: joined(line.values, fresh.charts[index]?.lines[place]?.values ?? []),
    })),
  }));
  const from = old.from + cut * old.stepMs;
  const marks = [...old.marks.filter(({ at }) => at >= from && at < fresh.from), ...fresh.marks].slice(-MOST_MARKS);
  return { ...old, from, count: kept + fresh.count - cut, charts, marks };
}

/** The lines that are drawn: those that were measured, and of checks those that found something. */
export const drawn = ({ lines, onlyFaults }: Chart): readonly Line[] =>
  lines.filter(({ values }) => values.some((value) => value !== null && (value !== 0 || !onlyFaults)));
