/** Metrics as Prometheus reads them: text format 0.0.4, and OpenMetrics 1.0. Pure. */

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** A counter's name ends in `_total`. A family without samples is left out. */
export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export type MetricFormat = 'text' | 'openmetrics';

/** Source: prometheus/docs exposition_formats, and the OpenMetrics specification 1.0. */
export const contentTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<MetricFormat, string>;

export function metricText(families: readonly Family[], format: MetricFormat): string {
  const lines = families.filter(({ samples }) => samples.length > 0).flatMap((family) => linesOf(family, format));
  return [...lines, ...(format === 'openmetrics' ? ['# EOF'] : []), ''].join('\n');
}

function linesOf({ name, type, help, samples }: Family, format: MetricFormat): readonly string[] {
  // OpenMetrics names the family without the suffix of its samples.
  const family = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
  return [
    `# HELP ${family} ${escapeHelp(help, format)}`,
    `# TYPE ${family} ${type}`,
    ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${numberText(value)}`),
  ];
}

/** An end has the same labels in each family, and their text is most of the work. */
const labelTexts = new WeakMap<Labels, string>();

function labelText(labels: Labels | undefined): string {
  if (!labels) return '';
  const known = labelTexts.get(labels);
  if (known !== undefined) return known;
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  const text = pairs.length > 0 ? `{${pairs.join(',')}}` : '';
  labelTexts.set(labels, text);
  return text;
}

const escapeLabel = (text: string): string =>
  /[\\"\n]/.test(text)
    ? text.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`)
    : text;

const escapeHelp = (text: string, format: MetricFormat): string => {
  const escaped = text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
  return format === 'openmetrics' ? escaped.replaceAll('"', String.raw`\"`) : escaped;
};

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
