import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpoint } from '../kit/console-house.ts';
import { buildClient } from './build-client.ts';
import { type Preview, type Scene, setScene, startPreview } from './preview.ts';

const root = join(import.meta.dirname, '../..');
const files = mkdtempSync(join(tmpdir(), 'console-'));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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

type Options = NonNullable<Parameters<Browser['newContext']>[0]>;

async function newPage(options: Options): Promise<Page> {
  const context = await browser.newContext({ bypassCSP: false, ...options });
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

const text = (selector: string) => page.locator(selector).innerText();
const open = (path: string) => page.goto(preview.url + path);

describe('a field that is left', { timeout: PATIENCE_MS }, () => {
  it('says at once what is wrong with it, is named invalid, and takes it back when mended', async () => {
    await open('/flows/new?region=asia');
    await page.fill('#input-latencyMs', '5');
    await page.press('#input-latencyMs', 'Tab');
    await page.waitForSelector('#input-latencyMs-error >> text=Latency is 20 ms or more.');
    await page.waitForSelector('#input-latencyMs[aria-invalid="true"]');
    expect(await text('#name-error')).toBe('');
    await page.fill('#input-latencyMs', '200');
    await page.press('#input-latencyMs', 'Tab');
    await page.waitForSelector('#input-latencyMs:not([aria-invalid])');
    expect(await text('#input-latencyMs-error')).toBe('');
    expect(faults).toEqual([]);
  });

  it('is checked by the rules too', async () => {
    await open('/flows/new?region=asia');
    await page.fill('#input-allowlist', '203.0.113.0/24; 10.0.0.1/8');
    await page.press('#input-allowlist', 'Tab');
    await page.waitForSelector('#input-allowlist-error >> text=10.0.0.1/8: The address has bits set');
  });
});

describe('a refused form', { timeout: PATIENCE_MS }, () => {
  it('keeps everything that was typed, the key among it, though the server never sends a key', async () => {
    await open('/flows/new?region=asia');
    await page.check('#input-encryption');
    await page.fill('#input-encryption-passphrase', 'a-key-for-the-studio');
    await page.fill('#input-name', 'Camera 1');
    await page.fill('#input-allowlist', '10.0.0.1/8');
    await page.click('#form-submit');
    await page.waitForSelector('.notice.bad');
    await page.waitForSelector('#name-error >> text=Enter a name.');
    await page.waitForSelector('#input-allowlist-error >> text=bits set');
    expect(await page.inputValue('#input-encryption-passphrase')).toBe('a-key-for-the-studio');
    expect(await text('#input-encryption-passphrase-error')).toBe('');
    await page.waitForSelector('#input-encryption-passphrase:not([aria-invalid])');
    expect(await page.inputValue('#input-name')).toBe('Camera 1');
  });
});

describe('help that a script gives', { timeout: PATIENCE_MS }, () => {
  it('makes a key of 24 letters, shows it, and another one each time', async () => {
    await open('/flows/new?region=asia');
    await page.check('#input-encryption');
    const made = async () => {
      await page.click('#input-encryption-passphrase-make');
      return page.inputValue('#input-encryption-passphrase');
    };
    const [first, second] = [await made(), await made()];
    expect(first).toMatch(/^[a-zA-Z2-9]{24}$/);
    expect(second).not.toBe(first);
    expect(await page.getAttribute('#input-encryption-passphrase', 'type')).toBe('text');
    expect(await text('#input-encryption-passphrase-made')).toContain('not shown again');
  });

  it('lets in the present address alone', async () => {
    await open('/flows/new?region=asia');
    await page.click('#input-allowlist-own');
    expect(await page.inputValue('#input-allowlist')).toBe('::1/128');
  });

  it('is not offered without a script', async () => {
    await page.context().close();
    page = await newPage({ javaScriptEnabled: false });
    await open('/flows/new?region=asia');
    await page.check('#input-encryption');
    expect(await page.isVisible('#input-encryption-passphrase-make')).toBe(false);
    expect(await page.isVisible('#input-allowlist-own')).toBe(false);
    expect(await text('#input-allowlist-hint')).toContain('::1/128');
  });
});

describe('a new flow', { timeout: PATIENCE_MS }, () => {
  it.each([true, false])(
    'is led to its output, its start and its push, with a script %s',
    async (javaScriptEnabled) => {
      await page.context().close();
      page = await newPage({ javaScriptEnabled });
      await open('/flows/new?region=asia');
      await page.fill('#name', 'Cup final');
      await page.fill('#input-name', 'Camera 1');
      await page.click('#form-submit');
      await page.waitForSelector('#setup-output');
      expect(new URL(page.url()).pathname).toMatch(/\/input$/);
      expect(await text('.steps .now')).toContain('A flow without outputs cannot be started.');
      await page.click('#setup-output');
      await page.fill('#name', 'Studio');
      await page.fill('#destinations-primary-host', '203.0.113.7');
      await page.fill('#destinations-primary-port', '7001');
      await page.click('text=Confirm');
      await page.waitForSelector('#tab-input');
      await page.click('#tab-input');
      await page.click('#setup-start');
      await page.waitForSelector('.steps .now >> text=Push your stream');
      expect(await text('#live-setup')).toContain('It runs: its inputs listen.');
    },
  );

  it('waits, says what keeps its stream away, and that it is here', async () => {
    await preview.house.flows.start(scene.idle);
    const tell = (changes: Parameters<typeof endpoint>[1]) => {
      preview.house.report(scene.idle, { endpoints: [endpoint(scene.idle, changes)] });
      preview.house.tell(scene.idle);
    };
    const waits = { state: 'waiting', condition: 'listening', bitrate: 0 } as const;
    tell(waits);
    await open(`/flows/${scene.idle}/input`);
    await page.waitForSelector('#live-setup >> text=Nobody has called yet.');
    await page.waitForSelector('#live[data-line="open"]', { state: 'attached' });
    const peer = { address: '203.0.113.9', port: 40_112 };
    tell({ ...waits, incident: { code: 'passphrase-wrong', at: Date.now(), peer } });
    await page.waitForSelector('#live-setup >> text=Refused: wrong passphrase');
    expect(await text('#live-setup')).toContain('Compare the key on the encoder with the one set here.');
    tell({});
    await page.waitForSelector('#live-setup >> text=Your stream is here.');
    expect(faults).toEqual([]);
  });
});

describe.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
  ['dark', 390],
  ['light', 360],
] as const)('in %s at %i px', { timeout: PATIENCE_MS * 2 }, (colorScheme, width) => {
  it('no page of the way to air has a fault that axe finds, or is too wide', async () => {
    await page.context().close();
    page = await newPage({ colorScheme, viewport: { width, height: 860 } });
    const shoot = async (name: string) => {
      await page.waitForSelector('html.js', { state: 'attached' });
      await page.evaluate(`for (const it of document.querySelectorAll('.push-here, .encoder, .help')) it.open = true`);
      const folder = process.env.SCREENS;
      if (folder) mkdirSync(folder, { recursive: true });
      if (folder) await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      await page.evaluate(axeSource);
      const found: unknown = await page.evaluate(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map((it) => it.html.slice(0, 160)).join(' | ')))`,
      );
      expect([name, wide, found]).toEqual([name, 0, []]);
    };
    await open('/flows/new?region=asia');
    await shoot('create');
    await page.check('#input-encryption');
    await page.click('#input-encryption-passphrase-make');
    await page.fill('#input-latencyMs', '5');
    await page.fill('#input-allowlist', '10.0.0.1/8');
    await page.click('#form-submit');
    await page.waitForSelector('.notice.bad');
    await shoot('create-refused');
    for (const [name, path] of Object.entries({
      'output-new': `/flows/${scene.idle}/output/new`,
      'input-new': `/flows/${scene.bare}/input`,
      'input-idle': `/flows/${scene.idle}/input`,
      'input-waiting': `/flows/${scene.partial}/input`,
      'input-rtmp': `/flows/${scene.failover}/input`,
      'input-rtp': `/flows/${scene.rtp}/input`,
      'input-edit': `/flows/${scene.onAir}/input/edit`,
    })) {
      await open(path);
      await shoot(name);
    }
  });
});
