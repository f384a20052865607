import type { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { createConsole } from '../../../server/http/console.tsx';
import {
  type ConsoleHouse,
  createConsoleHouse,
  endpoint,
  flowDraft,
  PASSWORD,
  TOKEN,
} from '../../kit/console-house.ts';
import { emptyHealth } from '../../kit/empty-health.ts';
import { memoryLog } from '../../kit/memory-log.ts';

let house: ConsoleHouse;
let app: Hono;
let flowId: string;

beforeEach(async () => {
  house = createConsoleHouse();
  const rest = { health: emptyHealth, log: memoryLog(), secureCookies: false, addressOf: () => 'one', version: '1' };
  app = createConsole({ ...rest, ...house });
  await house.sessions.login(PASSWORD, 'setup');
  const { input, ...draft } = flowDraft('News');
  flowId = (await house.flows.create({ ...draft, input: { ...input, allowlist: ['198.51.100.0/24'] } })).id;
});

const text = async (path: string): Promise<string> =>
  (await app.request(`/flows/${flowId}${path}`, { headers: { Cookie: `sid=${TOKEN}` } })).text();

describe('what is wrong with a flow', () => {
  it('stands on top of each of its tabs, and leads to the form that mends it', async () => {
    const incident = {
      code: 'address-not-allowed',
      at: Date.now(),
      peer: { address: '203.0.113.7', port: 1 },
    } as const;
    const nobody = { state: 'waiting', condition: 'listening', peer: undefined, packets: 0, incident } as const;
    house.report(flowId, { state: 'running', endpoints: [endpoint(flowId, nobody)] });
    for (const tab of ['', '/input', '/output', '/log', '/health']) {
      const page = await text(tab);
      expect(page).toContain('is calling from an address that is not in the allowlist');
      expect(page).toContain(`href="/flows/${flowId}/input/edit?allow=203.0.113.7%2F32"`);
    }
  });
});

describe('a link that asks to allow an address', () => {
  it('puts it into the form, to be saved by the reader', async () => {
    const form = await text('/input/edit?allow=203.0.113.7%2F32');
    expect(form).toMatch(/<textarea[^>]*>198\.51\.100\.0\/24\n203\.0\.113\.7\/32<\/textarea>/);
    expect(form).toContain('203.0.113.7/32 was added to the allowlist below. Save to let it in.');
  });

  it.each(['198.51.100.0/24', 'a%20range', '203.0.113.7%2F8'])('adds nothing of %s', async (range) => {
    const form = await text(`/input/edit?allow=${range}`);
    expect(form).toMatch(/<textarea[^>]*>198\.51\.100\.0\/24<\/textarea>/);
    expect(form).not.toContain('was added to the allowlist');
  });
});
