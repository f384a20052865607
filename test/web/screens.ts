/** Opens every page in Debian's Chromium, wide and narrow, light and dark, and writes what it sees. Run: screens.mjs. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { buildClient } from './build-client.ts';
import { type Preview, type Scene, setScene, startPreview } from './preview.ts';

const WIDTHS = [1280, 390];
const SCHEMES = ['light', 'dark'] as const;

/** Writes all screens to `folder`. Throws when a page logs an error: a breach of the policy, a script that fails. */
export async function takeScreens(root: string, folder: string): Promise<void> {
  const files = mkdtempSync(join(tmpdir(), 'console-'));
  mkdirSync(folder, { recursive: true });
  await buildClient(root, files);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const [empty, full] = [await startPreview(files), await startPreview(files)];
  try {
    const scene = await setScene(full.house);
    for (const width of WIDTHS)
      for (const colorScheme of SCHEMES) await takeAll({ browser, empty, full, scene, folder, width, colorScheme });
  } finally {
    await browser.close();
    await Promise.all([empty.close(), full.close()]);
  }
}

interface Shoot {
  readonly browser: Browser;
  readonly empty: Preview;
  readonly full: Preview;
  readonly scene: Scene;
  readonly folder: string;
  readonly width: number;
  readonly colorScheme: (typeof SCHEMES)[number];
}

async function takeAll({ browser, empty, full, scene, folder, width, colorScheme }: Shoot): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 860 }, colorScheme });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(String(error)));
  const shoot = async (name: string) => {
    await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (overflow !== 0) faults.push(`${name} at ${width} px is ${String(overflow)} px too wide.`);
  };
  const logIn = async (preview: Preview) => {
    preview.house.endSessions();
    await page.goto(`${preview.url}/login`);
    await page.fill('#password', preview.password);
    await page.click('#log-in');
    await page.waitForSelector('#log-out');
  };
  await page.goto(`${empty.url}/`);
  await shoot('login');
  await logIn(empty);
  await shoot('list-empty');
  await logIn(full);
  await shoot('list');
  for (const [name, path] of Object.entries(pathsOf(scene))) {
    await page.goto(full.url + path);
    await page.waitForSelector('html.js', { state: 'attached' });
    await shoot(name);
  }
  await page.goto(`${full.url}/flows/new?region=asia`);
  await page.check('#input-encryption');
  await page.fill('#input-latencyMs', '5');
  await page.fill('#input-allowlist', '10.0.0.1/8');
  await page.click('#form-submit');
  await page.waitForSelector('.notice.bad');
  await shoot('create-refused');
  await page.goto(`${full.url}/flows/${scene.onAir}/output`);
  await page.click('#stop-flow');
  await page.waitForSelector('dialog[open]');
  await page.screenshot({ path: join(folder, `stop-dialog-${width}-${colorScheme}.png`) });
  await context.close();
  const real = faults.filter((fault) => !fault.includes('status of 4'));
  if (real.length > 0) throw new Error(real.join('\n'));
}

const pathsOf = (scene: Scene): Readonly<Record<string, string>> => ({
  'information-on-air': `/flows/${scene.onAir}`,
  'input-on-air': `/flows/${scene.onAir}/input`,
  'output-on-air': `/flows/${scene.onAir}/output`,
  'log-empty': `/flows/${scene.onAir}/log`,
  'log-nothing-matches': `/flows/${scene.onAir}/log?type=flow&text=nothing`,
  'input-partial': `/flows/${scene.partial}/input`,
  'input-failing': `/flows/${scene.failing}/input`,
  'output-failing': `/flows/${scene.failing}/output`,
  'information-lost': `/flows/${scene.lost}`,
  'output-idle': `/flows/${scene.idle}/output`,
  'output-bare': `/flows/${scene.bare}/output`,
  'information-failover': `/flows/${scene.failover}`,
  'input-failover': `/flows/${scene.failover}/input`,
  'output-failover': `/flows/${scene.failover}/output`,
  'edit-input-failover': `/flows/${scene.failover}/input/edit`,
  'switch-failover': `/flows/${scene.failover}/switch?to=primary`,
  'input-rtp': `/flows/${scene.rtp}/input`,
  'output-rtp': `/flows/${scene.rtp}/output`,
  create: '/flows/new?region=asia',
  rename: `/flows/${scene.idle}/edit`,
  'edit-input-running': `/flows/${scene.onAir}/input/edit`,
  'create-output': `/flows/${scene.idle}/output/new`,
  'delete-flow': `/flows/${scene.idle}/delete`,
  alarms: '/alarms',
  'alarm-rules': '/alarms/rules',
  'create-rule': '/alarms/rules/new',
  'edit-rule': '/alarms/rules/loss-above',
  webhooks: '/alarms/webhooks',
  webhook: '/alarms/webhooks/wall',
  'create-webhook': '/alarms/webhooks/new',
  'not-found': '/flows/nothing-here',
});
