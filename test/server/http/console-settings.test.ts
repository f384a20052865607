import type { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { createConsole } from '../../../server/http/console.tsx';
import { Refusal } from '../../../server/refusal.ts';
import type { Installation, RelayRow } from '../../../server/settings-desk.ts';
import { createConsoleHouse, PASSWORD, TOKEN } from '../../kit/console-house.ts';
import { emptyHealth } from '../../kit/empty-health.ts';
import { memoryLog } from '../../kit/memory-log.ts';

const OWN = { Host: 'console.example', Origin: 'https://console.example', 'Sec-Fetch-Site': 'same-origin' };

/** A thousand seconds old. */
const vitals = () => ({
  ...{ startedAt: Date.now() - 1_000_000, cpuSeconds: 32, residentBytes: 81_200_000, heapBytes: 1 },
  ...{ eventLoopDelaySeconds: 0.01, eventLoopBusyRatio: 0.125 },
});

const relay = (changes: Partial<RelayRow> = {}): RelayRow => ({
  ...{ relayId: 'europe-1', regionId: 'europe', isRunning: true, isSilent: false, isWhole: true, isNeeded: true },
  ...{ heardAgoMs: 300, pid: 4711, process: vitals() },
  flows: [{ id: 'f1', name: 'Evening news', pipeline: 'primary' }],
  ...changes,
});

let app: Hono;
let installation: Installation;
let restarted: (readonly string[] | undefined)[];
let refusal: Refusal | undefined;

beforeEach(async () => {
  restarted = [];
  refusal = undefined;
  const house = createConsoleHouse();
  installation = {
    ...house.settings.look(),
    regions: [
      { id: 'europe', name: 'Europe' },
      { id: 'asia', name: 'Asia' },
    ],
    relays: [relay(), relay({ relayId: 'europe-2', isSilent: true, heardAgoMs: 12_000, process: undefined })],
    files: [
      { name: 'health', bytes: 1_234_000_000, failingSince: undefined },
      { name: 'log', bytes: undefined, failingSince: Date.UTC(2026, 10, 24) },
    ],
  };
  const settings = {
    look: () => installation,
    restart: (relayIds?: readonly string[]) => {
      if (refusal) throw refusal;
      restarted.push(relayIds);
    },
  };
  const rest = { health: emptyHealth, log: memoryLog(), secureCookies: false, addressOf: () => 'one', version: '1' };
  app = createConsole({ ...rest, ...house, settings });
  await house.sessions.login(PASSWORD, 'setup');
});

const get = (path: string) => app.request(path, { headers: { Cookie: `sid=${TOKEN}` } });
const post = (path: string) =>
  app.request(path, { method: 'POST', body: new URLSearchParams(), headers: { Cookie: `sid=${TOKEN}`, ...OWN } });

describe('the Settings page', () => {
  it('shows each relay with its state, its load and its flows, and what is kept', async () => {
    const page = await (await get('/settings')).text();
    for (const words of [
      ...['europe-1', 'Reporting', '81.2 MB', '3.2 % of one core', '12.5 %', 'Evening news', 'process 4711'],
      ...['Silent', 'Not heard for 12 s.', 'Regions without a relay now: Asia'],
      ...['7 days', '1.23 GB', 'Written', 'Not written', 'StreamLink 1'],
    ])
      expect(page).toContain(words);
  });

  it('is for who is logged in', async () => {
    expect((await app.request('/settings')).status).toBe(303);
    expect((await app.request('/settings/relays/restart')).status).toBe(303);
  });

  it('shows how far a restart is, and asks for itself anew until it is over', async () => {
    const done = [{ relayId: 'europe-2', outcome: 'restarted', gapMs: 1840 }] as const;
    installation = { ...installation, progress: { current: 'europe-1', waiting: [], done } };
    const page = await (await get('/settings')).text();
    expect(page).toContain('Restarting europe-1.');
    expect(page).toContain('europe-2 was restarted; all that it carried moved again after 1.8 s.');
    expect(page).toContain('hx-trigger="load delay:1s"');
    expect(page).not.toContain('/relays/europe-1/restart');
  });
});

describe('a restart', () => {
  it('says first which pipelines it interrupts', async () => {
    const page = await (await get('/settings/relays/europe-1/restart')).text();
    expect(page).toContain('Restart relay europe-1?');
    expect(page).toContain('Evening news: Primary');
    expect(restarted).toEqual([]);
  });

  it('of one or of all is done after a yes', async () => {
    expect((await post('/settings/relays/europe-1/restart')).headers.get('Location')).toBe('/settings');
    await post('/settings/relays/restart');
    expect(restarted).toEqual([['europe-1'], undefined]);
  });

  it('that is refused says why', async () => {
    refusal = new Refusal('relay-not-whole');
    const answer = await post('/settings/relays/europe-1/restart');
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain('a restart could interrupt both pipelines of one');
  });

  it('of what does not run is not found', async () => {
    expect((await get('/settings/relays/asia-1/restart')).status).toBe(404);
  });
});
