import { createStorageWatch } from '../../../server/storage-watch.ts';
import { describe, expect, it } from 'vitest';
import { Fleet } from '../../../server/fleet.ts';
import { createApp } from '../../../server/http/app.ts';
import { problemSchema } from '../../../server/http/shapes.ts';
import { createConsoleHouse } from '../../kit/console-house.ts';
import { emptyHealth } from '../../kit/empty-health.ts';
import { memoryIdempotency } from '../../kit/memory-idempotency.ts';
import { memoryLog } from '../../kit/memory-log.ts';
import { memoryWaiting } from '../../kit/vendor-house.ts';
import { createWaitingFlows } from '../../../server/waiting-flows.ts';
import { basic, KEY, memoryKeys } from '../../kit/rest-house.ts';

const ground = { regions: [], bandwidths: [], now: () => 0, say: () => undefined };

function opened() {
  const house = createConsoleHouse();
  const app = createApp({
    ...house,
    fleet: new Fleet({
      flows: () => [],
      place: () => new Map(),
      launcher: { ensure: () => false, kill: () => false, adopt: () => undefined, found: () => [] },
      now: () => 0,
      log: () => undefined,
      note: () => undefined,
    }),
    health: emptyHealth,
    log: memoryLog(),
    logBook: { take: async () => undefined },
    apiKeys: memoryKeys(),
    idempotency: memoryIdempotency(),
    waiting: createWaitingFlows({ ...ground, flows: house.flows, store: memoryWaiting() }),
    storage: createStorageWatch(Date.now),
    metrics: async () => [],
    trackKinds: { note: () => undefined, of: () => undefined },
    relayOf: () => undefined,
    staticFiles: new Map(),
    publicUrl: undefined,
    version: '1.2.3',
    assets: '1',
    checkReady: async () => undefined,
    complain: () => undefined,
  });
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: basic(KEY.id, KEY.secret), 'content-type': 'application/json' };
    return app.fetch(new Request(`http://console.example${path}`, { headers, ...init }));
  };
  return { app, ask };
}

const codeOf = async (answer: Response) => [
  answer.status,
  answer.headers.get('content-type'),
  problemSchema.parse(await answer.json()).code,
];
const PROBLEM = 'application/problem+json';

describe('the ways in, mounted together', () => {
  it('show the reference of the API to who has not logged in', async () => {
    const answer = await opened().ask('/api', { headers: {} });
    expect([answer.status, (await answer.text()).includes('/api/v1/flows')]).toEqual([200, true]);
  });

  it.each([
    ['GET', '/api/v1/nothing', [404, PROBLEM, 'no-such-route']],
    ['GET', '/api/v2/flows', [404, PROBLEM, 'no-such-route']],
    ['PUT', '/api/v1/flows', [405, PROBLEM, 'no-such-method']],
  ])('answer %s %s as a problem', async (method, path, expected) => {
    expect(await codeOf(await opened().ask(path, { method }))).toEqual(expected);
  });

  it('take a body of 64 kB, and of an import 8 MB', async () => {
    const { ask } = opened();
    const send = (path: string, bytes: number) =>
      ask(path, { method: 'POST', body: JSON.stringify({ file: {}, more: 'x'.repeat(bytes) }) });
    expect(await codeOf(await send('/api/v1/flows', 70_000))).toEqual([413, PROBLEM, 'too-large']);
    expect((await send('/api/v1/import', 70_000)).status).toBe(422);
    expect(await codeOf(await send('/api/v1/import', 8_000_001))).toEqual([413, PROBLEM, 'too-large']);
  });

  it('list the relays that are there', async () => {
    expect(await (await opened().ask('/api/v1/relays')).json()).toEqual({ relays: [] });
  });
});
