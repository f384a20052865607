/** The Health tab: its form, and its charts, which go on by themselves while the range ends now. */
import { draw, type Drawing, labelsOf, tellNone } from './health-chart.ts';
import { AGAIN, fetchPoints, join, type Points } from './health-points.ts';
import { wireForm } from './range-form.ts';
import { t } from './words.ts';
import { showZonedTimes } from './zoned-times.ts';

const LEAST_WAIT_MS = 3000;

const form = document.getElementById('health-form');
const select = document.getElementById('zone');
const place = document.getElementById('health-charts');
if (form instanceof HTMLFormElement && select instanceof HTMLSelectElement) {
  const zone = wireForm(form, select);
  const panel = document.getElementById('panel-health');
  if (panel) showZonedTimes(panel, zone);
  if (place) void run(place, zone);
}

/** Draws, and while the range goes on, asks for what is new, for ever. */
async function run(box: HTMLElement, zone: string): Promise<void> {
  const { source = '', range = '', live } = box.dataset;
  const drawings = new Map<string, Drawing>();
  let points: Points | undefined;
  // Canvas does not follow the page's colours by itself.
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    if (points) drawAnew(box, drawings, points, zone);
  });
  for (;;) {
    try {
      points = await nextPoints(points, source, range);
      showAll(box, drawings, points, zone);
      say(
        live ? t('Live: newest points at {time}', { time: new Date().toLocaleTimeString([], { timeZone: zone }) }) : '',
      );
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
    if (!live) return;
    await wait(Math.max(LEAST_WAIT_MS, (points?.stepMs ?? 0) / 2));
  }
}

/** All points at first, then the newest ones, unless so much was missed that all are as quickly read. */
async function nextPoints(points: Points | undefined, source: string, range: string): Promise<Points> {
  if (!points || points.count <= AGAIN) return fetchPoints(`${source}&${range}`);
  const { from, stepMs, count } = points;
  const since = from + (count - AGAIN) * stepMs;
  if (Date.now() - since > (count * stepMs) / 2) return fetchPoints(`${source}&${range}`);
  const fresh = await fetchPoints(`${source}&from=${since}&step=${stepMs}`);
  if (fresh.stepMs !== stepMs) return fetchPoints(`${source}&${range}`);
  return join(points, fresh, range.startsWith('last=') ? count : Infinity);
}

/** In other colours, zoomed as before. */
function drawAnew(box: HTMLElement, drawings: Map<string, Drawing>, points: Points, zone: string): void {
  for (const chart of points.charts) {
    const drawing = drawings.get(chart.id);
    if (!drawing || !labelsOf(chart)) continue;
    const zoom = drawing.zoom();
    drawing.remove();
    drawings.set(chart.id, draw(placeOf(box, chart.id), points, chart, zone, zoom));
  }
}

function showAll(box: HTMLElement, drawings: Map<string, Drawing>, points: Points, zone: string): void {
  for (const chart of points.charts) {
    const drawing = drawings.get(chart.id);
    const labels = labelsOf(chart);
    if (drawing?.labels === labels) {
      drawing.show(points, chart);
      continue;
    }
    drawing?.remove();
    const place = placeOf(box, chart.id);
    drawings.set(chart.id, labels ? draw(place, points, chart, zone) : tellNone(place, chart));
  }
}

/** Each chart has a place of its own, so that all stay in order though one is drawn anew. */
function placeOf(box: HTMLElement, id: string): HTMLElement {
  const found = document.getElementById(`place-${id}`);
  if (found) return found;
  const place = document.createElement('div');
  place.id = `place-${id}`;
  box.append(place);
  return place;
}

function say(text: string): void {
  const status = document.getElementById('health-status');
  if (status) status.textContent = text;
}

/** A page that nobody sees asks for nothing. */
async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  if (document.hidden)
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
}
