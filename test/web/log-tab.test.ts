/** The Log tab in a browser that is in another time zone than the server, over a log that is really kept. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { LogEvent } from '../../db/history-model.ts';
import type { LogDesk } from '../../server/log-desk.ts';
import { logEvent } from '../kit/history.ts';
import { keptLog, manyEvents } from '../kit/kept-log.ts';
import { buildClient } from './build-client.ts';
import { type Preview, setScene, startPreview } from './preview.ts';

const root = join(import.meta.dirname, '../..');
const files = mkdtempSync(join(tmpdir(), 'console-log-'));
const PATIENCE_MS = 60_000;

let browser: Browser;
let preview: Preview;
let desk: LogDesk;
let flowId: string;
let url: string;
let page: Page;
let faults: string[];

beforeAll(async () => {
  await buildClient(root, files);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}, PATIENCE_MS);
afterAll(() => browser.close());
afterEach(() => {
  if (faults.length > 0) throw new Error(faults.join('\n'));
});

/** A console whose log has these events of its flow, and a browser before it. */
async function open(eventsOf: (flowId: string) => readonly LogEvent[], javaScriptEnabled = true): Promise<void> {
  desk = await keptLog();
  preview = await startPreview(files, undefined, desk);
  ({ onAir: flowId } = await setScene(preview.house));
  url = `${preview.url}/flows/${flowId}/log`;
  const events = eventsOf(flowId);
  if (events.length > 0) await desk.append(events);
  const context = await browser.newContext({ javaScriptEnabled, timezoneId: 'Asia/Shanghai', acceptDownloads: true });
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  onTestFinished(async () => {
    await context.close();
    await preview.close();
  });
  faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(`${preview.url}/login`);
  await page.fill('#password', preview.password);
  await page.press('#password', 'Enter');
  await page.waitForSelector('#log-out');
}

const rows = () => page.locator('#log-rows tr');
const sentences = () => page.locator('#log-rows .what').allInnerTexts();
const live = () => page.locator('#log-live').innerText();
const isLive = () => expect.poll(live).toBe('Live');
const search = () => new URL(page.url()).search;
/** Changed by a whole page, kept by a swap. */
const markPage = () => page.evaluate("document.body.dataset.same = 'yes'");
const isSamePage = () => page.evaluate("document.body.dataset.same === 'yes'");

/** The sentences of all pages, from the one that is shown on. */
async function readPages(): Promise<readonly string[]> {
  const seen = [...(await sentences())];
  while (await page.locator('#log-more').isVisible()) {
    await page.click('#log-more');
    await expect.poll(async () => seen.includes((await sentences())[0] ?? '')).toBe(false);
    seen.push(...(await sentences()));
  }
  return seen;
}

describe('the Log tab in a browser', { timeout: PATIENCE_MS }, () => {
  it('is filtered by type and text without a new page, and its URL shows the same to others', async () => {
    const at = Date.now() - 5000;
    await open((id) => [
      logEvent({ flowId: id, seq: 1, at, code: 'connected', peer: { address: '203.0.113.50', port: 51_822 } }),
      logEvent({ flowId: id, seq: 2, at: at + 1, pipeline: 'backup', code: 'connected' }),
      logEvent({ flowId: id, seq: 3, at: at + 2, code: 'capped', facts: { dropped: 37 } }),
    ]);
    await page.goto(`${preview.url}/flows/${flowId}`);
    await page.click('#tab-log');
    await isLive();
    expect(await rows().count()).toBe(3);
    expect(await rows().first().innerText()).toMatch(/Trouble[^]*37 packets or frames dropped[^]*capped/);
    await markPage();
    await page.check('#type-input-primary');
    await page.fill('#text', '203.0.113');
    await page.click('#log-confirm');
    await expect.poll(() => rows().count()).toBe(1);
    expect(await isSamePage()).toBe(true);
    expect(search()).toContain('type=input-primary');
    await page.goto(page.url());
    expect(await rows().count()).toBe(1);
    expect(await page.inputValue('#text')).toBe('203.0.113');
    await page.fill('#text', 'no such thing');
    await page.click('#log-confirm');
    await page.click('#log-clear');
    await expect.poll(() => rows().count()).toBe(3);
  });

  it('shows its times in the zone that is chosen, with its offset', async () => {
    const at = Date.now() - 5000;
    await open((id) => [logEvent({ flowId: id, at })]);
    await page.goto(url);
    const clock = (shift: number) => new Date(at + shift).toISOString().slice(0, 23).replace('T', ' ');
    const shown = () => page.locator('#log-rows time').innerText();
    await expect.poll(shown).toBe(clock(8 * 3_600_000));
    expect(await page.locator('#log-zone').innerText()).toBe('Times are in Asia/Shanghai (UTC+08:00).');
    await page.selectOption('#zone', 'UTC');
    await expect.poll(shown).toBe(clock(0));
    expect(await page.locator('#log-zone').innerText()).toBe('Times are in UTC (UTC+00:00).');
    await page.reload();
    await expect.poll(shown).toBe(clock(0));
  });

  it('has all events on its pages, each once, and does not follow on an older one', async () => {
    await open((id) => manyEvents(id, 450, Date.now() - 1000));
    await page.goto(`${url}?last=3600`);
    await isLive();
    await page.selectOption('#zone', 'UTC');
    const seen = await readPages();
    expect([seen.length, new Set(seen).size]).toEqual([450, 450]);
    expect(search()).toContain('zone=UTC');
    expect(await live()).toBe('Paused on an older page');
    await page.goBack();
    await page.waitForSelector('#log-more');
    expect(await page.isChecked('#last-3600')).toBe(true);
    await page.click('#log-first');
    await isLive();
  });

  it('follows new events that match, newest first, as they are kept, and shows no more than 200', async () => {
    await open((id) => manyEvents(id, 199, Date.now() - 1000));
    await page.goto(`${url}?last=3600&type=input-primary`);
    await isLive();
    await markPage();
    const fresh = (seq: number, some: Partial<LogEvent>) =>
      logEvent({ flowId, boot: 'later', seq, at: Date.now(), ...some });
    await desk.append([fresh(1, { code: 'first-fresh' }), fresh(2, { code: 'of-another-type', pipeline: 'backup' })]);
    await page.waitForSelector('#log-rows tr:first-child >> text=first-fresh');
    await desk.append([fresh(3, { code: 'second-fresh' })]);
    await page.waitForSelector('#log-rows tr:first-child >> text=second-fresh');
    expect(await rows().count()).toBe(200);
    expect(await page.locator('#log-rows').innerText()).not.toContain('of-another-type');
    expect(await page.locator('#log-rows tr:first-child time').innerText()).not.toContain('UTC');
    expect(await isSamePage()).toBe(true);
    await page.click('#log-more');
    await expect.poll(() => rows().count()).toBe(1);
  });

  it('says that it is interrupted while its line is down, and then shows what it missed', async () => {
    await open(() => []);
    await page.goto(url);
    await isLive();
    await page.context().setOffline(true);
    await page.evaluate("document.querySelector('#live')._htmx.ws.connection.socket.close()");
    await expect.poll(live).toContain('Interrupted');
    await desk.append([logEvent({ flowId, at: Date.now(), code: 'missed' })]);
    await page.context().setOffline(false);
    await page.waitForSelector('#log-rows >> text=missed');
    await isLive();
    faults = faults.filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED'));
  });

  it('follows no more when that is turned off, and again when it is turned on', async () => {
    await open(() => []);
    await page.goto(url);
    await isLive();
    await page.uncheck('#follow');
    await expect.poll(live).toMatch(/^Paused/);
    await desk.append([logEvent({ flowId, at: Date.now(), code: 'kept-meanwhile' })]);
    await page.check('#follow');
    await page.waitForSelector('#log-rows >> text=kept-meanwhile');
    await isLive();
  });

  it('follows a range that begins at a moment and has no end', async () => {
    await open(() => []);
    await page.goto(url);
    await isLive();
    await page.check('#last-custom');
    const from = Date.now() - 60_000;
    await page.fill('#from', new Date(from + 8 * 3_600_000).toISOString().slice(0, 19));
    await page.click('#log-confirm');
    await page.waitForURL(/from=\d{13}/);
    await isLive();
    await desk.append([logEvent({ flowId, at: Date.now(), code: 'after-all' })]);
    await page.waitForSelector('#log-rows >> text=after-all');
  });

  it('refuses a day without losing what was typed', async () => {
    await open(() => []);
    await page.goto(url);
    await page.check('#last-custom');
    await page.fill('#from', '2026-01-02T08:00:00');
    await page.fill('#to', '2026-01-03T08:00:00');
    await page.click('#log-confirm');
    await page.waitForSelector('#log-answer >> text=To: A range is shorter than 24 hours.');
    expect(await page.inputValue('#from')).toMatch(/^2026-01-02T08:00/);
    faults = faults.filter((fault) => !fault.includes('status of 422'));
  });

  it('hands out a file with every event of the filters, whatever the page shows', async () => {
    await open((id) => manyEvents(id, 250, Date.now() - 1000));
    await page.goto(`${url}?last=3600&type=input-primary`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#log-csv')]);
    expect(download.suggestedFilename()).toMatch(/^log-Evening-news-main-feed-\d{8}T\d{6}Z-\d{8}T\d{6}Z\.csv$/);
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines).toHaveLength(251);
    expect(lines[1]).toContain('Connected from 192.0.2.7:250.');
  });

  it('is asked without scripts too, in UTC', async () => {
    await open((id) => manyEvents(id, 250, Date.now() - 1000), false);
    await page.goto(url);
    await page.check('#last-3600');
    await page.check('#type-input-primary');
    await page.click('#log-confirm');
    expect(await rows().count()).toBe(200);
    expect(await page.locator('#log-rows time').first().innerText()).toMatch(/ UTC$/);
    expect(await page.locator('#log-zone').innerText()).toContain('UTC+00:00');
    expect(await page.locator('#log-live').isVisible()).toBe(false);
    await page.click('#log-more');
    expect(await rows().count()).toBe(50);
  });
});
