/** The details page in Chromium: nothing that axe finds fault with, nothing too wide, light and dark, at a desk and on a phone. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endpoint, flowDraft, outputDraft } from '../kit/console-house.ts';
import type { Installation } from '../../server/settings-desk.ts';
import { buildClient } from './build-client.ts';
import { type Preview, setScene, startPreview } from './preview.ts';

const root = join(import.meta.dirname, '../..');
const files = mkdtempSync(join(tmpdir(), 'console-'));
const axe = readFileSync(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const PATIENCE_MS = 60_000;

let browser: Browser;
let preview: Preview;
let flowId: string;

beforeAll(async () => {
  await buildClient(root, files);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  preview = await startPreview(files);
  await setScene(preview.house);
  flowId = await setMatch();
  showRelays();
}, PATIENCE_MS);

afterAll(async () => {
  await browser.close();
  await preview.close();
});

/** Failover, two regions, and on each something that is not well. */
async function setMatch(): Promise<string> {
  const { house } = preview;
  const { flows } = house;
  const { input, ...draft } = flowDraft('Cup final');
  const failover = { preferred: 'primary' as const, autoReturn: true };
  const flow = await flows.create({ ...draft, input: { ...input, allowlist: ['198.51.100.0/24'], failover } });
  const near = await flows.addOutput(flow.id, {
    ...{ ...outputDraft('Studio Denver', 7101), regionId: 'west-us' },
    destinations: { primary: { host: '203.0.113.7', port: 7101 }, backup: { host: '203.0.113.7', port: 7102 } },
  });
  const far = await flows.addOutput(flow.id, outputDraft('Studio Frankfurt', 7103));
  await flows.start(flow.id);
  const at = Date.now();
  const sink = { role: 'sink', bitrate: 8_010_000 } as const;
  const incident = {
    code: 'address-not-allowed',
    at: at - 4000,
    peer: { address: '203.0.113.99', port: 4711 },
  } as const;
  const nobody = { state: 'waiting', condition: 'listening', peer: undefined, packets: 0, bitrate: 0 } as const;
  house.report(flow.id, {
    endpoints: [
      endpoint(flow.id, { live: true, since: at - 90_000, peer: { address: '198.51.100.7', port: 5000 } }),
      endpoint(flow.id, { pipeline: 'backup', live: false, ...nobody, incident }),
      endpoint(flow.id, { ...sink, id: near.id }),
      endpoint(flow.id, { ...sink, id: near.id, pipeline: 'backup' }),
      endpoint(flow.id, { ...sink, id: 'cross' }),
      endpoint(flow.id, { ...sink, id: 'cross', pipeline: 'backup', state: 'waiting', condition: 'no-input' }),
      endpoint(flow.id, { ...sink, id: 'hop:europe' }),
      endpoint(flow.id, {
        ...{ ...sink, id: far.id, state: 'waiting', condition: 'backing-off', retryAt: at + 4000, peer: undefined },
        incident: { code: 'no-answer', at: at - 9000 },
      }),
    ],
  });
  return flow.id;
}

/** Relays in every state, one of which is being restarted. */
function showRelays(): void {
  const vitals = {
    ...{ startedAt: Date.now() - 1_000_000, cpuSeconds: 32, residentBytes: 81_200_000, heapBytes: 1 },
    ...{ eventLoopDelaySeconds: 0.01, eventLoopBusyRatio: 0.125 },
  };
  const relay = {
    ...{ regionId: 'europe', isRunning: true, isSilent: false, isWhole: true, isNeeded: true, heardAgoMs: 300 },
    ...{ pid: 4711, process: vitals },
  };
  const flows = [{ id: flowId, name: 'Cup final', pipeline: 'primary' as const }];
  const installation: Installation = {
    ...preview.house.settings.look(),
    relays: [
      { ...relay, relayId: 'europe-1', flows },
      { ...relay, relayId: 'europe-2', flows, isSilent: true, process: undefined },
      {
        ...relay,
        relayId: 'west-us-1',
        regionId: 'west-us',
        flows: [],
        isRunning: false,
        isNeeded: false,
        isSilent: true,
      },
    ],
    progress: {
      current: undefined,
      waiting: [],
      done: [{ relayId: 'europe-2', outcome: 'restarted', gapMs: 1840 }],
    },
    files: [
      { name: 'health', bytes: 1_234_000_000, failingSince: undefined },
      { name: 'log', bytes: 4_100_000, failingSince: Date.now() },
    ],
  };
  preview.house.settings.look = () => installation;
}

async function open(colorScheme: 'light' | 'dark', width: number): Promise<Page> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(`${preview.url}/login`);
  await page.fill('#password', preview.password);
  await page.press('#password', 'Enter');
  await page.waitForSelector('#log-out');
  return page;
}

const found = z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }));

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const result = await page.evaluate('axe.run().then(({ violations }) => violations)');
  return found.parse(result).map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const folder = process.env['SCREENS'];

describe('the details of a flow', () => {
  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 360],
  ] as const)(
    'have no fault that axe finds, and fit, %s at %i px',
    async (scheme, width) => {
      const page = await open(scheme, width);
      for (const tab of ['', '/input', '/output']) {
        await page.goto(`${preview.url}/flows/${flowId}${tab}`);
        await page.waitForSelector('#doctor');
        if (folder)
          await page.screenshot({
            path: join(folder, `details${tab.replace('/', '-')}-${width}-${scheme}.png`),
            fullPage: true,
          });
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
      for (const path of ['/settings', '/settings/relays/restart']) {
        await page.goto(`${preview.url}${path}`);
        if (folder)
          await page.screenshot({
            path: join(folder, `${path.replaceAll('/', '-')}-${width}-${scheme}.png`),
            fullPage: true,
          });
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
      await page.context().close();
    },
    PATIENCE_MS,
  );

  it(
    'show the flow as a picture, each end of which leads to its details',
    async () => {
      const page = await open('light', 1280);
      await page.goto(`${preview.url}/flows/${flowId}`);
      const lane = page.getByRole('region', { name: 'Primary pipeline' });
      expect(await lane.getByRole('link', { name: 'Camera 1' }).getAttribute('href')).toMatch(
        /input#live-input-primary$/,
      );
      expect(await lane.innerText()).toContain('8.02 Mbps');
      expect(await page.getByRole('list', { name: 'Failover' }).innerText()).toContain('8.01 Mbps');
      await lane.getByRole('link', { name: 'Studio Frankfurt' }).click();
      await page.waitForURL(/\/output#live-/);
      await page.context().close();
    },
    PATIENCE_MS,
  );
});
