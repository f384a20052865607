/** One chart of the Health tab, drawn by uPlot. */
import uPlot from 'uplot';
import { markPlugin } from './health-marks.ts';
import { type Chart, drawn, type Line, type Mark, type Points } from './health-points.ts';
import { t } from './words.ts';

const HEIGHT = 220;
/** As many as web/static/css/health.css has inks. */
const INKS = 8;

const DAY = '\n{YYYY}-{MM}-{DD}';
/** uPlot's table of time marks, by the clock of 24 hours: least step, text, and what is added at a new year, month or day. */
const clock = [
  [86_400, '{YYYY}-{MM}-{DD}', null, null, null, null, null, null, 1],
  [60, '{HH}:{mm}', DAY, null, DAY, null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', DAY, null, DAY, null, null, null, 1],
];

export interface Zoom {
  readonly min: number;
  readonly max: number;
}

/** A chart in the page. `show` draws other points of the same lines, and leaves a zoom as it is. */
export interface Drawing {
  readonly labels: string;
  show(points: Points, chart: Chart): void;
  /** The part of the time that is zoomed to, in seconds; undefined while all of it is shown. */
  zoom(): Zoom | undefined;
  remove(): void;
}

const NOTHING = '';

/** What a chart would be drawn of: another text, and it has to be drawn anew. */
export const labelsOf = (chart: Chart): string => {
  const labels = drawn(chart).map(({ label }) => label);
  return labels.length === 0 ? NOTHING : [chart.unit, ...labels].join('\n');
};

/** Instead of a chart of which nothing was measured. Of checks that found nothing, nothing is said. */
export function tellNone(
  place: HTMLElement,
  { title, onlyFaults, none = t('Not measured here in this range.') }: Chart,
): Drawing {
  const words = document.createElement('p');
  words.className = 'hint';
  words.textContent = onlyFaults ? '' : t('{title}. {none}', { title, none });
  place.append(words);
  return { labels: NOTHING, show: () => undefined, zoom: () => undefined, remove: () => words.remove() };
}

/** `zoom`: the part that is shown at first, where it is not all. */
export function draw(place: HTMLElement, points: Points, chart: Chart, zone: string, zoom?: Zoom): Drawing {
  const box = addFigure(place, chart);
  let { marks } = points;
  const options = optionsOf(box, chart, zone, () => marks);
  const plot = new uPlot(options, dataOf(points, chart), box);
  if (zoom) plot.setScale('x', { ...zoom });
  const resized = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
  resized.observe(box);
  return {
    labels: labelsOf(chart),
    show: (fresh, other) => {
      marks = fresh.marks;
      plot.setData(dataOf(fresh, other), !isZoomed(plot));
      // Zoomed, uPlot draws only where it must: what is new may be in sight.
      if (isZoomed(plot)) plot.redraw();
    },
    zoom: () => (isZoomed(plot) ? zoomOf(plot) : undefined),
    remove: () => {
      resized.disconnect();
      plot.destroy();
      box.remove();
    },
  };
}

function addFigure(place: HTMLElement, { id, title, unit }: Chart): HTMLElement {
  const box = document.createElement('figure');
  box.id = `chart-${id}`;
  box.className = 'chart';
  const caption = document.createElement('figcaption');
  caption.textContent = `${title} (${unit})`;
  box.append(caption);
  place.append(box);
  return box;
}

function optionsOf(box: HTMLElement, chart: Chart, zone: string, marks: () => readonly Mark[]): uPlot.Options {
  const ink = inkOf(box, 'ink-text');
  const grid = { stroke: inkOf(box, 'ink-grid'), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid };
  return {
    width: box.clientWidth,
    height: HEIGHT,
    plugins: [markPlugin({ marks, zone, inks: { event: inkOf(box, 'ink-event'), reset: inkOf(box, 'ink-reset') } })],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    cursor: { sync: { key: 'health' }, drag: { x: true, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.08 : 1] } },
    axes: [
      { ...axis, values: clock },
      { ...axis, label: chart.unit, size: 64, labelSize: 22 },
    ],
    series: [
      { label: t('Time'), value: '{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}' },
      ...drawn(chart).map((line, index) => seriesOf(box, chart, line, index)),
    ],
  };
}

const seriesOf = (box: HTMLElement, { unit, digits }: Chart, { label }: Line, index: number): uPlot.Series => ({
  label,
  stroke: inkOf(box, `ink-${index % INKS}`),
  width: 1.5,
  points: { show: false },
  value: (_, value) => (typeof value === 'number' ? `${value.toFixed(digits)} ${unit}` : '–'),
});

/** A colour of the stylesheet, as canvas takes it. */
function inkOf(box: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.className = name;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function dataOf({ from, stepMs, count }: Points, chart: Chart): uPlot.AlignedData {
  const times = Array.from({ length: count }, (_, index) => (from + index * stepMs) / 1000);
  return [times, ...drawn(chart).map(({ values }) => [...values])];
}

function isZoomed({ data: [times], scales: { x } }: uPlot): boolean {
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || x === undefined) return false;
  return (x.min ?? first) > first || (x.max ?? last) < last;
}

function zoomOf({ scales: { x } }: uPlot): Zoom | undefined {
  const { min, max } = x ?? {};
  return typeof min === 'number' && typeof max === 'number' ? { min, max } : undefined;
}
