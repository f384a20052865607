/** The Health tab: its page, the points of its charts, and its files. */
import type { Context, Hono } from 'hono';
import type { LogEvent } from '../../db/history-model.ts';
import type { Flow } from '../../db/model.ts';
import { type FigureName, trackFigures } from '../../web/views/figures.ts';
import { HealthFindings, HealthPage, type HealthShown, type HealthView } from '../../web/views/health.tsx';
import { type FormState, tabUrl } from '../../web/views/props.ts';
import { trackText } from '../../web/views/track-words.ts';
import { t } from '../../web/views/language.ts';
import type { HealthDesk } from '../health.ts';
import type { LogDesk } from '../log-desk.ts';
import { Refusal } from '../refusal.ts';
import { orProblem, orRefusal, statusOf } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import { endpointFigures, type HealthAsk, queryOf, readAsk } from './console-health-ask.ts';
import { type HealthRead, toCharts, toSummary, toTotals } from './console-health-charts.ts';
import { eventsOf, toMarks } from './console-health-marks.ts';
import { readForm } from './console-drafts.ts';
import { sayFaults, sayRefusal } from './console-refusals.ts';
import { toFlowPage } from './console-page.ts';
import { flowLivePath } from './live-paths.ts';
import { inPieces } from './pieces.ts';
import { type AskedRange, type Query, rangeValues, readRange } from './range-ask.ts';

/** More points than a chart has pixels tell nobody more. */
const MOST_POINTS = 2000;

export function mountHealthTab(app: Hono, desk: Desk): void {
  const url = tabUrl(':id', 'health');
  app.get(url, (c) => showPage(c, desk));
  app.get(`${url}/data`, (c) => orProblem(c, () => sendData(c, desk)));
  app.post(`${url}/reset`, (c) => beginAnew(c, desk));
  app.get(`${url}/data.csv`, (c) => orProblem(c, () => sendCsv(c, desk)));
}

async function showPage(c: Context, desk: Desk): Promise<Response> {
  const live = await desk.look(c);
  const query = c.req.queries();
  const ask = readAsk(query, live.flow);
  const found = await orRefusal(() => look(desk, live.flow, ask, readRange(query, Date.now())));
  const refusal = found instanceof Refusal ? found : undefined;
  const shown = found instanceof Refusal ? undefined : found;
  const view = toView(desk.health, query, ask, shown, refusal);
  return desk.answer(c, {
    title: t('{name}: health', { name: live.flow.name }),
    body: <HealthPage page={toFlowPage(live, desk, await desk.recent.of(live.flow.id))} view={view} />,
    fragment: shown && <HealthFindings flowId={live.flow.id} view={view} shown={shown} />,
    live: flowLivePath(live),
    script: 'health',
    status: refusal && statusOf(refusal),
  });
}

interface NamedTrack {
  readonly id: string;
  readonly name: string;
}

const nameless = (ids: readonly string[]): readonly NamedTrack[] =>
  ids.map((id) => ({ id, name: trackText(id, undefined) }));

/** Those that were asked for, though none of their seconds may be in the range. */
const named = (ids: readonly string[], all: readonly NamedTrack[]): readonly NamedTrack[] =>
  nameless(ids).map((track) => all.find(({ id }) => id === track.id) ?? track);

interface Found extends HealthShown {
  /** All that were measured in the range, and those of them that are shown. */
  readonly allTracks: readonly NamedTrack[];
  readonly tracks: readonly string[];
}

async function look({ health, log }: Desk, flow: Flow, ask: HealthAsk, range: AskedRange): Promise<Found> {
  const allTracks = await tracksOf(health, flow, ask, range);
  const shown = allTracks.filter(({ id }) => ask.tracks?.includes(id) ?? true);
  const [read, totals, told] = await Promise.all([
    readAll(health, flow, ask, shown, range, MOST_POINTS),
    health.totals(channelOf(flow, ask)),
    toldOf(log, flow, ask, range),
  ]);
  const rows = toSummary(read, ask);
  const tracks = shown.map(({ id }) => id);
  const marks = toMarks(read.endpoint.marks, told.events, range);
  const found = { rows, marks, logFault: told.fault, totals: toTotals(totals, ask.offered) };
  return { allTracks, tracks, ...found, query: queryOf(ask, tracks), range: range.text, isLive: range.isLive };
}

/** A log that cannot be read is no reason to show no charts. */
async function toldOf(
  log: LogDesk,
  flow: Flow,
  { pipeline, endpointId }: HealthAsk,
  { from, to }: AskedRange,
): Promise<{ readonly events: readonly LogEvent[]; readonly fault?: string }> {
  const events = await orRefusal(() => eventsOf(log, { flowId: flow.id, pipeline, endpointId, from, to }));
  return events instanceof Refusal ? { events: [], fault: sayRefusal(events) } : { events };
}

async function tracksOf(
  health: HealthDesk,
  flow: Flow,
  ask: HealthAsk,
  range: AskedRange,
): Promise<readonly NamedTrack[]> {
  const channels = await health.channels(flow.id, range.from, range.to);
  const own = channels.filter(({ pipeline, endpointId }) => pipeline === ask.pipeline && endpointId === ask.endpointId);
  return own
    .flatMap(({ track, about }) => (track === undefined ? [] : [{ id: track, name: trackText(track, about) }]))
    .sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
}

async function readAll(
  health: HealthDesk,
  flow: Flow,
  ask: HealthAsk,
  tracks: readonly NamedTrack[],
  { from, to }: AskedRange,
  maxPoints: number,
): Promise<HealthRead> {
  const read = (fields: readonly FigureName[], track?: string) =>
    health.read({ channel: channelOf(flow, ask, track), from, to, fields, maxPoints });
  const [endpoint, ...each] = await Promise.all([
    read(endpointFigures(ask)),
    ...tracks.map(async ({ id, name }) => ({ name, series: await read(trackFigures, id) })),
  ]);
  return { endpoint, tracks: each };
}

const channelOf = (flow: Flow, { pipeline, endpointId }: HealthAsk, track?: string) => ({
  flowId: flow.id,
  pipeline,
  endpointId,
  ...(track !== undefined && { track }),
});

function toView(
  health: HealthDesk,
  query: Query,
  ask: HealthAsk,
  found: Found | undefined,
  refusal: Refusal | undefined,
): HealthView {
  const { pipeline, endpointId, protocol, offered, figures } = ask;
  const all = found?.allTracks ?? nameless(ask.tracks ?? []);
  return {
    retentionDays: health.retentionDays,
    form: toForm(query, ask, refusal),
    zone: query['zone']?.[0] ?? '',
    pipeline,
    endpointId,
    protocol,
    tracks: all.map(({ id }) => ({ value: id, isTicked: found?.tracks.includes(id) ?? true })),
    trackNames: Object.fromEntries(all.map(({ id, name }) => [id, name])),
    figures: offered.map((value) => ({ value, isTicked: figures.includes(value) })),
    shown: found,
  };
}

/** A refusal that belongs to a time stands beside it, in the rule's own words. */
function toForm(query: Query, ask: HealthAsk, refusal: Refusal | undefined): FormState {
  return {
    values: { pipeline: ask.pipeline, endpoint: ask.endpointId, ...rangeValues(query) },
    errors: sayFaults(refusal?.faults ?? []),
    ...(refusal && refusal.faults.length === 0 && { refusal: sayRefusal(refusal) }),
  };
}

/** With `step`, points are as far apart as they are on the charts that they are joined to. */
async function sendData(c: Context, desk: Desk): Promise<Response> {
  const { flow } = await desk.look(c);
  const ask = readAsk(c.req.queries(), flow);
  const range = readRange(c.req.queries(), Date.now());
  const step = Number(c.req.query('step'));
  const points = step > 0 ? Math.ceil((range.to - range.from) / step) + 1 : MOST_POINTS;
  const all = await tracksOf(desk.health, flow, ask, range);
  const tracks = ask.tracks === undefined ? all : named(ask.tracks, all);
  const read = await readAll(desk.health, flow, ask, tracks, range, Math.min(points, MOST_POINTS));
  const told = await toldOf(desk.log, flow, ask, range);
  return c.json(toCharts(read, ask, toMarks(read.endpoint.marks, told.events, range)));
}

/** Back to the page as it was. */
async function beginAnew(c: Context, desk: Desk): Promise<Response> {
  const { flow } = await desk.look(c);
  const { pipeline = '', endpoint = '', back = '' } = await readForm(c);
  const ask = readAsk({ pipeline: [pipeline], endpoint: [endpoint] }, flow);
  await desk.health.reset(channelOf(flow, ask));
  return c.redirect(`${tabUrl(flow.id, 'health')}?${new URLSearchParams(back).toString()}`, 303);
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
