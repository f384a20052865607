/** What the Health tab is asked by its URL: which end of which pipeline, from when to when, which tracks and figures. */
import {
  bandwidthFigures,
  checkFigures,
  type FigureName,
  hiddenAtFirst,
  linkFigures,
} from '../../web/views/figures.ts';
import { type Pipeline, type Protocol, pipelines } from '../../relay/contract/settings.ts';
import type { Flow } from '../../db/model.ts';
import { Refusal } from '../refusal.ts';

export interface HealthAsk {
  readonly pipeline: Pipeline;
  readonly endpointId: string;
  readonly protocol: Protocol;
  readonly side: 'source' | 'sink';
  /** What this end's protocol tells of its link, and what of it is shown. */
  readonly offered: readonly FigureName[];
  readonly figures: readonly FigureName[];
  /** As they were ticked; none where another end is asked for than the boxes were of: then all are shown. */
  readonly tracks: readonly string[] | undefined;
}

export interface HealthRange {
  readonly from: number;
  readonly to: number;
  /** It ends now, and goes on. */
  readonly isLive: boolean;
  /** As it stands in a URL. */
  readonly text: string;
}

/** All values of each name, as Hono reads a query. */
export type Query = Readonly<Record<string, readonly string[]>>;

const FIRST_SECONDS = '900';
const first = (query: Query, name: string): string | undefined => query[name]?.[0];

/** A Refusal where the flow has no such output. What is not said is the primary source. */
export function readAsk(query: Query, { input, outputs }: Flow): HealthAsk {
  const pipeline = pipelines.find((it) => it === first(query, 'pipeline')) ?? 'primary';
  const endpointId = first(query, 'endpoint') ?? 'input';
  const end = endpointId === 'input' ? input : outputs.find(({ id }) => id === endpointId);
  if (!end) throw new Refusal('output-not-found');
  const ticked = first(query, 'of') === `${pipeline} ${endpointId}`;
  const side = endpointId === 'input' ? 'source' : 'sink';
  const offered = linkFigures[end.protocol][side];
  const wanted = new Set(query['figure']);
  return {
    pipeline,
    endpointId,
    protocol: end.protocol,
    side,
    offered,
    figures: offered.filter((name) => (ticked ? wanted.has(name) : !hiddenAtFirst.has(name))),
    tracks: ticked ? (query['track'] ?? []) : undefined,
  };
}

/** The figures of the endpoint itself that are read for a page. */
export const endpointFigures = ({ figures }: Pick<HealthAsk, 'figures'>): readonly FigureName[] => [
  ...bandwidthFigures,
  ...figures,
  ...checkFigures,
];

/** Which choice of range the form shows: a quick one in seconds, or `custom`. */
export const lastOf = (query: Query): string =>
  first(query, 'last') ?? (first(query, 'from') === undefined ? FIRST_SECONDS : 'custom');

/** The time that was asked for, or undefined where there is none; a time without a zone is UTC. */
export function momentOf(query: Query, name: 'from' | 'to'): number | undefined {
  const text = first(query, name)?.trim() ?? '';
  if (/^\d{1,14}$/.test(text)) return Number(text);
  const at = Date.parse(`${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** A Refusal where a time is no time. Whether the range is too long is for the rules to say. */
export function readRange(query: Query, now: number): HealthRange {
  const last = lastOf(query);
  if (/^\d{1,6}$/.test(last)) return { from: now - Number(last) * 1000, to: now, isLive: true, text: `last=${last}` };
  const [from, to] = [momentOf(query, 'from'), momentOf(query, 'to')];
  const isLive = (first(query, 'to') ?? '').trim() === '';
  if (from === undefined) throw unreadable('from');
  if (to === undefined && !isLive) throw unreadable('to');
  return { from, to: to ?? now, isLive, text: `from=${from}${to === undefined ? '' : `&to=${to}`}` };
}

const unreadable = (field: string): Refusal =>
  new Refusal('invalid-fields', [{ field, code: 'time-unreadable', message: 'Enter a date and a time.' }]);

/** The ask as a query without its range; what comes back is the same ask. */
export function queryOf({ pipeline, endpointId, figures }: HealthAsk, tracks: readonly string[]): string {
  const query = new URLSearchParams({ pipeline, endpoint: endpointId, of: `${pipeline} ${endpointId}` });
  for (const track of tracks) query.append('track', track);
  for (const figure of figures) query.append('figure', figure);
  return query.toString();
}
