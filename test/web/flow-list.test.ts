import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpoint, flowDraft } from '../kit/console-house.ts';
import { until } from '../kit/until.ts';
import { buildClient } from './build-client.ts';
import { listHealth, setManyFlows } from './list-scene.ts';
import { type Preview, startPreview } from './preview.ts';

const root = join(import.meta.dirname, '../..');
const files = mkdtempSync(join(tmpdir(), 'console-'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Chromium's first start on a cold machine takes 10 s and more. */
const PATIENCE_MS = 60_000;
const LARGEST_BYTES = 120_000;

let browser: Browser;
let preview: Preview;
let page: Page;
let faults: string[];

beforeAll(async () => {
  await buildClient(root, files);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}, PATIENCE_MS);

afterAll(() => browser.close());

beforeEach(async () => {
  preview = await startPreview(files, listHealth);
}, PATIENCE_MS);

afterEach(async () => {
  await page.context().close();
  await preview.close();
});

/** A browser that has logged in. */
async function enter(options: BrowserContextOptions = {}): Promise<void> {
  page = await (await browser.newContext(options)).newPage();
  faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(`${preview.url}/login`);
  await page.fill('#password', preview.password);
  await page.press('#password', 'Enter');
  await page.waitForSelector('#log-out');
}

async function open(path: string): Promise<void> {
  await page.goto(preview.url + path);
  await page.waitForSelector('#live[data-line="open"]', { state: 'attached' });
}

const names = () => page.locator('.strip h2').allInnerTexts();

/** A flow that runs with media on its primary input. */
async function runningFlow(name: string): Promise<string> {
  const [id = ''] = await setManyFlows(preview.house, 1);
  await preview.house.flows.rename(id, { name });
  return id;
}

async function stall(id: string): Promise<void> {
  preview.house.report(id, { endpoints: [endpoint(id, { condition: 'stalled', bitrate: 0 })] });
  preview.house.tell(id);
}

describe('the page of the flow list', { timeout: PATIENCE_MS }, () => {
  it('with a hundred flows weighs less than 120 kB, compressed, with all that it loads', async () => {
    await setManyFlows(preview.house, 150);
    await enter();
    const loaded: Promise<number>[] = [];
    page.on('response', (response) => loaded.push(response.body().then((body) => gzipSync(body).length)));
    await open('/');
    expect(await page.locator('.strip').count()).toBe(100);
    const bytes = (await Promise.all(loaded)).reduce((sum, one) => sum + one, 0);
    expect(loaded.length).toBeGreaterThan(5);
    expect(bytes).toBeLessThan(LARGEST_BYTES);
    console.log(`the flow list with 100 rows: ${bytes} bytes in ${loaded.length} responses`);
  });

  it('is seen before any script has come', async () => {
    await setManyFlows(preview.house, 8);
    await enter();
    await page.route('**/*.js*', () => {});
    await page.goto(`${preview.url}/`, { waitUntil: 'commit' });
    await page.waitForSelector('.strip >> nth=7');
    const painted = () => page.evaluate<boolean>("performance.getEntriesByName('first-contentful-paint').length > 0");
    await until('something is painted', painted);
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 390],
  ] as const)('has nothing that axe objects to, %s and %i px wide', async (colorScheme, width) => {
    const ids = await setManyFlows(preview.house, 30);
    await enter({ colorScheme, viewport: { width, height: 860 }, reducedMotion: 'reduce' });
    const selected = `/flows/selected?do=delete&flow=${ids[0]}&flow=${ids[5]}`;
    for (const path of ['/', '/?q=nothing', selected]) {
      await page.goto(preview.url + path);
      await page.waitForSelector('html.js', { state: 'attached' });
      await page.evaluate(axe);
      const found = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))',
      );
      expect(found).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });
});

describe('the flow list', { timeout: PATIENCE_MS }, () => {
  it('is found, narrowed and sorted as one types, and its URL asks the same', async () => {
    await setManyFlows(preview.house, 60);
    await enter();
    await open('/');
    await page.fill('#q', 'opera');
    await page.waitForURL(`${preview.url}/?q=opera`);
    expect(await page.locator('.strip').count()).toBe(8);
    await page.check('input[name="state"][value="idle"]', { force: true });
    await page.waitForURL(`${preview.url}/?q=opera&state=idle`);
    const idle = await names();
    expect(idle.length).toBeGreaterThan(0);
    await page.reload();
    expect(await names()).toEqual(idle);
    expect(await page.inputValue('#q')).toBe('opera');
    expect(faults).toEqual([]);
  });

  it('keeps what is ticked through a change of its row, and is not renewed under it', async () => {
    const id = await runningFlow('News');
    await enter();
    await open('/');
    await page.check(`input[value="${id}"]`);
    await stall(id);
    await page.waitForSelector(`#flow-${id}.unknown`);
    expect(await page.isChecked(`input[value="${id}"]`)).toBe(true);
    await preview.house.flows.create(flowDraft('A newcomer'));
    preview.house.tell(id);
    await page.waitForSelector('#list-news >> text=1 flow comes to this page.');
    expect(await names()).toEqual(['News']);
    await page.click('#list-refresh');
    await page.waitForSelector('text=A newcomer');
    expect(await names()).toEqual(['A newcomer', 'News']);
    expect(await page.isChecked(`input[value="${id}"]`)).toBe(true);
    expect(await page.innerText('#selected-count')).toBe('1 selected');
    expect(faults).toEqual([]);
  });

  it('brings trouble to the top by itself while nobody touches it', async () => {
    const first = await runningFlow('A');
    const last = await runningFlow('B');
    await enter();
    await open('/?sort=state');
    expect(await names()).toEqual(['A', 'B']);
    await stall(last);
    await page.waitForSelector('.strips > li:first-child h2 >> text="B"');
    await stall(first);
    await page.waitForSelector(`#flow-${first}.unknown`);
    expect(faults).toEqual([]);
  });

  it('says of a flow that was deleted elsewhere that it is gone, in its place', async () => {
    const [gone] = [await runningFlow('A'), await runningFlow('B')];
    await enter();
    await open('/');
    await page.check(`input[value="${gone}"]`);
    await preview.house.flows.stop(gone);
    await preview.house.flows.delete(gone);
    await page.waitForSelector(`#flow-${gone} >> text=“A” was deleted.`);
    expect(faults).toEqual([]);
  });

  it('is used by keys alone', async () => {
    const id = await runningFlow('News');
    await enter();
    await open('/');
    await page.focus(`input[value="${id}"]`);
    await page.keyboard.press('Space');
    expect(await page.innerText('#selected-count')).toBe('1 selected');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.innerText')).toBe('News');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${preview.url}/flows/${id}`);
  });
});

describe('without JavaScript', { timeout: PATIENCE_MS }, () => {
  it('flows are found, chosen, stopped and deleted, each with its result', async () => {
    const [first = '', second = ''] = await setManyFlows(preview.house, 7);
    await enter({ javaScriptEnabled: false });
    await page.goto(`${preview.url}/`);
    await page.fill('#q', 'Encoder 1');
    await page.click('.apply');
    expect(page.url()).toContain('q=Encoder+1');
    await page.check(`input[value="${first}"]`);
    await page.click('.selected button[value="stop"]');
    expect(await page.innerText('h1')).toBe('Stop 1 flow?');
    await page.click('#confirm-yes');
    expect(await page.innerText('h1')).toBe('Stopped 1 of 1 flows');
    expect((await preview.house.flows.get(first)).running).toBe(false);
    await page.click('#back-to-list');
    preview.house.report(first, { state: 'idle', endpoints: [] });
    for (const id of [first, second]) await page.check(`input[value="${id}"]`);
    await page.click('.selected button[value="delete"]');
    expect(await page.innerText('.selection-card')).toContain('It is not idle. Stop it first.');
    await page.click('#confirm-yes');
    expect(await page.innerText('#selected-results')).toContain('Deleted');
    expect((await preview.house.flows.list()).map(({ id }) => id)).not.toContain(first);
    expect(await preview.house.flows.get(second)).toBeDefined();
  });
});
