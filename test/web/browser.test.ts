import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpoint, flowDraft } from '../kit/console-house.ts';
import { buildClient } from './build-client.ts';
import { type Preview, type Scene, setScene, startPreview } from './preview.ts';

const root = join(import.meta.dirname, '../..');
const files = mkdtempSync(join(tmpdir(), 'console-'));
/** Chromium's first start on a cold machine takes 10 s and more. */
const PATIENCE_MS = 60_000;

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

async function newPage(options: { javaScriptEnabled?: boolean }): Promise<Page> {
  const context = await browser.newContext({ ...options, timezoneId: 'Asia/Shanghai' });
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

const open = async (path: string) => {
  await page.goto(preview.url + path);
  await page.waitForSelector('#live[data-line="open"]', { state: 'attached' });
};

const text = (selector: string) => page.locator(selector).innerText();

describe('an open page', { timeout: PATIENCE_MS }, () => {
  it('follows its flow without a reload and without a breach of the policy', async () => {
    await open(`/flows/${scene.onAir}/input`);
    await page.evaluate("document.body.dataset.same = 'yes'");
    preview.house.report(scene.onAir, { endpoints: [endpoint(scene.onAir, { condition: 'stalled', bitrate: 0 })] });
    preview.house.tell(scene.onAir);
    await page.waitForSelector('#live-input-primary >> text=no media has arrived for 3 s');
    expect(await text('#live-input-backup')).toContain('Unknown');
    expect(await page.evaluate('document.body.dataset.same')).toBe('yes');
    expect(faults).toEqual([]);
  });

  it('opens its line though a script arrives late', async () => {
    await page.route('**/hx-ws.js*', async (route) => {
      await page.waitForTimeout(300);
      await route.continue();
    });
    await open('/');
    expect(faults).toEqual([]);
  });

  it('keeps what the reader has unfolded, though its flow stops', async () => {
    await open(`/flows/${scene.onAir}/input`);
    await page.click('#push-primary > summary');
    await preview.house.flows.stop(scene.onAir);
    preview.house.tell(scene.onAir);
    await page.waitForSelector('#start-flow');
    expect(await page.locator('#push-primary').getAttribute('open')).toBe('');
  });

  it('of the list follows each flow, and a new one appears', async () => {
    await open('/');
    preview.house.report(scene.onAir, { endpoints: [] });
    preview.house.tell(scene.onAir);
    await page.waitForSelector(`#flow-${scene.onAir}.unknown`);
    await preview.house.flows.create(flowDraft('Made elsewhere'));
    preview.house.tell();
    await page.waitForSelector('text=Made elsewhere');
    expect(faults).toEqual([]);
  });

  it('shows the time of the reader, and goes on doing so', async () => {
    await open(`/flows/${scene.onAir}/input`);
    expect(await text('#live-input-primary time')).toMatch(/11:12:45$/);
    preview.house.tell(scene.onAir);
    await page.waitForTimeout(1200);
    expect(await text('#live-input-primary time')).toMatch(/11:12:45$/);
  });

  it('says so when the line is lost, and takes it back when it returns', async () => {
    await open('/');
    await page.context().setOffline(true);
    await page.evaluate("document.querySelector('#live')._htmx.ws.connection.socket.close()");
    await page.waitForSelector('#lost:not([hidden])');
    expect(await text('#lost')).toContain('Live updates are interrupted.');
    await page.context().setOffline(false);
    await page.waitForSelector('#lost', { state: 'hidden' });
  });
});

describe('a form with a choice of protocol', { timeout: PATIENCE_MS }, () => {
  const isSeen = (selector: string) => page.locator(selector).isVisible();

  it.each([true, false])('shows the fields of the chosen one alone, with a script %s', async (javaScriptEnabled) => {
    await page.context().close();
    page = await newPage({ javaScriptEnabled });
    await page.goto(`${preview.url}/flows/new?region=asia`);
    const seen = async () => [await isSeen('#input-latencyMs'), await isSeen('#input-bareTs')];
    expect(await seen()).toEqual([true, false]);
    await page.check('#input-protocol-rtp');
    expect(await seen()).toEqual([false, true]);
    await page.check('#input-protocol-rtmp');
    expect(await seen()).toEqual([false, false]);
    expect(await isSeen('text=You are given a server URL and a stream key')).toBe(true);
    expect(await isSeen('#input-failover-preferred-primary')).toBe(false);
    await page.check('#input-failover');
    expect(await isSeen('#input-failover-preferred-primary')).toBe(true);
  });

  it('asks an output for host and port, or for URL and key', async () => {
    await page.goto(`${preview.url}/flows/${scene.bare}/output/new`);
    const seen = async () => [
      await isSeen('#destinations-primary-host'),
      await isSeen('#destinations-primary-url'),
      await isSeen('#destinations-backup-streamKey'),
    ];
    expect(await seen()).toEqual([true, false, false]);
    await page.check('#protocol-rtmp');
    expect(await seen()).toEqual([false, true, true]);
  });

  it('makes a flow by RTMP, whose key is out of sight until it is asked for', async () => {
    await page.context().close();
    page = await newPage({ javaScriptEnabled: false });
    await page.goto(`${preview.url}/flows/new?region=asia`);
    await page.fill('#name', 'By RTMP');
    await page.fill('#input-name', 'OBS');
    await page.fill('#input-latencyMs', '1');
    await page.check('#input-protocol-rtmp');
    await page.click('#form-submit');
    expect(await text('#input-primary-address')).toMatch(/^rtmp:\/\/relay\.example\.net:1935\/[0-9a-f]{28}$/);
    expect(await isSeen('#input-primary-key')).toBe(false);
    await page.click('#input-primary-key-reveal summary');
    expect(await text('#input-primary-key')).toMatch(/^[\w-]{24}$/);
  });
});

describe('failover', { timeout: PATIENCE_MS }, () => {
  it('says what is on air, and switches after a question', async () => {
    await open(`/flows/${scene.failover}/input`);
    expect(await text('#live-failover')).toContain('Backup input');
    expect(await text('#live-input-backup')).toContain('On air');
    expect(await text('#live-input-primary')).not.toContain('On air');
    await page.click('#switch-to-primary');
    await page.waitForSelector('dialog[open]');
    expect(await text('dialog')).toContain('No media arrives at the primary input now');
    await page.click('#confirm-yes');
    await page.waitForURL(`${preview.url}/flows/${scene.failover}/input`);
    expect((await preview.house.flows.get(scene.failover)).input.failover?.order).toBe(1);
    expect(faults).toEqual([]);
  });

  it('moves on an open page as soon as the relays say so, with its event', async () => {
    await open(`/flows/${scene.failover}`);
    const { endpoints } = preview.house.monitor.live(await preview.house.flows.get(scene.failover));
    preview.house.report(scene.failover, {
      endpoints: endpoints.map((it) => (it.live === undefined ? it : { ...it, live: !it.live })),
    });
    preview.house.happen({
      at: Date.now(),
      flowId: scene.failover,
      pipeline: 'backup',
      endpoint: 'input',
      code: 'failover',
      facts: { to: 'primary', cause: 'by-operator', gapMs: 0 },
    });
    preview.house.tell(scene.failover);
    await page.waitForSelector('#events >> text=now get the primary input, as an operator ordered.');
    expect(await text('.lane[aria-label="Backup pipeline"] .mark')).toBe('Primary input on air');
    expect(faults).toEqual([]);
  });
});

describe('the tabs', { timeout: PATIENCE_MS }, () => {
  it('have URLs of their own, and back leads to the one before', async () => {
    await open(`/flows/${scene.onAir}`);
    await page.click('#tab-output');
    await page.waitForSelector('#panel-output');
    expect(page.url()).toBe(`${preview.url}/flows/${scene.onAir}/output`);
    await page.goBack();
    await page.waitForSelector('#panel-information');
    expect(await page.locator('main').count()).toBe(1);
    expect(faults).toEqual([]);
  });
});

describe('a question', { timeout: PATIENCE_MS }, () => {
  it('opens as a dialog, holds the focus, and Escape leaves all as it was', async () => {
    await open(`/flows/${scene.onAir}`);
    await page.focus('#stop-flow');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    expect(await page.evaluate('document.activeElement.id')).toBe('confirm-cancel');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'hidden' });
    expect(await page.evaluate('document.activeElement.id')).toBe('stop-flow');
    expect((await preview.house.flows.get(scene.onAir)).running).toBe(true);
  });
});

describe('a refused form', { timeout: PATIENCE_MS }, () => {
  it('comes back with the focus on the first fault and all that was typed', async () => {
    await page.goto(`${preview.url}/flows/${scene.idle}/output/new`);
    await page.fill('#destinations-primary-host', '203.0.113.99');
    await page.fill('#name', 'Kept');
    await page.click('#form-submit');
    await page.waitForSelector('.notice.bad');
    expect(await page.evaluate('document.activeElement.id')).toBe('destinations-primary-port');
    expect(await page.inputValue('#destinations-primary-host')).toBe('203.0.113.99');
    await page.fill('#destinations-primary-port', '7099');
    await page.click('#form-submit');
    await page.waitForSelector('#panel-output >> text=Kept');
  });
});

describe('without JavaScript', { timeout: PATIENCE_MS }, () => {
  it('a flow is created, started, stopped and deleted', async () => {
    await page.context().close();
    page = await newPage({ javaScriptEnabled: false });
    await page.click('#create-flow');
    await page.check('#regionId-asia');
    await page.fill('#name', 'By hand');
    await page.fill('#input-name', 'Camera');
    await page.click('#form-submit');
    expect(await text('#input-primary-address')).toMatch(/^srt:\/\/relay\.example\.net:\d+$/);
    await page.click('#tab-output');
    await page.click('#create-output');
    await page.fill('#name', 'Studio');
    await page.fill('#destinations-primary-host', '203.0.113.98');
    await page.fill('#destinations-primary-port', '7098');
    await page.click('#form-submit');
    await page.click('#start-flow');
    await page.click('#stop-flow');
    await page.click('#confirm-yes');
    await page.click('#delete-flow');
    await page.click('#confirm-yes');
    expect(new URL(page.url()).pathname).toBe('/');
    expect((await preview.house.flows.list()).map(({ name }) => name)).not.toContain('By hand');
  });
});
