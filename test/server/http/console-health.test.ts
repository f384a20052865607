import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HealthFieldName, HealthDesk, HealthQuestion } from '../../../server/health.ts';
import { checkRange } from '../../../server/rules.ts';
import { type ConsoleClient, signIn } from '../../kit/console-client.ts';
import { type ConsoleHouse, createConsoleHouse, flowDraft, outputDraft } from '../../kit/console-house.ts';
import { emptyHealth } from '../../kit/empty-health.ts';

const MINUTE = 60_000;
let house: ConsoleHouse;
let browser: ConsoleClient;
let flowId: string;
let outputId: string;
let asked: HealthQuestion[];

/** Three points each second; the second one is not known. */
const kept: Partial<Record<HealthFieldName, readonly number[]>> = {
  bitrate: [8_000_000, Number.NaN, 9_000_000],
  frameRate: [25, Number.NaN, 25],
  lossRatio: [0.01, Number.NaN, 0.03],
  dropped: [2, Number.NaN, 3],
  continuityErrors: [0, Number.NaN, 4],
};

function createFake(): HealthDesk {
  return {
    ...emptyHealth,
    read: async (question) => {
      checkRange(question, Date.now(), 7);
      asked.push(question);
      const { from, fields } = question;
      const columns = fields.map((field) => ({ field, values: Float64Array.from(kept[field] ?? [NaN, NaN, NaN]) }));
      return { from, stepMs: 1000, count: 3, columns, marks: [] };
    },
    readText: async (question, form) => {
      checkRange(question, Date.now(), 7);
      asked.push(question);
      return new TextEncoder().encode(`${form} of ${question.fields.join()}\r\n`);
    },
    channels: async (id, from, to) => {
      checkRange({ from, to }, Date.now(), 7);
      const input = { flowId: id, pipeline: 'primary', endpointId: 'input' } as const;
      return [input, { ...input, track: 'pid 1000' }, { ...input, track: 'pid 256' }];
    },
  };
}

beforeEach(async () => {
  asked = [];
  house = createConsoleHouse();
  browser = await signIn(house, createFake());
  ({ id: flowId } = await house.flows.create(flowDraft('News')));
  ({ id: outputId } = await house.flows.addOutput(flowId, outputDraft('Studio', 7001)));
});

const page = (query = '') => browser.get(`/flows/${flowId}/health${query}`);
const data = (query = '') => browser.get(`/flows/${flowId}/health/data${query}`);
const csv = (query = '') => browser.get(`/flows/${flowId}/health/data.csv${query}`);

const chartsSchema = z.object({
  stepMs: z.number(),
  charts: z.array(
    z.object({
      id: z.string(),
      unit: z.string(),
      lines: z.array(z.object({ label: z.string(), values: z.array(z.number().nullable()) })),
    }),
  ),
});

describe('the Health tab', () => {
  it('shows the primary source of the last 15 minutes at first, live, with its script', async () => {
    const { status, text } = await page();
    expect(status).toBe(200);
    expect(text).toContain('/static/health.js');
    expect(text).toContain('data-live="yes"');
    expect(text).toContain('data-range="last=900"');
    const [question] = asked;
    expect(question?.channel).toEqual({ flowId, pipeline: 'primary', endpointId: 'input' });
    expect((question?.to ?? 0) - (question?.from ?? 0)).toBe(15 * MINUTE);
  });

  it('is the only page with that script', async () => {
    expect((await browser.get(`/flows/${flowId}`)).text).not.toContain('health.js');
  });

  it('has the mean, the lowest and the highest of what was measured, and totals of counts', async () => {
    const { text } = await page();
    expect(text).toContain('<td>8.500 Mbps</td><td>8.000 Mbps</td><td>9.000 Mbps</td>');
    expect(text).toContain('<td>2.00 %</td><td>1.00 %</td><td>3.00 %</td>');
    expect(text).toContain('<td>3 in 1 s</td><td>5 packets</td>');
    expect(text).toContain('Continuity errors');
    expect(text).not.toContain('CRC errors');
    expect(text.indexOf('PID 256')).toBeLessThan(text.indexOf('PID 1000'));
  });

  it('refuses a range of a day beside its end, and keeps what was typed', async () => {
    const to = Date.now();
    const { status, text } = await page(`?last=custom&from=${to - 24 * 60 * MINUTE}&to=${to}`);
    expect(status).toBe(422);
    expect(text).toMatch(/id="to-error"><span>A range is shorter than 24 hours\./);
    expect(text).toContain(`data-at="${to}"`);
    expect(text).not.toContain('id="health-charts"');
  });

  it('takes times without a script as UTC, and says where one cannot be read', async () => {
    const from = new Date(Date.now() - 60 * MINUTE).toISOString().slice(0, 16);
    expect((await page(`?last=custom&from=${from}&to=`)).status).toBe(200);
    expect(asked[0]?.from).toBe(Date.parse(`${from}Z`));
    const { status, text } = await page('?last=custom&from=&to=');
    expect([status, text.includes('id="from-error"><span>Enter a date and a time.')]).toEqual([422, true]);
  });

  it('shows what is ticked, and all of another end than the boxes were of', async () => {
    const of = encodeURIComponent('primary input');
    await page(`?pipeline=primary&endpoint=input&of=${of}&track=pid+256&figure=rttMs&last=900`);
    expect(asked.map(({ channel }) => channel.track)).toEqual([undefined, 'pid 256']);
    expect(asked[0]?.fields).toContain('rttMs');
    expect(asked[0]?.fields).not.toContain('dropped');
    asked = [];
    await page(`?pipeline=backup&endpoint=${outputId}&of=${of}&figure=rttMs&last=900`);
    expect(asked[0]?.channel).toEqual({ flowId, pipeline: 'backup', endpointId: outputId });
    expect(asked[0]?.fields).toContain('dropped');
  });

  it('is not found of an output that is not there', async () => {
    expect((await page('?endpoint=nowhere')).status).toBe(404);
  });
});

describe('the points of its charts', () => {
  it('are in the units that are shown, with gaps, thinned', async () => {
    const { charts } = chartsSchema.parse(JSON.parse((await data('?last=900')).text));
    const unitsOf = charts.map(({ id, unit }) => `${id}: ${unit}`);
    expect(unitsOf).toEqual([
      'bandwidth: Mbps',
      'track-bitrate: Mbps',
      'track-frames: frames/s',
      'lossRatio: %',
      'retransmitRatio: %',
      'rttMs: ms',
      'dropped: packets in 1 s',
      'checks: errors in 1 s',
    ]);
    expect(charts[0]?.lines[0]).toEqual({ label: 'Bit rate', values: [8, null, 9] });
    expect(charts[2]?.lines.map(({ label }) => label)).toEqual(['PID 256', 'PID 1000']);
    expect(asked.every(({ maxPoints }) => maxPoints === 2000)).toBe(true);
  });

  it('are as far apart as those that they are joined to', async () => {
    await data(`?from=${Date.now() - MINUTE}&step=5000`);
    expect(asked[0]?.maxPoints).toBeLessThanOrEqual(14);
  });

  it('are refused as a problem, and to who has no session', async () => {
    const refused = await data(`?from=${Date.now() - 24 * 60 * MINUTE}`);
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('range-too-long')]);
    house.endSessions();
    expect((await data()).status).toBe(303);
    expect((await csv()).status).toBe(303);
  });
});

describe('its files', () => {
  it('have each second of the stream or of one track', async () => {
    expect((await csv('?last=3600')).text).toMatch(/^csv of bitrate,nullBitrate,lossRatio/);
    expect((await csv('?last=3600&track=pid+256')).text).toBe('csv of bitrate,frameRate\r\n');
    expect(asked.map(({ maxPoints }) => maxPoints)).toEqual([undefined, undefined]);
  });
});
