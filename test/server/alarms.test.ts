import { LibsqlError } from '@libsql/client';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Delivery } from '../../db/model.ts';
import { loadFiring, saveWebhook } from '../../db/alarms.ts';
import { openAlarms } from '../../server/alarms.ts';
import type { Scene } from '../../server/alarm-readings.ts';
import { openVault } from '../../server/vault.ts';
import { openWebhooks } from '../../server/webhooks.ts';
import { input, ruleOf, sceneOf } from '../kit/alarm-scene.ts';
import { type TemporaryDatabase, temporaryDatabase, temporaryFolder } from '../kit/temporary.ts';

const lost = { state: 'waiting', condition: 'listening', bitrate: 0 } as const;
const well = sceneOf({ endpoints: [input('primary'), input('backup')] });
const bad = sceneOf({ endpoints: [input('primary', lost), input('backup')] });
const rule = ruleOf('input-lost', { holdMs: 0, clearMs: 0 });

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'setTimeout', 'clearTimeout', 'clearInterval'] }));

/** A desk that looks only when it is told to, on a clock of its own. */
async function deskOver(database: TemporaryDatabase, scene: Scene = well) {
  onTestFinished(() => void vi.useRealTimers());
  let now = 0;
  let seen = scene;
  const sent: Delivery[] = [];
  const complaints: string[] = [];
  let next = 0;
  const desk = await openAlarms({
    database,
    rules: () => [rule],
    scene: () => seen,
    changes: () => () => undefined,
    webhooks: {
      compose: ({ fired, cleared }) =>
        [...fired, ...cleared].map((alarm) => ({
          number: ++next,
          id: `msg_${next}`,
          webhookId: 'hook-1',
          type: alarm.clearedAt === undefined ? ('alarm.fired' as const) : ('alarm.cleared' as const),
          alarmId: alarm.id,
          body: '{}',
          createdAt: now,
          attempts: 0,
        })),
      enqueue: (messages) => void sent.push(...messages),
    },
    now: () => now,
    at: () => 1_700_000_000_000 + now,
    complain: (what) => complaints.push(what),
  });
  onTestFinished(() => desk.close());
  const look = (next_: Scene): void => {
    now += 1000;
    seen = next_;
    desk.look();
  };
  return { desk, sent, complaints, look };
}

/** A webhook that deliveries belong to. */
async function withWebhook(database: TemporaryDatabase): Promise<void> {
  const { db, write } = database;
  const webhook = {
    id: 'hook-1',
    name: 'One',
    url: 'http://127.0.0.1/',
    enabled: true,
    createdAt: 0,
    sealedSecret: '',
  };
  await write(() => saveWebhook(db, webhook));
}

describe('an alarm', () => {
  it('is kept before it is sent, and its clear after it', async () => {
    const database = await temporaryDatabase();
    await withWebhook(database);
    const { desk, sent, look } = await deskOver(database);
    for (const scene of [well, bad, well, well]) look(scene);
    expect(sent).toEqual([]);
    await vi.waitFor(() => expect(sent.map(({ type }) => type)).toEqual(['alarm.fired', 'alarm.cleared']));
    expect(desk.firing()).toEqual([]);
    expect(await desk.history({ limit: 10 })).toMatchObject([{ kind: 'input-lost', clearedBy: 'recovered' }]);
  });

  it('goes on firing over a restart, as the same', async () => {
    const database = await temporaryDatabase();
    await withWebhook(database);
    const first = await deskOver(database);
    for (const scene of [well, bad]) first.look(scene);
    const [before] = first.desk.firing();
    await first.desk.close();
    const second = await deskOver(database, sceneOf({}));
    second.look(sceneOf({}));
    second.look(bad);
    expect(second.desk.firing().map(({ id }) => id)).toEqual([before?.id]);
    expect(second.sent).toEqual([]);
    second.look(well);
    second.look(well);
    await vi.waitFor(() => expect(second.sent).toMatchObject([{ type: 'alarm.cleared', alarmId: before?.id }]));
  });

  it('is sent though the disk takes nothing, and kept once it does', async () => {
    const database = await temporaryDatabase();
    await withWebhook(database);
    let isFull = true;
    const full: TemporaryDatabase = {
      ...database,
      write: (work) => (isFull ? Promise.reject(new LibsqlError('full', 'SQLITE_FULL')) : database.write(work)),
    };
    const { desk, sent, complaints, look } = await deskOver(full);
    for (const scene of [well, bad]) look(scene);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(complaints).toEqual(['alarms are not kept yet']);
    isFull = false;
    for (let seconds = 0; seconds < 6; seconds++) look(bad);
    await vi.waitFor(async () => expect(await loadFiring(database.db)).toHaveLength(1));
    expect(sent).toHaveLength(1);
    expect(desk.firing()).toHaveLength(1);
  });

  it('is acknowledged by the first who does, also when it is over', async () => {
    const database = await temporaryDatabase();
    await withWebhook(database);
    const { desk, look } = await deskOver(database);
    for (const scene of [well, bad]) look(scene);
    const id = desk.firing()[0]?.id ?? '';
    await desk.acknowledge(id, 'console');
    expect(await desk.acknowledge(id, 'a-key')).toMatchObject({ acknowledgedBy: 'console' });
    for (const scene of [well, well]) look(scene);
    await vi.waitFor(async () =>
      expect(await desk.get(id)).toMatchObject({ clearedBy: 'recovered', acknowledgedBy: 'console' }),
    );
    await expect(desk.acknowledge('nothing', 'console')).rejects.toThrow('There is no alarm with this id.');
  });
});

describe('the history of alarms', () => {
  it('is read by pages, each alarm once, newest first', async () => {
    const database = await temporaryDatabase();
    await withWebhook(database);
    const { desk, sent, look } = await deskOver(database);
    for (let round = 0; round < 7; round++) for (const scene of [bad, well, well]) look(scene);
    await vi.waitFor(() => expect(sent.length).toBeGreaterThanOrEqual(14));
    const seen: number[] = [];
    let before: string | undefined;
    do {
      const page = await desk.history({ limit: 3, before });
      seen.push(...page.map(({ firedAt }) => firedAt));
      before = page.length === 3 ? page.at(-1)?.id : undefined;
    } while (before);
    await expect(desk.history({ limit: 3, before: 'nothing' })).rejects.toThrow('This is no cursor of ours.');
    expect(seen).toHaveLength(7);
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
  });
});

describe('the messages that wait when the server stops', () => {
  it('are sent by the next one, in their order', async () => {
    vi.useRealTimers();
    const folder = temporaryFolder();
    const database = await temporaryDatabase(folder);
    const seals = openVault(folder);
    const posted: (string | undefined)[] = [];
    const open = (isUp: boolean) =>
      openWebhooks({
        database,
        seals,
        post: async ({ headers }) => {
          posted.push(headers['webhook-id']);
          return isUp ? { ok: true, answer: '200' } : { ok: false, answer: '503' };
        },
        now: Date.now,
        random: Math.random,
        complain: () => undefined,
      });
    const down = await open(false);
    const { webhook } = await down.create({ name: 'One', url: 'http://127.0.0.1/', kinds: null, enabled: true });
    const ids = [await down.test(webhook.id), await down.test(webhook.id), await down.test(webhook.id)];
    await vi.waitFor(() => expect(posted.length).toBeGreaterThan(1));
    down.close();
    expect(new Set(posted)).toEqual(new Set(ids.slice(0, 1)));
    posted.length = 0;
    const up = await open(true);
    await vi.waitFor(async () =>
      expect((await up.deliveries(webhook.id)).map(({ end }) => end)).toEqual(['delivered', 'delivered', 'delivered']),
    );
    expect(posted).toEqual(ids);
    expect(up.get(webhook.id).waiting).toBe(0);
    await up.remove(webhook.id);
    await expect(up.deliveries(webhook.id)).rejects.toThrow('There is no webhook with this id.');
  });

  it('are no more than the newest hundred once they are over', async () => {
    vi.useRealTimers();
    const folder = temporaryFolder();
    const database = await temporaryDatabase(folder);
    const webhooks = await openWebhooks({
      database,
      seals: openVault(folder),
      post: async () => ({ ok: true, answer: '200' }),
      now: Date.now,
      random: Math.random,
      complain: () => undefined,
    });
    const { webhook } = await webhooks.create({ name: 'One', url: 'http://127.0.0.1/', kinds: null, enabled: true });
    const ids: string[] = [];
    for (let count = 0; count < 103; count++) ids.push(await webhooks.test(webhook.id));
    await vi.waitFor(() => expect(webhooks.figures()).toMatchObject([{ delivered: 103, waiting: 0 }]));
    await webhooks.prune();
    expect((await webhooks.deliveries(webhook.id)).map(({ id }) => id)).toEqual(ids.slice(3).reverse());
    webhooks.close();
  });
});
