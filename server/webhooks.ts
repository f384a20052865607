/** Who is told of alarms: webhooks, their secrets, and what is on its way to them. */
import { randomUUID } from 'node:crypto';
import type { Alarm, Delivery, DeliveryType, Webhook } from '../db/alarm-model.ts';
import {
  deleteWebhook,
  lastDeliveryNumber,
  loadWaiting,
  loadWebhooks,
  pruneDeliveries,
  readDeliveries,
  saveChanges,
  saveWebhook,
} from '../db/alarms.ts';
import type { Seals } from '../db/flows.ts';
import type { OpenedDatabase } from '../db/open.ts';
import type { AlarmChanges } from './alarm-machine.ts';
import type { WebhookDraft, WebhookEdit } from './alarm-drafts.ts';
import type { WebhookFigures } from './metrics.ts';
import { Refusal, refuseField } from './refusal.ts';
import { kept } from './store.ts';
import { alarmBody, makeSecret, signedHeaders, testBody } from './webhook-message.ts';
import { WebhookQueue } from './webhook-queue.ts';
import { isRefusedAddress, type Post, type Sent } from './webhook-sender.ts';

const MOST_WEBHOOKS = 20;
/** Of each webhook so many deliveries are shown and kept; those that wait are kept besides. */
export const LOG_LENGTH = 100;

/** How a webhook is doing. */
export interface WebhookView extends Webhook {
  readonly waiting: number;
}

export interface Webhooks {
  list(): readonly WebhookView[];
  /** Throws a Refusal where there is none with this id. */
  get(webhookId: string): WebhookView;
  /** The secret is in this answer only. */
  create(draft: WebhookDraft): Promise<{ readonly webhook: WebhookView; readonly secret: string }>;
  edit(webhookId: string, edit: WebhookEdit): Promise<WebhookView>;
  /** Another secret, from now on; it is in this answer only. */
  renewSecret(webhookId: string): Promise<string>;
  remove(webhookId: string): Promise<void>;
  /** Sends a test after what waits already, all of it now. Returns its id. */
  test(webhookId: string): Promise<string>;
  /** Newest first. */
  deliveries(webhookId: string): Promise<readonly Delivery[]>;
  /** The messages that these changes are worth; nothing is sent by this. */
  compose(changes: AlarmChanges): readonly Delivery[];
  /** Sends them, in this order. Resolves at once. */
  enqueue(messages: readonly Delivery[]): void;
  figures(): readonly WebhookFigures[];
  prune(): Promise<void>;
  close(): void;
}

export interface WebhooksDeps {
  readonly database: OpenedDatabase;
  readonly seals: Seals;
  readonly post: (post: Post) => Promise<Sent>;
  /** Epoch ms. */
  readonly now: () => number;
  readonly random: () => number;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
}

interface Open {
  webhook: Webhook;
  secret: string;
  readonly queue: WebhookQueue;
  readonly leave: AbortController;
}

/** What waited when the server stopped is sent again: at least once, never out of order. */
export async function openWebhooks(deps: WebhooksDeps): Promise<Webhooks> {
  const { database, seals, now } = deps;
  const { db, write } = database;
  const open = new Map<string, Open>();
  let number = await lastDeliveryNumber(db);

  const save = async (message: Delivery): Promise<void> => {
    try {
      await write(() => saveChanges(db, [], [message]));
    } catch (error) {
      // A webhook that was deleted takes its deliveries with it; a full disk is told elsewhere. Delivery goes on.
      if (open.has(message.webhookId)) deps.complain('delivery not kept', { id: message.id, reason: String(error) });
    }
  };

  const start = (webhook: Webhook, secret: string): Open => {
    const leave = new AbortController();
    const opened: Open = {
      webhook,
      secret,
      leave,
      queue: new WebhookQueue({
        send: (message) =>
          deps.post({
            url: opened.webhook.url,
            headers: signedHeaders(opened.secret, message, now()),
            body: message.body,
            signal: leave.signal,
          }),
        save,
        now,
        random: deps.random,
      }),
    };
    open.set(webhook.id, opened);
    return opened;
  };

  for (const { sealedSecret, ...webhook } of await loadWebhooks(db))
    start(webhook, seals.open(sealedSecret, placeOf(webhook.id)));

  const find = (webhookId: string): Open => {
    const found = open.get(webhookId);
    if (!found) throw new Refusal('webhook-not-found');
    return found;
  };
  const view = ({ webhook, queue }: Open): WebhookView => ({ ...webhook, waiting: queue.waiting });
  const keep = async (webhook: Webhook, secret: string): Promise<void> => {
    const sealedSecret = seals.seal(secret, placeOf(webhook.id));
    await kept(write(() => saveWebhook(db, { ...webhook, sealedSecret })));
  };
  const message = (webhookId: string, type: DeliveryType, body: string, alarmId?: string): Delivery => ({
    number: ++number,
    id: `msg_${randomUUID()}`,
    webhookId,
    type,
    ...(alarmId !== undefined && { alarmId }),
    body,
    createdAt: now(),
    attempts: 0,
  });
  const enqueue = (messages: readonly Delivery[]): void => {
    for (const it of messages) open.get(it.webhookId)?.queue.add(it);
  };
  const isTold = ({ webhook }: Open, { kind }: Alarm): boolean =>
    webhook.enabled && (webhook.kinds?.includes(kind) ?? true);

  enqueue(await loadWaiting(db));

  return {
    list: () => [...open.values()].map(view),
    get: (webhookId) => view(find(webhookId)),
    create: async (draft) => {
      if (open.size >= MOST_WEBHOOKS) throw new Refusal('too-many-webhooks');
      checkUrl(draft.url);
      const webhook = toWebhook({ id: randomUUID(), createdAt: now(), ...draft });
      const secret = makeSecret();
      await keep(webhook, secret);
      return { webhook: view(start(webhook, secret)), secret };
    },
    edit: async (webhookId, edit) => {
      const found = find(webhookId);
      if (edit.url !== undefined) checkUrl(edit.url);
      const webhook = toWebhook({ ...found.webhook, ...edit });
      await keep(webhook, found.secret);
      found.webhook = webhook;
      if (webhook.enabled) found.queue.retryNow();
      else found.queue.cancel();
      return view(found);
    },
    renewSecret: async (webhookId) => {
      const found = find(webhookId);
      const secret = makeSecret();
      await keep(found.webhook, secret);
      found.secret = secret;
      return secret;
    },
    remove: async (webhookId) => {
      const found = find(webhookId);
      await kept(write(() => deleteWebhook(db, webhookId)));
      open.delete(webhookId);
      found.queue.close();
      found.leave.abort();
    },
    test: async (webhookId) => {
      const found = find(webhookId);
      if (!found.webhook.enabled) throw new Refusal('webhook-off');
      const test = message(webhookId, 'webhook.test', testBody(found.webhook, now()));
      await kept(write(() => saveChanges(db, [], [test])));
      enqueue([test]);
      found.queue.retryNow();
      return test.id;
    },
    deliveries: async (webhookId) => {
      find(webhookId);
      return readDeliveries(db, webhookId, LOG_LENGTH);
    },
    compose: ({ fired, cleared }) => {
      const of = (type: 'alarm.fired' | 'alarm.cleared', alarms: readonly Alarm[]): Delivery[] =>
        alarms.flatMap((alarm) =>
          [...open.values()]
            .filter((it) => isTold(it, alarm))
            .map((it) => message(it.webhook.id, type, alarmBody(type, alarm, now()), alarm.id)),
        );
      return [...of('alarm.cleared', cleared), ...of('alarm.fired', fired)];
    },
    enqueue,
    figures: () =>
      [...open.values()].map(({ webhook, queue }) => ({
        webhookId: webhook.id,
        name: webhook.name,
        waiting: queue.waiting,
        delivered: queue.delivered,
        failedAttempts: queue.failedAttempts,
      })),
    prune: () => write(() => pruneDeliveries(db, [...open.keys()], LOG_LENGTH)),
    close: () => {
      for (const { queue, leave } of open.values()) {
        queue.close();
        leave.abort();
      }
    },
  };
}

const placeOf = (webhookId: string): string => `webhooks/${webhookId}`;

/** Null for `kinds` means all. */
function toWebhook({ kinds, ...rest }: Omit<Webhook, 'kinds'> & { kinds?: Webhook['kinds'] | null }): Webhook {
  return { ...rest, ...(kinds && { kinds }) };
}

/** What the schema cannot know: where an address, written as digits, may not be called. Names are looked at when they are called. */
function checkUrl(url: string): void {
  if (isRefusedAddress(new URL(url).hostname)) throw refuseField('webhook-address-refused', 'url');
}
