/** The pages about alarms in a real browser: live, acknowledged, and readable by everybody. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alarmOf } from './alarm-scene.ts';
import { buildClient } from './build-client.ts';
import { type Preview, type Scene, setScene, startPreview } from './preview.ts';

const root = join(import.meta.dirname, '../..');
const files = mkdtempSync(join(tmpdir(), 'console-alarms-'));
const PATIENCE_MS = 60_000;
/** How much wider a page is than the screen, in pixels. */
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

let browser: Browser;
let preview: Preview;
let scene: Scene;
let page: Page;
let faults: string[];

beforeAll(async () => {
  await buildClient(root, files);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}, PATIENCE_MS);
afterAll(() => browser.close());

beforeEach(async () => {
  preview = await startPreview(files);
  scene = await setScene(preview.house);
  page = await newPage({});
}, PATIENCE_MS);
afterEach(async () => {
  await page.context().close();
  await preview.close();
});

async function newPage(options: BrowserContextOptions): Promise<Page> {
  const opened = await (await browser.newContext(options)).newPage();
  faults = [];
  opened.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  opened.on('pageerror', (error) => faults.push(String(error)));
  await opened.goto(`${preview.url}/login`);
  await opened.fill('#password', preview.password);
  await opened.press('#password', 'Enter');
  await opened.waitForSelector('#log-out');
  return opened;
}

const open = async (path: string) => {
  await page.goto(preview.url + path);
  await page.waitForSelector('#live[data-line="open"]', { state: 'attached' });
};

describe('an alarm that fires', { timeout: PATIENCE_MS }, () => {
  it('is there without a reload: on the page of alarms, in the navigation of every page, and at its flow', async () => {
    await open('/');
    expect(await page.locator('#alarm-count').innerText()).toMatch(/^3/);
    const flow = { id: scene.onAir, name: 'Evening news, main feed' };
    preview.house.firing.push(alarmOf(flow, { pipeline: 'primary' }));
    preview.house.tell(scene.onAir);
    preview.house.tellAlarms();
    await page.waitForSelector('#alarm-count >> text=4');
    await page.waitForSelector(`#flow-${scene.onAir} .flow-alarms >> text=Input lost`);

    await open('/alarms');
    expect(await page.locator('#alarms-firing li').count()).toBe(4);
    preview.house.firing.length = 0;
    preview.house.tellAlarms();
    await page.waitForSelector('#alarms-firing >> text=Nothing that a rule watches is wrong.');
    expect((await page.locator('#alarm-count').innerText()).trim()).toBe('');
    expect(faults).toEqual([]);
  });
});

describe('every page about alarms', { timeout: PATIENCE_MS }, () => {
  const paths = [
    '/alarms',
    '/alarms/rules',
    '/alarms/rules/new',
    '/alarms/rules/loss-above',
    '/alarms/webhooks',
    '/alarms/webhooks/wall',
    '/alarms/webhooks/new',
  ];
  const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

  it.each(['light', 'dark'] as const)('keeps nobody out, in %s', async (colorScheme) => {
    await page.context().close();
    page = await newPage({ colorScheme, bypassCSP: true });
    for (const path of paths) {
      await page.goto(preview.url + path);
      await page.evaluate(axe);
      const found = await page.evaluate(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
      );
      expect([path, found]).toEqual([path, []]);
    }
  });

  it('fits a telephone, and stands without a script', async () => {
    await page.context().close();
    page = await newPage({ viewport: { width: 390, height: 800 }, javaScriptEnabled: false });
    for (const path of paths) {
      const answer = await page.goto(preview.url + path);
      expect([path, answer?.status(), await page.evaluate(OVERFLOW)]).toEqual([path, 200, 0]);
    }
  });
});
