import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OpenAPIHono } from '@hono/zod-openapi';
import { mountAlarms } from '../../../server/http/rest-alarms.ts';
import { refusalProblem } from '../../../server/http/problem.ts';
import { faultsOf } from '../../../server/drafts.ts';
import { Refusal } from '../../../server/refusal.ts';
import { keptWatch } from '../../kit/kept-watch.ts';
import { flow } from '../../kit/samples.ts';

/** The routes over real rules, webhooks and tokens, without the check of keys that stands before them. */
async function openApi() {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw new Refusal('invalid-fields', faultsOf(result.error));
    },
  });
  app.onError((error, c) => {
    if (error instanceof Refusal) return refusalProblem(c, error);
    throw error;
  });
  mountAlarms(app, await keptWatch());
  return async (method: string, path: string, body?: unknown) => {
    const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await app.request(path, { method, ...(body !== undefined && json) });
    const text = await answer.text();
    return { status: answer.status, text, body: text ? (JSON.parse(text) as unknown) : undefined };
  };
}

const made = z.object({ id: z.string() });

describe('an alarm rule by the API', () => {
  it('is made for one flow, edited and deleted', async () => {
    const call = await openApi();
    const draft = { kind: 'bitrate-below', flowId: flow().id, threshold: 2_000_000, holdMs: 3000 };
    const created = await call('POST', '/alarm-rules', draft);
    expect([created.status, created.body]).toEqual([
      201,
      expect.objectContaining({ ...draft, enabled: true, clearMs: 10_000 }),
    ]);
    const { id } = made.parse(created.body);
    expect((await call('PATCH', `/alarm-rules/${id}`, { enabled: false })).body).toMatchObject({
      enabled: false,
      holdMs: 3000,
    });
    expect((await call('DELETE', `/alarm-rules/${id}`)).status).toBe(204);
    expect((await call('PATCH', `/alarm-rules/${id}`, {})).status).toBe(404);
  });

  it.each([
    ['of a flow that is not there', { kind: 'loss-above', flowId: 'nothing', threshold: 0.1 }, 404, 'flow-not-found'],
    ['of the server and of a flow', { kind: 'relay-lost', flowId: flow().id }, 422, 'alarm-rule-of-server'],
    ['of a kind that is none', { kind: 'meteor' }, 422, 'invalid-fields'],
    ['that is there already', { kind: 'input-lost' }, 409, 'alarm-rule-exists'],
    ['without its threshold', { kind: 'loss-above' }, 422, 'alarm-threshold-needed'],
    ['with a threshold that it has not', { kind: 'no-video', threshold: 1 }, 422, 'alarm-threshold-not-used'],
    ['that waits for days', { kind: 'no-video', holdMs: 86_400_000 }, 422, 'invalid-fields'],
    ['with a field of nobody', { kind: 'no-video', colour: 'red' }, 422, 'invalid-fields'],
  ])('%s is refused', async (_, draft, status, code) => {
    const call = await openApi();
    const refused = await call('POST', '/alarm-rules', draft);
    expect([refused.status, refused.body]).toEqual([status, expect.objectContaining({ code })]);
  });
});

describe('a secret', () => {
  it('of a webhook is in the answer that makes it, and in no other', async () => {
    const call = await openApi();
    const created = await call('POST', '/webhooks', { name: 'Pager', url: 'http://127.0.0.1:9/' });
    const { id, secret } = made.extend({ secret: z.string() }).parse(created.body);
    const renewed = await call('POST', `/webhooks/${id}/secret`);
    expect(renewed.text).toMatch(/whsec_/);
    expect(renewed.text).not.toContain(secret);
    await call('POST', `/webhooks/${id}/test`);
    for (const path of ['/webhooks', `/webhooks/${id}`, `/webhooks/${id}/deliveries`])
      expect((await call('GET', path)).text).not.toContain('whsec_');
    expect((await call('PATCH', `/webhooks/${id}`, { kinds: ['failover'] })).body).toMatchObject({
      kinds: ['failover'],
    });
    expect((await call('PATCH', `/webhooks/${id}`, { kinds: null })).body).toMatchObject({ kinds: null });
  });

  it('for scraping is in the answer that makes it, and in no other', async () => {
    const call = await openApi();
    const created = await call('POST', '/scrape-tokens', { name: 'Prometheus' });
    const { id, token } = made.extend({ token: z.string() }).parse(created.body);
    expect((await call('GET', '/scrape-tokens')).text).not.toContain(token);
    expect((await call('DELETE', `/scrape-tokens/${id}`)).status).toBe(204);
    expect((await call('DELETE', `/scrape-tokens/${id}`)).status).toBe(404);
  });
});
