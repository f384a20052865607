/** The Log tab of the whole house: the page, the file and the API tell of the same events. */
import { readFileSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { freePorts } from '../kit/free-ports.ts';
import { PASSWORD } from '../kit/house.ts';
import { openStage, type Stage } from '../kit/stage.ts';

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

const pageSchema = z.object({ events: z.array(z.object({ time: z.string(), code: z.string(), message: z.string() })) });

/** A running flow to which nobody pushes. */
async function startFlow(): Promise<string> {
  const { house } = stage;
  const [port = 0] = await freePorts(1);
  const input = { protocol: 'srt', name: 'Camera' };
  const { id } = await house.created('/flows', { name: 'Watched', regionId: 'europe', maxBitrate: 10_000_000, input });
  const destinations = { primary: { host: '127.0.0.1', port } };
  await house.created(`/flows/${id}/outputs`, { protocol: 'srt', name: 'Studio', regionId: 'europe', destinations });
  await house.api('POST', `/flows/${id}/start`);
  return id;
}

/** The Log tab as an operator sees it who has just logged in. */
async function openLog(flowId: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${stage.house.url}/login?next=${encodeURIComponent(`/flows/${flowId}/log`)}`);
  await page.fill('#password', PASSWORD);
  await page.press('#password', 'Enter');
  await page.waitForSelector('#log-live[data-following="live"]');
  return page;
}

describe('the log of a flow', () => {
  it('is the same in the file of the tab and over the API', async () => {
    const id = await startFlow();
    const page = await openLog(id);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#log-csv')]);
    const [head, ...lines] = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    const from = Date.now() - 900_000;
    const { body } = await stage.house.api('GET', `/flows/${id}/log?from=${from}&limit=500`);
    const { events } = pageSchema.parse(body);
    expect(head).toMatch(/^time,type,role,/);
    // Newest first: what happened since the file was made stands before.
    const times = events.map(({ time }) => time).slice(events.length - lines.length);
    expect(lines.map((line) => line.split(',')[0])).toEqual(times);
    await page.close();
  });

  it('is refused for a day or more, with a sentence', async () => {
    const id = await startFlow();
    const to = Date.now();
    const { status, body } = await stage.house.api('GET', `/flows/${id}/log?from=${to - 86_400_000}&to=${to}`);
    expect([status, body]).toMatchObject([422, { code: 'range-too-long', faults: [{ field: 'to' }] }]);
  });
});
