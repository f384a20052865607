/** The Health tab in a browser that is in another time zone than the server. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waves } from '../kit/waves.ts';
import { buildClient } from './build-client.ts';
import { type Preview, setScene, startPreview } from './preview.ts';

const root = join(import.meta.dirname, '../..');
const files = mkdtempSync(join(tmpdir(), 'console-health-'));
const PATIENCE_MS = 60_000;

let browser: Browser;
let preview: Preview;
let page: Page;
let url: string;
let faults: string[];

beforeAll(async () => {
  await buildClient(root, files);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}, PATIENCE_MS);
afterAll(() => browser.close());

beforeEach(async () => {
  preview = await startPreview(files, waves);
  const { onAir } = await setScene(preview.house);
  url = `${preview.url}/flows/${onAir}/health`;
  page = await openPage(true);
}, PATIENCE_MS);
afterEach(async () => {
  await page.context().close();
  await preview.close();
});

async function openPage(javaScriptEnabled: boolean): Promise<Page> {
  const context = await browser.newContext({
    javaScriptEnabled,
    timezoneId: 'Asia/Shanghai',
    viewport: { width: 1280, height: 860 },
  });
  const opened = await context.newPage();
  faults = [];
  opened.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  opened.on('pageerror', (error) => faults.push(String(error)));
  await opened.goto(`${preview.url}/login`);
  await opened.fill('#password', preview.password);
  await opened.press('#password', 'Enter');
  await opened.waitForSelector('#log-out');
  return opened;
}

/** How many pixels of a chart have a colour. */
const inkOf = (id: string): Promise<unknown> =>
  page.evaluate(
    `(() => { const canvas = document.querySelector('#chart-${id} canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, index) => index % 4 === 3 && value > 0).length; })()`,
  );

describe('the Health tab in a browser', { timeout: PATIENCE_MS }, () => {
  it('draws its charts, goes on by itself, and breaks no policy', async () => {
    await page.goto(url);
    await page.waitForSelector('#chart-dropped canvas');
    expect(await page.locator('.chart figcaption').allInnerTexts()).toEqual([
      'Bandwidth (Mbps)',
      'Bit rate of each track (Mbps)',
      'Frame rate of each track (frames/s)',
      'Packet loss rate (%)',
      'Retransmission rate (%)',
      'RTT (ms)',
      'Dropped packets (packets in 1 s)',
    ]);
    expect(await inkOf('bandwidth')).toBeGreaterThan(1000);
    expect(await page.locator('#zone').inputValue()).toBe('Asia/Shanghai');
    const status = () => page.locator('#health-status').innerText();
    const said = await status();
    expect(said).toMatch(/^Live: newest points at /);
    await expect.poll(status, { timeout: 10_000 }).not.toBe(said);
    await expect.poll(() => inkOf('rttMs')).toBeGreaterThan(1000);
    expect(faults).toEqual([]);
  });

  it('zooms all charts where one is dragged over, and moves all cursors', async () => {
    await page.goto(`${url}?last=3600`);
    const over = page.locator('#chart-rttMs .u-over');
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    if (!box) throw new Error('The chart is not in sight.');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.6, y);
    const time = () => page.locator('#chart-bandwidth .u-legend .u-series').first().innerText();
    await expect.poll(time).not.toContain('--');
    const before = await time();
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, y, { steps: 5 });
    await page.mouse.up();
    await page.mouse.move(box.x + box.width * 0.6, y);
    await expect.poll(time).not.toBe(before);
  });

  it('marks what happened on each chart, and says it where one points at it, and beneath', async () => {
    await page.goto(`${url}?last=3600`);
    const over = page.locator('#chart-rttMs .u-over');
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    if (!box) throw new Error('The chart is not in sight.');
    const tip = page.locator('#chart-rttMs .mark-tip');
    const [points] = await Promise.all([tip.isHidden(), page.mouse.move(box.x + box.width * 0.3, box.y + 20)]);
    expect(points).toBe(true);
    for (let step = -12; step <= 12 && (await tip.isHidden()); step += 2)
      await page.mouse.move(box.x + (box.width * 2) / 3 + step, box.y + 20);
    expect(await tip.innerText()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Totals began anew\.$/);
    expect(await page.locator('#chart-bandwidth .mark-tip').isHidden()).toBe(true);
    const beneath = page.locator('#health-events li').first();
    await expect.poll(() => beneath.innerText()).toContain((await tip.innerText()).slice(0, 19));
  });

  it('changes the colours of its charts with those of the page', async () => {
    await page.goto(url);
    await page.waitForSelector('#chart-rttMs canvas');
    const colours = () =>
      page.evaluate(
        `(() => { const canvas = document.querySelector('#chart-rttMs canvas');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let sum = 0, count = 0;
          for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) { sum += data[i] + data[i + 1] + data[i + 2]; count++; }
          return Math.round(sum / count); })()`,
      );
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(() => inkOf('rttMs')).toBeGreaterThan(1000);
    const light = await colours();
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(colours).not.toBe(light);
    expect(faults).toEqual([]);
  });

  it('shows what passes now, and a suggested latency that unfolds its reason', async () => {
    await page.goto(url);
    expect(await page.locator('.tracks').innerText()).toContain('Video H.264 High 1920×1080 · PID 256');
    await page.focus('#live-input-primary-latency summary');
    await page.keyboard.press('Enter');
    expect(await page.locator('#live-input-primary-latency').innerText()).toContain('5 round trips of 42 ms');
  });

  it('takes times of the chosen zone, sends epoch ms, and says beside the field that a range is too long', async () => {
    await page.goto(url);
    await page.check('#last-custom');
    await page.fill('#from', '2026-01-02T08:00:00');
    await page.selectOption('#zone', 'UTC');
    expect(await page.inputValue('#from')).toMatch(/^2026-01-02T00:00/);
    await page.fill('#to', '2026-01-03T00:00:00');
    await page.click('#health-confirm');
    await page.waitForSelector('#to-error >> text=A range is shorter than 24 hours');
    expect(new URL(page.url()).searchParams.get('from')).toBe(String(Date.UTC(2026, 0, 2)));
    expect(await page.inputValue('#zone')).toBe('UTC');
    expect(await page.inputValue('#from')).toMatch(/^2026-01-02T00:00/);
  });

  it('has its table without scripts', async () => {
    await page.context().close();
    page = await openPage(false);
    await page.goto(url);
    await page.check('#last-3600');
    await page.click('#health-confirm');
    expect(await page.locator('#health-summary td').allInnerTexts()).toContain(
      'Audio AAC 48 kHz stereo (eng) · PID 257',
    );
    expect(await page.locator('#health-charts').isVisible()).toBe(false);
  });
});
