/** What is measured each second and kept, beside what was really sent. */
import { readFileSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { freePorts } from '../kit/free-ports.ts';
import { PASSWORD } from '../kit/house.ts';
import { pushWithFfmpeg, receive, sizeOf } from '../kit/peers.ts';
import { must } from '../kit/must.ts';
import type { Program } from '../kit/program.ts';
import { inputPorts, openStage, type Stage, untilFlowing } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

let stage: Stage;
let browser: Browser;
beforeAll(async () => {
  stage = await openStage();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], timeout: 60_000 });
});
afterEach(() => stage.clear());
afterAll(async () => {
  await browser.close();
  await stage.close();
});

/** The Health tab as an operator sees it who has just logged in. */
async function openHealth(flowId: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${stage.house.url}/login?next=${encodeURIComponent(`/flows/${flowId}/health`)}`);
  await page.fill('#password', PASSWORD);
  await page.press('#password', 'Enter');
  await page.waitForSelector('#health-form');
  return page;
}

/** How many pixels of a chart have a colour. */
const inkOf = (page: Page, chart: string): Promise<unknown> =>
  page.evaluate(
    `(() => { const canvas = document.querySelector('#chart-${chart} canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, index) => index % 4 === 3 && value > 0).length; })()`,
  );

const seriesSchema = z.object({
  from: z.number(),
  stepMs: z.number(),
  columns: z.array(z.object({ field: z.string(), values: z.array(z.number().nullable()) })),
});
const nowSchema = z.object({
  ends: z.array(z.object({ endpoint: z.string(), tracks: z.array(z.object({ codec: z.string() })) })),
});
const channelsSchema = z.object({
  channels: z.array(
    z.object({
      pipeline: z.string(),
      endpoint: z.string(),
      track: z.string().optional(),
      about: z.object({ kind: z.string(), codec: z.string(), width: z.number().optional() }).optional(),
    }),
  ),
});

/** One field's values that are known, one a second. */
async function column(flowId: string, place: Record<string, string>, field: string, from: number): Promise<number[]> {
  const query = new URLSearchParams({
    pipeline: 'primary',
    ...place,
    fields: field,
    from: String(from),
    to: String(Date.now()),
  });
  const { body } = await stage.house.api('GET', `/flows/${flowId}/health?${query.toString()}`);
  const { columns } = seriesSchema.parse(body);
  return columns.flatMap(({ values }) => values.filter((value) => value !== null));
}

const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
/** Without the first and the last second, in which the stream began and ended. */
const inner = (list: readonly number[]): number[] => list.slice(2, -2);
const within2Percent = (value: number, truth: number): void => expect(Math.abs(value / truth - 1)).toBeLessThan(0.02);

/** The time under the pointer, as a chart's legend tells it. */
async function pointedTime(page: Page, share: number): Promise<string> {
  const over = page.locator('#chart-bandwidth .u-over');
  await over.scrollIntoViewIfNeeded();
  const box = must((await over.boundingBox()) ?? undefined, 'the chart');
  await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
  const legend = page.locator('#chart-bandwidth .u-legend .u-series').first();
  await expect.poll(() => legend.innerText()).toMatch(/\d\d:\d\d:\d\d/);
  return legend.innerText();
}

/** While media flows: what is now, charts that go on by themselves, another zone, a zoom, a filter, a file. */
async function watchLive(flowId: string): Promise<void> {
  await until('both tracks are kept', async () => {
    const query = `from=${Date.now() - 60_000}&to=${Date.now()}`;
    const { body } = await stage.house.api('GET', `/flows/${flowId}/health/channels?${query}`);
    return channelsSchema.parse(body).channels.some(({ track }) => track === 'pid 257');
  });
  const page = await openHealth(flowId);
  const now = page.locator('#live-input-primary');
  await expect.poll(() => now.innerText(), { timeout: 10_000 }).toMatch(/Connected[^]*Video H\.264[^]*PID 256/);
  expect(await now.innerText()).toMatch(/Less than 1 s ago[^]*No latency can be suggested yet/);
  const status = page.locator('#health-status');
  await expect.poll(() => status.innerText(), { timeout: 10_000 }).toContain('Live: newest points at');
  const said = await status.innerText();
  await expect.poll(() => status.innerText(), { timeout: 10_000 }).not.toBe(said);

  await page.selectOption('#zone', 'Pacific/Kiritimati');
  await page.uncheck('#track-pid-257');
  await page.uncheck('#figure-rttMs');
  await page.click('#health-confirm');
  await page.waitForSelector('#chart-track-frames canvas');
  expect(await page.locator('#chart-track-frames .u-legend').innerText()).not.toContain('PID 257');
  expect(await page.locator('#place-rttMs').count()).toBe(0);
  const kiritimati = new Date(Date.now() + 14 * 3_600_000).toISOString().slice(0, 13).replace('T', ' ');
  expect(await pointedTime(page, 0.999)).toContain(kiritimati);

  const early = await pointedTime(page, 0.5);
  await page.mouse.down();
  const box = must((await page.locator('#chart-bandwidth .u-over').boundingBox()) ?? undefined, 'the chart');
  await page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await expect.poll(() => pointedTime(page, 0.5)).not.toBe(early);

  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#csv-pid-256')]);
  expect(readFileSync(await download.path(), 'utf8')).toMatch(/^time,bitrate,frameRate\r\n/);
  await page.click('#health-reset');
  await expect.poll(() => page.locator('#totals-since').innerText()).toMatch(/^Since \d{4}-/);
  await expect.poll(() => page.locator('#health-events').innerText()).toContain('Totals began anew.');
  await page.close();
}

/** The page follows by itself: an input that brings nothing is not called Connected. */
async function seeItEnd(flowId: string, encoder: Program): Promise<void> {
  const page = await openHealth(flowId);
  const pill = page.locator('#live-input-primary .pill');
  expect(await pill.innerText()).toBe('Connected');
  await encoder.ended;
  await expect.poll(() => pill.innerText(), { timeout: 10_000 }).toBe('Waiting');
  await page.close();
}

/** The charts of both tracks and of the link, what was measured in the table, and each second in the file. */
async function seeCharts(flowId: string): Promise<void> {
  const page = await openHealth(flowId);
  for (const chart of ['bandwidth', 'track-frames', 'rttMs']) {
    await page.waitForSelector(`#chart-${chart} canvas`);
    await expect.poll(() => inkOf(page, chart)).toBeGreaterThan(500);
  }
  expect(await page.locator('#chart-track-frames .u-legend').innerText()).toContain('PID 257');
  expect(await page.locator('#health-summary').innerText()).toMatch(/PID 256\s+Frame rate\s+2[45]\.\d/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#csv')]);
  const lines = readFileSync(await download.path(), 'utf8').split('\r\n');
  expect(lines[0]).toMatch(/^time,bitrate,nullBitrate,lossRatio,/);
  expect(lines.length).toBeGreaterThan(10);
  await page.close();
}

describe('the kept health of a stream', () => {
  it('tells the frame rates and bit rates that were sent, of the input and of an output', async () => {
    const { house } = stage;
    const [port = 0] = await freePorts(1);
    const link = { protocol: 'srt', latencyMs: 120 };
    const input = { ...link, name: 'Camera' };
    const { id } = await house.created('/flows', {
      name: 'Measured',
      regionId: 'europe',
      maxBitrate: 10_000_000,
      input,
    });
    const destinations = { primary: { host: '127.0.0.1', port } };
    const output = await house.created(`/flows/${id}/outputs`, {
      ...link,
      name: 'Studio',
      regionId: 'europe',
      destinations,
    });
    await house.api('POST', `/flows/${id}/start`);
    await stage.keep(receive(port, stage.file('received.ts')));
    const from = Date.now();
    const encoder = await stage.keep(
      pushWithFfmpeg([{ port: inputPorts(await house.flow(id))[0] }], stage.file('sent.ts'), 50),
    );
    await untilFlowing(house, id);
    await watchLive(id);
    const { body: now } = await house.api('GET', `/flows/${id}/health/now`);
    const ends = nowSchema.parse(now).ends.map(({ endpoint, tracks }) => [endpoint, tracks[0]?.codec]);
    expect(ends).toContainEqual([output.id, 'H.264']);
    await seeItEnd(id, encoder);
    // An encoder that ends takes its last moments with it: what came through is the truth.
    const total = async (endpoint: string): Promise<number> =>
      (await column(id, { endpoint }, 'bitrate', from)).reduce((sum, value) => sum + value, 0) / 8;
    const isWhole = async (): Promise<boolean> => (await total(output.id)) > sizeOf(stage.file('received.ts')) * 0.98;
    await until('the last second is kept', isWhole);

    const sent = sizeOf(stage.file('received.ts'));
    for (const endpoint of ['input', output.id]) {
      within2Percent(await total(endpoint), sent);
      within2Percent(mean(inner(await column(id, { endpoint, track: 'pid 256' }, 'frameRate', from))), 25);
      within2Percent(mean(inner(await column(id, { endpoint, track: 'pid 257' }, 'frameRate', from))), 48_000 / 1024);
      expect(Math.max(...(await column(id, { endpoint }, 'continuityErrors', from)))).toBe(0);
    }
    expect(mean(await column(id, { endpoint: 'input' }, 'lossRatio', from))).toBe(0);
    const range = new URLSearchParams({ from: String(from), to: String(Date.now()) });
    const { channels } = channelsSchema.parse(
      (await house.api('GET', `/flows/${id}/health/channels?${range.toString()}`)).body,
    );
    const video = channels.find(({ endpoint, track }) => endpoint === 'input' && track === 'pid 256');
    expect(video?.about).toMatchObject({ kind: 'video', codec: 'H.264' });
    expect(video?.about?.width).toBeGreaterThan(0);
    await seeCharts(id);
  });

  it('is refused for a day or more, with a sentence', async () => {
    const { house } = stage;
    const input = { name: 'Camera', protocol: 'srt' };
    const { id } = await house.created('/flows', { name: 'Asked', regionId: 'europe', maxBitrate: 10_000_000, input });
    const to = Date.now();
    const query = new URLSearchParams({ from: String(to - 86_400_000), to: String(to) });
    const { status, body } = await house.api('GET', `/flows/${id}/health/channels?${query.toString()}`);
    expect([status, body]).toMatchObject([422, { code: 'range-too-long' }]);
    const page = await openHealth(id);
    await page.check('#last-custom');
    await page.fill('#from', '2026-01-02T08:00:00');
    await page.click('#health-confirm');
    await page.waitForSelector('#to-error >> text=A range is shorter than 24 hours');
    await page.close();
  });
});
