/** A series of health as text, made in the reader, since a day of it is megabytes. */
import { fieldOfName } from './history-fields.ts';
import type { HealthColumn, HealthSeries } from './history-model.ts';

interface Named {
  readonly name: string;
  readonly values: Float64Array;
}

/**
 * `{from, stepMs, columns: [{field, unit, values, low?, high?}], resets}`, as the JSON API gives it out; what is not known
 * is null.
 */
export function toJson({ from, stepMs, columns, marks }: HealthSeries): string {
  const shown = columns.map(columnJson).join();
  return `{"from":${from},"stepMs":${stepMs},"columns":[${shown}],"resets":${JSON.stringify(marks)}}`;
}

function columnJson({ field, values, low, high }: HealthColumn): string {
  const unit = fieldOfName(field)?.field.unit;
  const lists = Object.entries({ values, low, high }).flatMap(([name, list]) =>
    list ? [`"${name}":${listJson(list)}`] : [],
  );
  return `{"field":"${field}","unit":"${unit}",${lists.join()}}`;
}

const listJson = (list: Float64Array): string => `[${Array.from(list, orNull).join()}]`;

/** A head, then a line a point, in UTC; what is not known is empty, and a point of which nothing is known has no line. */
export function toCsv({ from, stepMs, count, columns }: HealthSeries): string {
  const named = columns.flatMap(namesOf);
  const lines = [`time,${named.map(({ name }) => name).join()}`];
  for (let point = 0; point < count; point++) {
    const cells = named.map(({ values }) => values[point] ?? Number.NaN);
    if (cells.every(Number.isNaN)) continue;
    lines.push(`${new Date(from + point * stepMs).toISOString()},${cells.map(orEmpty).join()}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

/**
 * One line of CSV (RFC 4180), with its line end. A cell that a spreadsheet would take for a formula is quoted with an
 * apostrophe: names are what users type.
 */
export const csvLine = (cells: readonly (string | number)[]): string => `${cells.map(csvCell).join()}\r\n`;

function csvCell(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function namesOf({ field, values, low, high }: HealthColumn): readonly Named[] {
  return [
    { name: field, values },
    ...(low ? [{ name: `${field}.low`, values: low }] : []),
    ...(high ? [{ name: `${field}.high`, values: high }] : []),
  ];
}

const orNull = (value: number): string => (Number.isNaN(value) ? 'null' : String(rounded(value)));
const orEmpty = (value: number): string => (Number.isNaN(value) ? '' : String(rounded(value)));

/** A mean has more digits than anyone measured. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
