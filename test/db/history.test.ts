import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldOfName, type HealthFieldName, quantise, valueOfSteps } from '../../db/history-fields.ts';
import type { HealthSample, HealthSeries } from '../../db/history-model.ts';
import { healthChannel, temporaryHistory } from '../kit/history.ts';
import { must } from '../kit/must.ts';

const channel = healthChannel();
const track = healthChannel({ track: 'pid 256' });
const DAY = 86_400_000;
/** A full hour, some hours ago: what begins here is due to be sealed. */
const past = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 6 * 3_600_000;

const at = (second: number, values: HealthSample['values']): HealthSample => ({
  channel,
  at: past + second * 1000,
  values,
});

const valuesOf = ({ columns }: HealthSeries, name: HealthFieldName): readonly number[] => [
  ...must(
    columns.find(({ field }) => field === name),
    name,
  ).values,
];

/** What is kept of a value. */
function kept(name: string, value: number): number {
  const { field } = must(fieldOfName(name), name);
  return valueOfSteps(field, quantise(field, value));
}

describe('health', () => {
  it('is read as it was written, and a second without a sample is a gap', async () => {
    const { history } = await temporaryHistory();
    await history.write([at(1, { bitrate: 5_000_000, rttMs: 20.3 }), at(3, { bitrate: 6_000_000 })]);
    const query = { channel, from: past, to: past + 4000, fields: ['bitrate', 'rttMs'] as const };
    const series = await history.read(query);
    expect(series).toEqual({
      from: past,
      stepMs: 1000,
      count: 4,
      columns: [
        { field: 'bitrate', values: Float64Array.of(Number.NaN, 5_000_000, Number.NaN, 6_000_000) },
        { field: 'rttMs', values: Float64Array.of(Number.NaN, 20.3, Number.NaN, Number.NaN) },
      ],
      marks: [],
    });
    await history.seal();
    expect(await history.read(query)).toEqual(series);
  });

  it('is the same whatever order it came in, how often, and what was sealed in between', {
    timeout: 30_000,
  }, async () => {
    const { history, faults } = await temporaryHistory();
    const sample = fc.tuple(
      fc.integer({ min: 590, max: 610 }),
      fc.record(
        {
          bitrate: fc.double({ min: 0, max: 1e8, noNaN: true }),
          rttMs: fc.double({ min: 0, max: 3000, noNaN: true }),
          dropped: fc.nat(9),
        },
        { requiredKeys: [], noNullPrototype: true },
      ),
    );
    const delivery = fc.record({
      samples: fc.array(sample, { maxLength: 30 }),
      twice: fc.boolean(),
      seal: fc.boolean(),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(delivery, { maxLength: 5 }), async (deliveries) => {
        const own = healthChannel({ endpointId: `run-${run++}` });
        const model = new Map<number, Record<string, number>>();
        for (const { samples, twice, seal } of deliveries) {
          const sent = samples.map(([second, values]) => ({ channel: own, at: past + second * 1000, values }));
          await history.write(sent);
          if (seal) await history.seal();
          if (twice) await history.write(sent);
          for (const [second, values] of samples) model.set(second, { ...model.get(second), ...values });
        }
        const fields = ['bitrate', 'rttMs', 'dropped'] as const;
        const from = past + 590_000;
        const series = await history.read({ channel: own, from, to: from + 21_000, fields });
        for (const name of fields) {
          const expected = Array.from({ length: 21 }, (_, index) => model.get(590 + index)?.[name]);
          expect(valuesOf(series, name)).toEqual(
            expected.map((it) => (it === undefined ? Number.NaN : kept(name, it))),
          );
        }
      }),
      { numRuns: 40 },
    );
    expect(faults).toEqual([]);
  });

  it('is there again after a restart, sealed or not', async () => {
    const first = await temporaryHistory();
    await first.history.write([at(1, { dropped: 1 })]);
    await first.history.seal();
    await first.history.write([at(2, { dropped: 2 })]);
    await first.history.close();
    const { history } = await temporaryHistory({ folder: first.folder });
    const series = await history.read({ channel, from: past, to: past + 3000, fields: ['dropped'] });
    expect(valuesOf(series, 'dropped')).toEqual([Number.NaN, 1, 2]);
  });

  it('from before the retention or from the far future is refused', async () => {
    const { history } = await temporaryHistory();
    const samples = [-8 * DAY, 0, 2 * DAY].map((off) => ({ channel, at: Date.now() + off, values: { dropped: 1 } }));
    expect(await history.write(samples)).toEqual({ refused: 2 });
  });
});

describe('a long range', () => {
  const ramp = Array.from({ length: 600 }, (_, second) => at(second, { bitrate: second * 1000, dropped: 1 }));

  it('comes in the finest buckets that fit, with means, extremes and sums', async () => {
    const { history } = await temporaryHistory();
    await history.write(ramp);
    const query = { channel, from: past, to: past + 600_000, fields: ['bitrate', 'dropped'] as const, maxPoints: 10 };
    expect(await history.read(query)).toMatchObject({ stepMs: 60_000, count: 10 });
    const { columns, ...rest } = await history.read({ ...query, maxPoints: 2 });
    expect(rest).toEqual({ from: past, stepMs: 300_000, count: 2, marks: [] });
    expect(columns).toEqual([
      {
        field: 'bitrate',
        values: Float64Array.of(149_500, 449_500),
        low: Float64Array.of(0, 300_000),
        high: Float64Array.of(299_000, 599_000),
      },
      { field: 'dropped', values: Float64Array.of(300, 300) },
    ]);
  });

  it('has gaps where a whole bucket is one', async () => {
    const { history } = await temporaryHistory();
    await history.write(ramp.slice(0, 60));
    const to = past + 120_000;
    const series = await history.read({ channel, from: past, to, fields: ['dropped'], maxPoints: 2 });
    expect(valuesOf(series, 'dropped')).toEqual([60, Number.NaN]);
  });

  it('is bounded, however long it is', async () => {
    const { history } = await temporaryHistory();
    const { count } = await history.read({ channel, from: past - 400 * DAY, to: past, fields: ['dropped'] });
    expect(count).toBeLessThanOrEqual(100_000);
    const forever = history.read({ channel, from: 0, to: 1e16, fields: ['dropped'] });
    await expect(forever).rejects.toMatchObject({ name: 'HistoryError', code: 'invalid' });
  });
});

describe('a reset', () => {
  it('starts new totals and deletes nothing', async () => {
    const { history } = await temporaryHistory();
    await history.write([at(1, { dropped: 1 }), at(700, { dropped: 10 })]);
    await history.seal();
    await history.write([at(1300, { dropped: 100, continuityErrors: 7, bitrate: 1000 })]);
    const until = past + 3_600_000;
    expect(await history.totals(channel, until)).toEqual({ since: 0, sums: { dropped: 111, continuityErrors: 7 } });
    const mark = past + 600_000;
    await history.mark(channel, mark);
    await history.mark(channel, mark);
    expect(await history.totals(channel, until)).toEqual({ since: mark, sums: { dropped: 110, continuityErrors: 7 } });
    const series = await history.read({ channel, from: past, to: until, fields: ['dropped'], maxPoints: 4 });
    expect(series.marks).toEqual([mark]);
    expect(valuesOf(series, 'dropped')).toEqual([11, 100, Number.NaN, Number.NaN]);
  });
});

describe('the channels of a flow', () => {
  it('are those seen in the range, sealed or not, endpoints before their tracks', async () => {
    const { history } = await temporaryHistory();
    const backup = healthChannel({ pipeline: 'backup' });
    await history.write([at(0, { dropped: 1 }), { channel: backup, at: past + 900_000, values: { dropped: 1 } }]);
    await history.seal();
    await history.write([{ channel: track, at: past, values: { frameRate: 25 } }]);
    const range = { flowId: 'flow-1', from: past, to: past + 1 };
    expect(await history.channels(range)).toEqual([channel, track]);
    expect(await history.channels({ ...range, to: past + 900_001, pipeline: 'backup' })).toEqual([backup]);
    expect(await history.channels({ ...range, flowId: 'flow-2' })).toEqual([]);
  });
});

describe('a download', () => {
  it('has a line for each second of which something is known', async () => {
    const { history } = await temporaryHistory();
    await history.write([at(0, { rttMs: 20.3 }), at(2, { rttMs: 0, dropped: 4 })]);
    const query = { channel, from: past, to: past + 3000, fields: ['rttMs', 'dropped'] as const };
    const text = new TextDecoder().decode(await history.readText(query, 'csv'));
    const time = (second: number): string => new Date(past + second * 1000).toISOString();
    expect(text).toBe(`time,rttMs,dropped\r\n${time(0)},20.3,\r\n${time(2)},0,4\r\n`);
  });

  it('as JSON has null for a gap', async () => {
    const { history } = await temporaryHistory();
    await history.write([at(1, { dropped: 4 })]);
    const query = { channel, from: past, to: past + 2000, fields: ['dropped'] as const };
    const text = new TextDecoder().decode(await history.readText(query, 'json'));
    const columns = [{ field: 'dropped', unit: 'packets', values: [null, 4] }];
    expect(JSON.parse(text)).toEqual({ from: past, stepMs: 1000, columns, resets: [] });
  });
});

describe('pruning', () => {
  it('takes what is older than the retention and leaves the rest', async () => {
    const { history } = await temporaryHistory();
    const hours = Array.from({ length: 30 }, (_, hour) => at(-hour * 3600, { dropped: 1 }));
    await history.write([...hours, { channel: track, at: past - DAY, values: { frameRate: 25 } }]);
    await history.mark(channel, past - DAY);
    await history.seal();
    const pruned = await history.prune(past + 7 * DAY - 12 * 3_600_000);
    expect(pruned.removed).toBe(18);
    const range = { from: past - 2 * DAY, to: past + 1000 };
    const series = await history.read({ channel, ...range, fields: ['dropped'] });
    expect(valuesOf(series, 'dropped').filter((value) => value === 1)).toHaveLength(13);
    expect(series.marks).toEqual([]);
    expect(await history.channels({ flowId: 'flow-1', ...range })).toEqual([channel]);
  });
});
