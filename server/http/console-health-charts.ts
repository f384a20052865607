/** Kept series as the Health tab shows them: charts in the units that operators read, and a table of what they were. */
import type { HealthColumn, HealthSeries, HealthTotals } from '../../db/history-model.ts';
import {
  bandwidthFigures,
  checkFigures,
  type Figure,
  type FigureName,
  figures,
  notMeasured,
  trackFigures,
} from '../../web/views/figures.ts';
import type { Protocol } from '../../relay/contract/settings.ts';
import type { Mark, TotalsView } from '../../web/views/health-marks.tsx';
import type { SummaryRow } from '../../web/views/health.tsx';
import { t } from '../../web/views/language.ts';

/** What was read: the endpoint itself, and the tracks that are shown, all over the same points. */
export interface HealthRead {
  readonly endpoint: HealthSeries;
  readonly tracks: readonly { readonly name: string; readonly series: HealthSeries }[];
}

/** A line; null is a gap. */
export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

/** `onlyFaults`: lines that are zero all along are left out, and a chart without lines too. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly onlyFaults?: true;
  /** Why it has no lines, where that is known. */
  readonly none?: string;
  readonly lines: readonly Line[];
}

/** Value i of each line is of the time `from + i * stepMs`. */
export interface Charts {
  readonly from: number;
  readonly stepMs: number;
  readonly count: number;
  readonly charts: readonly Chart[];
  readonly marks: readonly Mark[];
}

/** The figures that are wanted, and of which end. */
export interface ChartAsk {
  readonly figures: readonly FigureName[];
  readonly protocol: Protocol;
  readonly side: 'source' | 'sink';
}

export function toCharts(
  { endpoint, tracks }: HealthRead,
  { figures: chosen, ...end }: ChartAsk,
  marks: readonly Mark[],
): Charts {
  const { from, stepMs, count } = endpoint;
  const own = (name: FigureName): Line => lineOf(endpoint, name, t(figures[name].label));
  const ofTracks = (figure: FigureName): readonly Line[] =>
    tracks.map(({ name, series }) => lineOf(series, figure, name));
  const [rate, frames] = trackFigures;
  const charts: readonly Chart[] = [
    { ...frameOf('bandwidth', t('Bandwidth'), 'bitrate', stepMs), lines: bandwidthFigures.map(own) },
    { ...frameOf('track-bitrate', t('Bit rate of each track'), rate, stepMs), lines: ofTracks(rate) },
    { ...frameOf('track-frames', t('Frame rate of each track'), frames, stepMs), lines: ofTracks(frames) },
    ...chosen.map((name) => ({
      ...frameOf(name, t(figures[name].label), name, stepMs),
      none: notMeasured(name, end),
      lines: [own(name)],
    })),
    {
      ...frameOf('checks', t('Stream checks'), 'continuityErrors', stepMs),
      onlyFaults: true,
      lines: checkFigures.map(own),
    },
  ];
  return { from, stepMs, count, charts: charts.filter(({ lines }) => lines.length > 0), marks };
}

function frameOf(id: string, title: string, name: FigureName, stepMs: number): Omit<Chart, 'lines'> {
  const { unit, digits, isCount }: Figure = figures[name];
  return {
    id,
    title,
    unit: isCount ? t('{unit} in {seconds} s', { unit: t(unit), seconds: stepMs / 1000 }) : t(unit),
    digits,
  };
}

function lineOf(series: HealthSeries, name: FigureName, label: string): Line {
  const values = columnOf(series, name)?.values ?? new Float64Array(series.count).fill(Number.NaN);
  const { scale, digits } = figures[name];
  // A mean has more digits than anyone reads, and each of them would be sent.
  const precision = 10 ** (digits + 1);
  const shown = (value: number): number => Math.round(value * scale * precision) / precision;
  return { label, values: Array.from(values, (value) => (Number.isNaN(value) ? null : shown(value))) };
}

const columnOf = ({ columns }: HealthSeries, name: FigureName): HealthColumn | undefined =>
  columns.find(({ field }) => field === name);

/** A row for each figure that was measured; of the stream checks, those that found something. */
export function toSummary({ endpoint, tracks }: HealthRead, ask: ChartAsk): readonly SummaryRow[] {
  const { figures: chosen } = ask;
  const faults = checkFigures.filter((name) => columnOf(endpoint, name)?.values.some((value) => value > 0));
  const own = [...bandwidthFigures, ...chosen, ...faults].flatMap((name) =>
    notMeasured(name, ask) ? [absentRow(name)] : rowOf(endpoint, name, t('Stream')),
  );
  const each = tracks.flatMap(({ name, series }) => trackFigures.flatMap((figure) => rowOf(series, figure, name)));
  return [...own, ...each];
}

/** What this end counts: all of its link, and of the stream checks those that found something. */
export function toTotals({ since, sums }: HealthTotals, chosen: readonly FigureName[]): TotalsView {
  const isCount = (name: FigureName): boolean => 'isCount' in figures[name];
  const found = checkFigures.filter((name) => (sums[name] ?? 0) > 0);
  const rows = [...chosen.filter(isCount), ...found].flatMap((name) => {
    const sum = sums[name];
    return sum === undefined ? [] : [{ name: t(figures[name].label), total: `${sum} ${t(figures[name].unit)}` }];
  });
  return { since: since === 0 ? undefined : since, rows };
}

const NONE = '–';

/** Missing with a word. */
function absentRow(name: FigureName): SummaryRow {
  const figure = t(figures[name].label);
  return { of: t('Stream'), figure, mean: t('Not measured here'), lowest: NONE, highest: NONE, total: NONE };
}

function rowOf(series: HealthSeries, name: FigureName, of: string): readonly SummaryRow[] {
  const column = columnOf(series, name);
  const values = known(column?.values ?? []);
  if (!column || values.length === 0) return [];
  const { label, unit, isCount }: Figure = figures[name];
  const figure = t(label);
  const sum = values.reduce((all, value) => all + value, 0);
  const text = (value: number): string => textOf(figures[name], value);
  if (!isCount) {
    const [lowest, highest] = [least(known(column.low ?? values)), most(known(column.high ?? values))];
    const mean = sum / values.length;
    return [{ of, figure, mean: text(mean), lowest: text(lowest), highest: text(highest), total: NONE }];
  }
  // A thinned count is a sum over each point: its peak is told with the time that it is of.
  const highest = t('{count} in {seconds} s', { count: most(values), seconds: series.stepMs / 1000 });
  return [{ of, figure, mean: NONE, lowest: NONE, highest, total: `${sum} ${t(unit)}` }];
}

const known = (values: Iterable<number>): readonly number[] => [...values].filter((value) => !Number.isNaN(value));
/** Not by spreading: a day of values would be more arguments than a call takes. */
const least = (values: readonly number[]): number => values.reduce((low, value) => Math.min(low, value), Infinity);
const most = (values: readonly number[]): number => values.reduce((high, value) => Math.max(high, value), -Infinity);

const textOf = ({ scale, digits, unit }: Figure, value: number): string =>
  `${(value * scale).toFixed(digits)} ${t(unit)}`;
