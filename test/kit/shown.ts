/** The kept health of one end as the JSON API shows it. */
import { z } from 'zod';
import { healthFields, type HealthFieldName } from '../../db/history-fields.ts';
import type { House } from './house.ts';

const seriesSchema = z.object({
  from: z.number(),
  stepMs: z.number(),
  columns: z.array(z.object({ field: z.string(), values: z.array(z.number().nullable()) })),
});

export interface Place {
  readonly flowId: string;
  /** `input`, or the id of an output. */
  readonly endpoint: string;
  readonly track?: string;
}

/** Each second of a figure that is known, in order; empty of a figure that this end has not. */
export interface Shown {
  readonly all: (field: HealthFieldName) => readonly number[];
  /** Without the seconds in which the stream began and ended. */
  readonly inner: (field: HealthFieldName) => readonly number[];
  readonly sum: (field: HealthFieldName) => number;
  readonly mean: (field: HealthFieldName) => number;
  /** Of a ratio over all seconds: each weighs as much as the media that passed in it. */
  readonly weighted: (field: HealthFieldName) => number;
}

/** From `from` (epoch ms) until now. */
export async function shownHealth(house: House, { flowId, ...place }: Place, from: number): Promise<Shown> {
  const fields = healthFields.map(({ name }) => name).join();
  const query = new URLSearchParams({
    pipeline: 'primary',
    ...place,
    fields,
    from: String(from),
    to: String(Date.now()),
  });
  const { body } = await house.api('GET', `/flows/${flowId}/health?${query.toString()}`);
  const { columns } = seriesSchema.parse(body);
  const known = new Map(columns.map(({ field, values }) => [field, values.filter((value) => value !== null)]));
  const all: Shown['all'] = (field) => known.get(field) ?? [];
  const inner: Shown['inner'] = (field) => all(field).slice(2, -2);
  const rowOf = (name: string): readonly (number | null)[] => columns.find(({ field }) => field === name)?.values ?? [];
  const weighted: Shown['weighted'] = (field) => {
    const [weights, ratios] = [rowOf('bitrate'), rowOf(field)];
    const parts = ratios.map((ratio, i) => ({ ratio, weight: ratio === null ? 0 : (weights[i] ?? 0) }));
    return sumOf(parts.map(({ ratio, weight }) => (ratio ?? 0) * weight)) / sumOf(parts.map(({ weight }) => weight));
  };
  const mean: Shown['mean'] = (field) => sumOf(inner(field)) / inner(field).length;
  return { all, inner, sum: (field) => sumOf(all(field)), mean, weighted };
}

const sumOf = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0);

const channelsSchema = z.object({
  channels: z.array(z.object({ pipeline: z.string(), endpoint: z.string(), track: z.string().optional() })),
});

/** The names of the tracks that were measured at one end. */
export async function shownTracks(house: House, { flowId, endpoint }: Place, from: number): Promise<readonly string[]> {
  const range = new URLSearchParams({ from: String(from), to: String(Date.now()) });
  const { body } = await house.api('GET', `/flows/${flowId}/health/channels?${range.toString()}`);
  const own = channelsSchema.parse(body).channels.filter((channel) => channel.endpoint === endpoint);
  return own.flatMap(({ track }) => track ?? []).toSorted();
}
