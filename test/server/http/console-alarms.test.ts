import { describe, expect, it } from 'vitest';
import type { Alarm } from '../../../db/model.ts';
import { saveFlow } from '../../../db/flows.ts';
import { openAlarmRules } from '../../../server/alarm-rules.ts';
import { openVault } from '../../../server/vault.ts';
import { openWebhooks } from '../../../server/webhooks.ts';
import { signIn } from '../../kit/console-client.ts';
import { createConsoleHouse, flowDraft } from '../../kit/console-house.ts';
import { temporaryDatabase, temporaryFolder } from '../../kit/temporary.ts';

const alarm = (changes: Partial<Alarm> = {}): Alarm => ({
  id: 'alarm-1',
  kind: 'input-lost',
  flowId: 'flow-1',
  flowName: 'News <1>',
  pipeline: 'primary',
  endpointId: 'input',
  endpointName: 'Camera 1',
  since: Date.UTC(2026, 10, 24, 3, 12, 45),
  firedAt: Date.UTC(2026, 10, 24, 3, 12, 46),
  ...changes,
});

/** The console over real rules and webhooks, in a database of its own; nothing is really sent. */
async function openConsole() {
  const folder = temporaryFolder();
  const database = await temporaryDatabase(folder);
  const posted: string[] = [];
  const house = createConsoleHouse();
  const news = await house.flows.create(flowDraft('News'));
  const seals = openVault(folder);
  await saveFlow(database.db, seals, news);
  const alarmRules = await openAlarmRules({ database, hasFlow: (id) => id === news.id, now: Date.now });
  const webhooks = await openWebhooks({
    database,
    seals,
    post: async ({ body }) => {
      posted.push(body);
      return { ok: true, answer: '204' };
    },
    now: Date.now,
    random: Math.random,
    complain: () => undefined,
  });
  const acknowledged: string[] = [];
  const alarms = {
    ...house.alarms,
    history: async () => [alarm({ id: 'over', clearedAt: alarm().since + 125_000, clearedBy: 'recovered' })],
    acknowledge: async (id: string, by: string) => {
      acknowledged.push(`${id} by ${by}`);
      return alarm();
    },
  };
  const client = await signIn({ ...house, alarms, alarmRules, webhooks });
  return { client, house, alarmRules, webhooks, posted, acknowledged, news };
}

describe('the page of alarms', () => {
  it('shows what fires and what is over, with names as they are written', async () => {
    const { client, house } = await openConsole();
    house.firing.push(alarm());
    const { status, text } = await client.get('/alarms');
    expect(status).toBe(200);
    expect(text).toContain('Input lost');
    expect(text).toContain('News &lt;1&gt;');
    expect(text).toContain('Camera 1, primary');
    expect(text).toContain('2 min 5 s');
    expect(text).toContain('hx-ws:connect="/live/alarms"');
    expect(text).toMatch(/id="alarm-count" class="count bad">1/);
  });

  it('says so where nothing is wrong', async () => {
    const { client } = await openConsole();
    expect((await client.get('/alarms')).text).toContain('Nothing that a rule watches is wrong.');
  });

  it('takes an acknowledgement without a script', async () => {
    const { client, acknowledged } = await openConsole();
    const { status, location } = await client.post('/alarms/alarm-1/acknowledge');
    expect([status, location]).toEqual([303, '/alarms']);
    expect(acknowledged).toEqual(['alarm-1 by console']);
  });
});

describe('a flow with an alarm', () => {
  it('is marked in the list and on its page', async () => {
    const { client, house, news } = await openConsole();
    house.firing.push(alarm({ flowId: news.id }));
    for (const path of ['/', `/flows/${news.id}`])
      expect((await client.get(path)).text).toContain('class="flow-alarms"');
  });
});

describe('the rules', () => {
  it('are there from the start', async () => {
    const { client, alarmRules } = await openConsole();
    const { text } = await client.get('/alarms/rules');
    expect(
      alarmRules
        .list()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['failover', 'input-lost', 'output-down', 'over-bandwidth', 'relay-lost', 'storage-failed']);
    for (const name of ['Input lost', 'Output down', 'Relay lost']) expect(text).toContain(name);
  });

  it('are made with percent and Mbps, and kept as ratio and bit/s', async () => {
    const { client, alarmRules, news } = await openConsole();
    const loss = { kind: 'loss-above', flowId: news.id, threshold: '2.5', hold: '20', clear: '', enabled: 'on' };
    expect((await client.post('/alarms/rules/new', loss)).location).toBe('/alarms/rules');
    await client.post('/alarms/rules/new', { ...loss, kind: 'bitrate-below', flowId: '', threshold: '1.2' });
    const made = alarmRules.list().filter(({ threshold }) => threshold !== undefined);
    expect(made).toMatchObject([
      { kind: 'loss-above', flowId: news.id, threshold: 0.025, holdMs: 20_000, clearMs: 10_000, enabled: true },
      { kind: 'bitrate-below', threshold: 1_200_000 },
    ]);
    expect((await client.get(`/alarms/rules/${made[0]?.id ?? ''}`)).text).toContain('value="2.5"');
  });

  it.each([
    ['without a threshold', { kind: 'loss-above', threshold: '' }, 'needs a threshold'],
    ['with one that is none', { kind: 'loss-above', threshold: 'much' }, 'A number.'],
    ['with one out of range', { kind: 'loss-above', threshold: '200' }, 'From 0.0001 to 1'],
    ['a second time', { kind: 'input-lost', threshold: '' }, 'already'],
    ['of a flow, where it is of the server', { kind: 'relay-lost', threshold: '', flowId: 'that' }, 'about the server'],
  ])('are refused %s, beside what was typed', async (_, fields, words) => {
    const { client, news } = await openConsole();
    const typed = { flowId: '', hold: '7', clear: '8', enabled: 'on', ...fields };
    const flowId = typed.flowId === 'that' ? news.id : typed.flowId;
    const { status, text } = await client.post('/alarms/rules/new', { ...typed, flowId });
    expect([409, 422]).toContain(status);
    expect(text).toContain(words);
    expect(text).toContain('value="7"');
  });

  it('are turned off and deleted', async () => {
    const { client, alarmRules } = await openConsole();
    const [rule] = alarmRules.list();
    expect((await client.get(`/alarms/rules/${rule?.id ?? ''}`)).text).not.toContain('name="threshold"');
    await client.post(`/alarms/rules/${rule?.id ?? ''}`, { hold: '1', clear: '5', enabled: 'off' });
    expect(alarmRules.get(rule?.id ?? '')).toMatchObject({ enabled: false, holdMs: 1000 });
    expect((await client.get(`/alarms/rules/${rule?.id ?? ''}/delete`)).text).toContain('Its alarms clear at once.');
    await client.post(`/alarms/rules/${rule?.id ?? ''}/delete`);
    expect((await client.get(`/alarms/rules/${rule?.id ?? ''}`)).status).toBe(404);
  });
});

describe('a webhook', () => {
  const fields = { name: 'Pager', url: 'https://example.net/hook', enabled: 'on', 'kind.input-lost': 'on' };

  it('shows its secret once, and nowhere after', async () => {
    const { client, webhooks } = await openConsole();
    const made = await client.post('/alarms/webhooks/new', fields);
    const [secret = ''] = /whsec_[A-Za-z0-9+/=]{44}/.exec(made.text) ?? [];
    expect(secret).not.toBe('');
    const [{ id, kinds } = { id: '', kinds: undefined }] = webhooks.list();
    expect(kinds).toEqual(['input-lost']);
    for (const path of ['/alarms/webhooks', `/alarms/webhooks/${id}`, `/alarms/webhooks/${id}/deliveries`])
      expect((await client.get(path)).text).not.toContain(secret);
    expect((await client.post(`/alarms/webhooks/${id}/secret`)).text).toMatch(/whsec_/);
  });

  it('is sent a test, which its log shows', async () => {
    const { client, webhooks, posted } = await openConsole();
    await client.post('/alarms/webhooks/new', fields);
    const [{ id } = { id: '' }] = webhooks.list();
    expect((await client.post(`/alarms/webhooks/${id}/test`)).status).toBe(303);
    await expect.poll(() => posted.length).toBe(1);
    await expect.poll(async () => (await client.get(`/alarms/webhooks/${id}`)).text).toContain('Delivered');
    await client.post(`/alarms/webhooks/${id}`, { ...fields, enabled: 'off' });
    const refused = await client.post(`/alarms/webhooks/${id}/test`);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('turned off')]);
  });

  it.each([
    ['http://169.254.169.254/latest', 'metadata addresses'],
    ['http://user:secret@example.net/', 'no user name'],
    ['file:///etc/passwd', 'begins with http'],
    ['nothing', 'begins with http'],
  ])('is refused at %s', async (url, words) => {
    const { client, webhooks } = await openConsole();
    const { status, text } = await client.post('/alarms/webhooks/new', { ...fields, url });
    expect([status, text]).toEqual([422, expect.stringContaining(words)]);
    expect(webhooks.list()).toEqual([]);
  });

  it('is deleted', async () => {
    const { client, webhooks } = await openConsole();
    await client.post('/alarms/webhooks/new', fields);
    const [{ id } = { id: '' }] = webhooks.list();
    expect((await client.post(`/alarms/webhooks/${id}/delete`)).location).toBe('/alarms/webhooks');
    expect((await client.get(`/alarms/webhooks/${id}`)).status).toBe(404);
  });
});
