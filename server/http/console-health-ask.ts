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
import { first, type Query } from './range-ask.ts';

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

/** The ask as a query without its range; what comes back is the same ask. */
export function queryOf({ pipeline, endpointId, figures }: HealthAsk, tracks: readonly string[]): string {
  const query = new URLSearchParams({ pipeline, endpoint: endpointId, of: `${pipeline} ${endpointId}` });
  for (const track of tracks) query.append('track', track);
  for (const figure of figures) query.append('figure', figure);
  return query.toString();
}
