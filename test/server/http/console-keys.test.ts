import type { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { createConsole } from '../../../server/http/console.tsx';
import { createConsoleHouse, PASSWORD, TOKEN } from '../../kit/console-house.ts';
import { emptyHealth } from '../../kit/empty-health.ts';
import { memoryLog } from '../../kit/memory-log.ts';

const OWN = { Host: 'console.example', Origin: 'https://console.example', 'Sec-Fetch-Site': 'same-origin' };

let app: Hono;

beforeEach(async () => {
  const house = createConsoleHouse();
  const rest = { health: emptyHealth, log: memoryLog(), secureCookies: false, addressOf: () => 'one', version: '1' };
  app = createConsole({ ...rest, ...house });
  await house.sessions.login(PASSWORD, 'setup');
});

const get = async (path: string) => (await app.request(path, { headers: { Cookie: `sid=${TOKEN}` } })).text();
const post = (path: string, fields: Record<string, string> = {}) =>
  app.request(path, { method: 'POST', body: new URLSearchParams(fields), headers: { Cookie: `sid=${TOKEN}`, ...OWN } });

describe('an API key in the console', () => {
  it('is made with its secret shown once, and listed without it', async () => {
    const made = await (await post('/settings/api-keys/new', { name: 'Scheduler' })).text();
    expect(made).toContain('a-secret-shown-once');
    const list = await get('/settings/api-keys');
    expect(list).toContain('Scheduler');
    expect(list).not.toContain('a-secret-shown-once');
  });

  it('without a name is refused beside the field', async () => {
    const answer = await post('/settings/api-keys/new', { name: ' ' });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('id="name-error"');
  });

  it('is removed after a yes, and is gone', async () => {
    await post('/settings/api-keys/new', { name: 'Scheduler' });
    expect(await get('/settings/api-keys/first-key/remove')).toContain('Remove “Playout”?');
    expect((await post('/settings/api-keys/first-key/remove')).status).toBe(303);
    expect(await get('/settings/api-keys')).not.toContain('Playout');
  });

  it('that is the last stays, and says why beside its locked button', async () => {
    expect(await get('/settings/api-keys')).toContain('The last key cannot be removed. Create another one first.');
    expect((await post('/settings/api-keys/first-key/remove')).status).toBe(409);
  });

  it('that nobody has is not found', async () => {
    expect((await post('/settings/api-keys/no-key/remove')).status).toBe(404);
    expect(
      (await app.request('/settings/api-keys/no-key/remove', { headers: { Cookie: `sid=${TOKEN}` } })).status,
    ).toBe(404);
  });
});

describe('scrape tokens', () => {
  it('have a page of their own', async () => {
    expect(await get('/settings/scrape-tokens')).toContain('may read the metrics, and nothing else');
  });
});
