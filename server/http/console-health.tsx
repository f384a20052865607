/** The Health tab: its page, the points of its charts, and its files. */
import type { Context, Hono } from 'hono';
import type { Flow } from '../../db/model.ts';
import { type FigureName, trackFigures } from '../../web/views/figures.ts';
import { HealthPage, type HealthShown, HealthSummary, type HealthView } from '../../web/views/health.tsx';
import { type FormState, tabUrl } from '../../web/views/props.ts';
import type { HealthDesk } from '../health.ts';
import { Refusal } from '../refusal.ts';
import { statusOf } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import {
  endpointFigures,
  type HealthAsk,
  type HealthRange,
  lastOf,
  momentOf,
  type Query,
  queryOf,
  readAsk,
  readRange,
} from './console-health-ask.ts';
import { type HealthRead, toCharts, toSummary } from './console-health-charts.ts';
import { toFlowPage } from './console-page.ts';
import { flowLivePath } from './live-paths.ts';
import { inPieces } from './pieces.ts';
import { refusalProblem } from './problem.ts';

/** More points than a chart has pixels tell nobody more. */
const MOST_POINTS = 2000;

export function mountHealthTab(app: Hono, desk: Desk): void {
  const url = tabUrl(':id', 'health');
  app.get(url, (c) => showPage(c, desk));
  app.get(`${url}/data`, (c) => orProblem(c, () => sendData(c, desk)));
  app.get(`${url}/data.csv`, (c) => orProblem(c, () => sendCsv(c, desk)));
}

async function showPage(c: Context, desk: Desk): Promise<Response> {
  const live = await desk.look(c);
  const query = c.req.queries();
  const ask = readAsk(query, live.flow);
  const found = await orRefusal(() => look(desk.health, live.flow, ask, readRange(query, Date.now())));
  const refusal = found instanceof Refusal ? found : undefined;
  const shown = found instanceof Refusal ? undefined : found;
  const view = toView(query, ask, shown, refusal);
  return desk.answer(c, {
    title: `${live.flow.name}: health`,
    body: <HealthPage page={toFlowPage(live, desk)} view={view} />,
    fragment: shown && <HealthSummary flowId={live.flow.id} shown={shown} />,
    live: flowLivePath(live),
    script: 'health',
    status: refusal && statusOf(refusal),
  });
}

interface Found extends HealthShown {
  /** All that were measured in the range, and those of them that are shown. */
  readonly allTracks: readonly string[];
  readonly tracks: readonly string[];
}

async function look(health: HealthDesk, flow: Flow, ask: HealthAsk, range: HealthRange): Promise<Found> {
  const allTracks = await tracksOf(health, flow, ask, range);
  const tracks = allTracks.filter((track) => ask.tracks?.includes(track) ?? true);
  const rows = toSummary(await readAll(health, flow, ask, tracks, range, MOST_POINTS), ask.figures);
  return { allTracks, tracks, rows, query: queryOf(ask, tracks), range: range.text, isLive: range.isLive };
}

async function tracksOf(
  health: HealthDesk,
  flow: Flow,
  ask: HealthAsk,
  range: HealthRange,
): Promise<readonly string[]> {
  const channels = await health.channels(flow.id, range.from, range.to);
  const own = channels.filter(({ pipeline, endpointId }) => pipeline === ask.pipeline && endpointId === ask.endpointId);
  return own.flatMap(({ track }) => track ?? []).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

async function readAll(
  health: HealthDesk,
  flow: Flow,
  ask: HealthAsk,
  tracks: readonly string[],
  { from, to }: HealthRange,
  maxPoints: number,
): Promise<HealthRead> {
  const read = (fields: readonly FigureName[], track?: string) =>
    health.read({ channel: channelOf(flow, ask, track), from, to, fields, maxPoints });
  const [endpoint, ...each] = await Promise.all([
    read(endpointFigures(ask)),
    ...tracks.map(async (track) => ({ track, series: await read(trackFigures, track) })),
  ]);
  return { endpoint, tracks: each };
}

const channelOf = (flow: Flow, { pipeline, endpointId }: HealthAsk, track?: string) => ({
  flowId: flow.id,
  pipeline,
  endpointId,
  ...(track !== undefined && { track }),
});

function toView(query: Query, ask: HealthAsk, found: Found | undefined, refusal: Refusal | undefined): HealthView {
  const { pipeline, endpointId, protocol, offered, figures } = ask;
  return {
    form: toForm(query, ask, refusal),
    zone: query['zone']?.[0] ?? '',
    pipeline,
    endpointId,
    protocol,
    tracks: (found?.allTracks ?? ask.tracks ?? []).map((value) => ({
      value,
      isTicked: found?.tracks.includes(value) ?? true,
    })),
    figures: offered.map((value) => ({ value, isTicked: figures.includes(value) })),
    shown: found,
  };
}

/** A refusal that belongs to a time stands beside it, in the rule's own words. */
function toForm(query: Query, ask: HealthAsk, refusal: Refusal | undefined): FormState {
  const [from, to] = [momentOf(query, 'from'), momentOf(query, 'to')].map((at) => (at === undefined ? '' : String(at)));
  return {
    values: { pipeline: ask.pipeline, endpoint: ask.endpointId, last: lastOf(query), from: from ?? '', to: to ?? '' },
    errors: refusal?.faults ?? [],
    ...(refusal && refusal.faults.length === 0 && { refusal: refusal.message }),
  };
}

/** With `step`, points are as far apart as they are on the charts that they are joined to. */
async function sendData(c: Context, desk: Desk): Promise<Response> {
  const { flow } = await desk.look(c);
  const ask = readAsk(c.req.queries(), flow);
  const range = readRange(c.req.queries(), Date.now());
  const step = Number(c.req.query('step'));
  const points = step > 0 ? Math.ceil((range.to - range.from) / step) + 1 : MOST_POINTS;
  const tracks = ask.tracks ?? (await tracksOf(desk.health, flow, ask, range));
  const read = await readAll(desk.health, flow, ask, tracks, range, Math.min(points, MOST_POINTS));
  return c.json(toCharts(read, ask.figures));
}

async function sendCsv(c: Context, desk: Desk): Promise<Response> {
  const { flow } = await desk.look(c);
  const ask = readAsk(c.req.queries(), flow);
  const { from, to } = readRange(c.req.queries(), Date.now());
  const track = c.req.query('track');
  const fields = track === undefined ? endpointFigures({ figures: ask.offered }) : trackFigures;
  const text = await desk.health.readText({ channel: channelOf(flow, ask, track), from, to, fields }, 'csv');
  const name = ['health', flow.id, ask.pipeline, ask.endpointId, ...(track === undefined ? [] : [track])].join('-');
  return c.body(inPieces(text), 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name.replaceAll(/[^\w-]/g, '-')}.csv"`,
  });
}

async function orRefusal<T>(work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

async function orProblem(c: Context, work: () => Promise<Response>): Promise<Response> {
  const answer = await orRefusal(work);
  return answer instanceof Refusal ? refusalProblem(c, answer) : answer;
}
