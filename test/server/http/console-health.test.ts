import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { HealthChannel } from '../../../db/history-model.ts';
import type { HealthFieldName, HealthDesk, HealthQuestion } from '../../../server/health.ts';
import { Refusal } from '../../../server/refusal.ts';
import { checkRange } from '../../../server/rules.ts';
import { type ConsoleClient, signIn } from '../../kit/console-client.ts';
import { type ConsoleHouse, createConsoleHouse, flowDraft, outputDraft } from '../../kit/console-house.ts';
import { emptyHealth } from '../../kit/empty-health.ts';
import { logEvent } from '../../kit/history.ts';
import { memoryLog } from '../../kit/memory-log.ts';

const MINUTE = 60_000;
let house: ConsoleHouse;
let browser: ConsoleClient;
let flowId: string;
let outputId: string;
let asked: HealthQuestion[];
let log: ReturnType<typeof memoryLog>;
let resets: HealthChannel[];
let notedAt: number[];

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
      return { from, stepMs: 1000, count: 3, columns, marks: notedAt };
    },
    readText: async (question, form) => {
      checkRange(question, Date.now(), 7);
      asked.push(question);
      return new TextEncoder().encode(`${form} of ${question.fields.join()}\r\n`);
    },
    totals: async () => ({ since: notedAt.at(-1) ?? 0, sums: { dropped: 7, continuityErrors: 2, crcErrors: 0 } }),
    reset: async (channel) => {
      resets.push(channel);
      return 0;
    },
    channels: async (id, from, to) => {
      checkRange({ from, to }, Date.now(), 7);
      const input = { flowId: id, pipeline: 'primary', endpointId: 'input' } as const;
      const about = { kind: 'video', codec: 'H.264', width: 1920, height: 1080 } as const;
      return [input, { ...input, track: 'pid 1000' }, { ...input, track: 'pid 256', about, since: 0 }];
    },
  };
}

beforeEach(async () => {
  asked = [];
  resets = [];
  notedAt = [];
  log = memoryLog();
  house = createConsoleHouse();
  browser = await signIn(house, createFake(), log);
  ({ id: flowId } = await house.flows.create(flowDraft('News')));
  ({ id: outputId } = await house.flows.addOutput(flowId, outputDraft('Studio', 7001)));
});

const page = (query = '') => browser.get(`/flows/${flowId}/health${query}`);
const data = (query = '') => browser.get(`/flows/${flowId}/health/data${query}`);
const csv = (query = '') => browser.get(`/flows/${flowId}/health/data.csv${query}`);

const chartsSchema = z.object({
  stepMs: z.number(),
  marks: z.array(z.object({ at: z.number(), kind: z.string(), text: z.string() })),
  charts: z.array(
    z.object({
      id: z.string(),
      unit: z.string(),
      none: z.string().optional(),
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

describe('the loss of an output of SRT', () => {
  it('is not missing without a word: a sender does not see it', async () => {
    const { text } = await page(`?endpoint=${outputId}`);
    expect(text).toMatch(/Packet loss rate<\/th><td>Not measured here<\/td>/);
    const { charts } = chartsSchema.parse(JSON.parse((await data(`?endpoint=${outputId}&last=900`)).text));
    expect(charts.find(({ id }) => id === 'lossRatio')?.none).toContain('a sender does not see');
    const ofInput = chartsSchema.parse(JSON.parse((await data('?last=900')).text)).charts;
    expect(ofInput.find(({ id }) => id === 'lossRatio')?.none).toBeUndefined();
  });
});

describe('the totals', () => {
  it('are of all that is kept until they begin anew, and then since', async () => {
    const { text } = await page();
    expect(text).toContain('Of all that is kept of this end.');
    expect(text).toContain('<dt>Dropped packets</dt><dd>7 packets</dd>');
    expect(text).toContain('<dt>Continuity errors</dt><dd>2 errors</dd>');
    expect(text).not.toContain('<dt>CRC errors</dt>');
    notedAt = [Date.UTC(2026, 0, 2)];
    expect((await page()).text).toMatch(/Since <time datetime="2026-01-02T00:00:00.000Z"/);
  });

  it('begin anew of one end by a button that comes back to the same page', async () => {
    const { status, location } = await browser.post(`/flows/${flowId}/health/reset`, {
      pipeline: 'backup',
      endpoint: outputId,
      back: 'last=3600&zone=UTC',
    });
    expect([status, location]).toEqual([303, `/flows/${flowId}/health?last=3600&zone=UTC`]);
    expect(resets).toEqual([{ flowId, pipeline: 'backup', endpointId: outputId }]);
    const nowhere = { pipeline: 'primary', endpoint: 'nowhere', back: '' };
    expect((await browser.post(`/flows/${flowId}/health/reset`, nowhere)).status).toBe(404);
    expect(resets).toHaveLength(1);
  });
});

describe('the events of an end', () => {
  const told = (code: string, some: Parameters<typeof logEvent>[0] = {}) =>
    logEvent({ flowId, code, at: Date.now() - MINUTE, ...some });

  it('are marked on the charts and listed beneath, with the resets', async () => {
    notedAt = [Date.now() - 2 * MINUTE];
    await log.append([
      told('connected', { peer: { address: '192.0.2.7', port: 4000 } }),
      told('connected', { pipeline: 'backup' }),
      told('disconnected', { role: 'output', endpointId: outputId }),
      told('flow-started', {
        facts: { by: 'console' },
        role: 'flow',
        pipeline: undefined,
        endpointId: flowId,
        at: Date.now() - 3 * MINUTE,
      }),
      told('connected', { at: Date.now() - 60 * MINUTE }),
    ]);
    const { marks } = chartsSchema.parse(JSON.parse((await data('?last=900')).text));
    expect(marks.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'event: Flow started in the console.',
      'reset: Totals began anew.',
      'event: Connected from 192.0.2.7:4000.',
    ]);
    const { text } = await page();
    expect(text).toContain('<span>Connected from 192.0.2.7:4000.</span>');
    expect(text).not.toContain('Disconnected');
  });

  it('are missing with a word where the log cannot be read, and the charts are there', async () => {
    log.read = async () => {
      throw new Refusal('history-unavailable');
    };
    const { status, text } = await page();
    expect([status, text.includes('id="health-charts"')]).toEqual([200, true]);
    expect(text).toContain('Events are missing here.');
    expect((await data()).status).toBe(200);
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
    expect(charts[2]?.lines.map(({ label }) => label)).toEqual(['Video H.264 1920×1080 · PID 256', 'PID 1000']);
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
