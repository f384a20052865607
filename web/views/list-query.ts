/** Which flows the list shows, and in which order: read from the page's URL, and written back into it. Pure. */
import type { Region } from '../../db/model.ts';
import { destinationText } from './destination.ts';
import { bothPipelines, type FlowView, regionName } from './props.ts';
import { type Tone, verdictOf } from './status.ts';

/** So many flows are on one page of the list, and are pushed live to it. */
export const PAGE_SIZE = 100;
const LONGEST_SEARCH = 100;

/** What a flow may be asked to be. Each flow is one of `trouble`, `partial`, `well` and `idle`; all but idle ones run. */
export const stateFilters = ['running', 'trouble', 'partial', 'well', 'idle'] as const;
export type StateFilter = (typeof stateFilters)[number];

export const sorts = ['name', 'state', 'region', 'bitrate', 'newest'] as const;
export type Sort = (typeof sorts)[number];

export interface ListQuery {
  /** Words that must all be in a flow's name, id, ends or addresses; empty for all flows. */
  readonly search: string;
  readonly regionId?: string;
  readonly state?: StateFilter;
  readonly sort: Sort;
  /** From 1. */
  readonly page: number;
}

/** What an unknown or malformed part of the URL asks for is nothing. */
export function readListQuery(get: (name: string) => string | undefined): ListQuery {
  const page = Number(get('page'));
  return {
    search: (get('q') ?? '').trim().slice(0, LONGEST_SEARCH),
    regionId: get('region') || undefined,
    state: stateFilters.find((it) => it === get('state')),
    sort: sorts.find((it) => it === get('sort')) ?? 'name',
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** The list's URL. What is as it is at first is left out, so that equal questions have equal URLs. */
export function listUrl({ search, regionId, state, sort, page }: ListQuery): string {
  const parts = {
    q: search,
    region: regionId ?? '',
    state: state ?? '',
    sort: sort === 'name' ? '' : sort,
    page: page === 1 ? '' : String(page),
  };
  const given = Object.entries(parts).filter(([, value]) => value !== '');
  return given.length === 0 ? '/' : `/?${new URLSearchParams(given).toString()}`;
}

export type Counts = Readonly<Record<StateFilter | 'all', number>>;

export interface Selection {
  /** Those of the page, in order. */
  readonly shown: readonly FlowView[];
  /** How many flows match, on all pages. */
  readonly found: number;
  readonly page: number;
  readonly pages: number;
  /** Of the flows that match in all but their state. */
  readonly counts: Counts;
}

/** A page beyond the last one is the last one. */
export function selectFlows(views: readonly FlowView[], query: ListQuery, regions: readonly Region[]): Selection {
  const wanted = words(query.search);
  const near = views
    .filter((view) => !query.regionId || view.flow.regionId === query.regionId)
    .filter((view) => wanted.length === 0 || holdsAll(textOf(view, regions), wanted))
    .map(toSorted);
  const found = near.filter(({ state }) => matches(state, query.state)).toSorted(orders[query.sort](regions));
  const pages = Math.max(1, Math.ceil(found.length / PAGE_SIZE));
  const page = Math.min(query.page, pages);
  const shown = found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(({ view }) => view);
  const count = (filter?: StateFilter): number => near.filter(({ state }) => matches(state, filter)).length;
  const counts = {
    all: near.length,
    running: count('running'),
    trouble: count('trouble'),
    partial: count('partial'),
    well: count('well'),
    idle: count('idle'),
  };
  return { shown, found: found.length, page, pages, counts };
}

/** What comes in at all inputs of a flow now, in bit/s; undefined while nothing does. */
export function inputBitrate({ state, endpoints }: FlowView): number | undefined {
  const flowing = endpoints.filter((it) => it.role === 'source' && it.id === 'input' && it.state === 'connected');
  return state === 'idle' || flowing.length === 0 ? undefined : flowing.reduce((sum, it) => sum + it.bitrate, 0);
}

type OneState = Exclude<StateFilter, 'running'>;

interface Sorted {
  readonly view: FlowView;
  readonly tone: Tone;
  readonly state: OneState;
}

const byTone: Readonly<Record<Tone, OneState>> = {
  bad: 'trouble',
  unknown: 'trouble',
  wait: 'partial',
  ok: 'well',
  idle: 'idle',
};

function toSorted(view: FlowView): Sorted {
  const { tone } = verdictOf(view);
  return { view, tone, state: view.state === 'idle' ? 'idle' : byTone[tone] };
}

const matches = (state: OneState, filter: StateFilter | undefined): boolean =>
  filter === undefined || (filter === 'running' ? state !== 'idle' : state === filter);

type Order = (a: Sorted, b: Sorted) => number;

/** Numbers within names count as numbers: Channel 2 comes before Channel 10. */
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const byName: Order = ({ view: a }, { view: b }) =>
  collator.compare(a.flow.name, b.flow.name) || compare(a.flow.id, b.flow.id);

const severity: readonly Tone[] = ['bad', 'unknown', 'wait', 'ok', 'idle'];

/** A bit rate is never still: flows whose tenths of a Mbps are the same stand in the order of their names. */
const tenths = ({ view }: Sorted): number => Math.round((inputBitrate(view) ?? -1) / 1e5);

const orders: Readonly<Record<Sort, (regions: readonly Region[]) => Order>> = {
  name: () => byName,
  state: () => (a, b) => severity.indexOf(a.tone) - severity.indexOf(b.tone) || byName(a, b),
  region: (regions) => (a, b) =>
    collator.compare(regionName(regions, a.view.flow.regionId), regionName(regions, b.view.flow.regionId)) ||
    byName(a, b),
  bitrate: () => (a, b) => tenths(b) - tenths(a) || byName(a, b),
  newest: () => (a, b) => b.view.flow.createdAt - a.view.flow.createdAt || compare(b.view.flow.id, a.view.flow.id),
};

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

const words = (text: string): readonly string[] => text.toLowerCase().split(/\s+/).filter(Boolean);

const holdsAll = (text: string, wanted: readonly string[]): boolean => wanted.every((word) => text.includes(word));

/** Everything of a flow that may be searched. No key is in it. */
function textOf({ flow, endpoints }: FlowView, regions: readonly Region[]): string {
  const parts = [
    flow.name,
    flow.id,
    regionName(regions, flow.regionId),
    flow.input.name,
    flow.input.protocol,
    ...bothPipelines.map((pipeline) => `:${flow.input.ports[pipeline]}`),
    ...flow.outputs.flatMap((output) => [
      output.name,
      output.id,
      ...bothPipelines.map((pipeline) => destinationText(output, pipeline) ?? ''),
    ]),
    ...endpoints.map(({ peer }) => (peer ? `${peer.address}:${peer.port}` : '')),
  ];
  return parts.join('\n').toLowerCase();
}
