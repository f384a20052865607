/** Alarms, rules, webhooks, deliveries and tokens for scraping, in and out of their tables. Writes must run in the write lane. */
import { and, asc, desc, eq, isNotNull, isNull, lt, or } from 'drizzle-orm';
import type { Alarm, AlarmRule, Delivery, Webhook } from './alarm-model.ts';
import type { Database } from './open.ts';
import * as schema from './schema.ts';

/** A row's nulls are absent in the product's nouns. */
type Filled<Row> = { [K in keyof Row as null extends Row[K] ? never : K]: Row[K] } & {
  [K in keyof Row as null extends Row[K] ? K : never]?: NonNullable<Row[K]>;
};

export async function loadRules(db: Database): Promise<AlarmRule[]> {
  const rows = await db.select().from(schema.alarmRules).orderBy(asc(schema.alarmRules.createdAt));
  return rows.map((row) => withoutNulls(row));
}

export async function saveRule(db: Database, rule: AlarmRule): Promise<void> {
  const row = { ...rule, flowId: rule.flowId ?? null, threshold: rule.threshold ?? null };
  await db.insert(schema.alarmRules).values(row).onConflictDoUpdate({ target: schema.alarmRules.id, set: row });
}

export async function deleteRule(db: Database, ruleId: string): Promise<void> {
  await db.delete(schema.alarmRules).where(eq(schema.alarmRules.id, ruleId));
}

export async function loadFiring(db: Database): Promise<Alarm[]> {
  const rows = await db.select().from(schema.alarms).where(isNull(schema.alarms.clearedAt));
  return rows.map((row) => withoutNulls(row));
}

/** A page of alarms that are over, the newest first; `before` is the id of the last one seen, undefined where it is none of ours. */
export async function readHistory(
  db: Database,
  { flowId, before, limit }: { readonly flowId?: string; readonly before?: string; readonly limit: number },
): Promise<Alarm[] | undefined> {
  const { alarms } = schema;
  const [last] = before === undefined ? [] : await db.select().from(alarms).where(eq(alarms.id, before));
  if (before !== undefined && !last) return undefined;
  const older =
    last && or(lt(alarms.firedAt, last.firedAt), and(eq(alarms.firedAt, last.firedAt), lt(alarms.id, last.id)));
  const rows = await db
    .select()
    .from(alarms)
    .where(and(isNotNull(alarms.clearedAt), flowId === undefined ? undefined : eq(alarms.flowId, flowId), older))
    .orderBy(desc(alarms.firedAt), desc(alarms.id))
    .limit(limit);
  return rows.map((row) => withoutNulls(row));
}

export async function readAlarm(db: Database, alarmId: string): Promise<Alarm | undefined> {
  const [row] = await db.select().from(schema.alarms).where(eq(schema.alarms.id, alarmId));
  return row && withoutNulls(row);
}

/** What changed of alarms and what is to be sent of it, in one transaction: neither is ever there without the other. */
export async function saveChanges(
  db: Database,
  alarms: readonly Alarm[],
  messages: readonly Delivery[],
): Promise<void> {
  const rows = alarms.map(toAlarmRow);
  const [first, ...rest] = [
    ...rows.map((row) =>
      db.insert(schema.alarms).values(row).onConflictDoUpdate({ target: schema.alarms.id, set: row }),
    ),
    ...messages.map((message) => {
      const row = toDeliveryRow(message);
      return db
        .insert(schema.deliveries)
        .values(row)
        .onConflictDoUpdate({ target: schema.deliveries.number, set: row });
    }),
  ];
  if (first) await db.batch([first, ...rest]);
}

/** Alarms that fired before `before` and are over, and those beyond the newest `most`. */
export async function pruneAlarms(db: Database, before: number, most: number): Promise<void> {
  const { alarms } = schema;
  await db.delete(alarms).where(and(isNotNull(alarms.clearedAt), lt(alarms.firedAt, before)));
  const [last] = await db
    .select({ firedAt: alarms.firedAt })
    .from(alarms)
    .where(isNotNull(alarms.clearedAt))
    .orderBy(desc(alarms.firedAt))
    .limit(1)
    .offset(most);
  if (last) await db.delete(alarms).where(and(isNotNull(alarms.clearedAt), lt(alarms.firedAt, last.firedAt + 1)));
}

/** A webhook with its sealed secret. */
export interface StoredWebhook extends Webhook {
  readonly sealedSecret: string;
}

export async function loadWebhooks(db: Database): Promise<StoredWebhook[]> {
  const rows = await db.select().from(schema.webhooks).orderBy(asc(schema.webhooks.createdAt));
  return rows.map((row) => withoutNulls(row));
}

export async function saveWebhook(db: Database, webhook: StoredWebhook): Promise<void> {
  const row = { ...webhook, kinds: webhook.kinds ? [...webhook.kinds] : null };
  await db.insert(schema.webhooks).values(row).onConflictDoUpdate({ target: schema.webhooks.id, set: row });
}

export async function deleteWebhook(db: Database, webhookId: string): Promise<void> {
  await db.delete(schema.webhooks).where(eq(schema.webhooks.id, webhookId));
}

/** What still waits to be sent, in its order. */
export async function loadWaiting(db: Database): Promise<Delivery[]> {
  const { deliveries } = schema;
  const rows = await db.select().from(deliveries).where(isNull(deliveries.endedAt)).orderBy(asc(deliveries.number));
  return rows.map((row) => withoutNulls(row));
}

/** The greatest number that a delivery was given; 0 where there is none. */
export async function lastDeliveryNumber(db: Database): Promise<number> {
  const { number } = schema.deliveries;
  const [row] = await db.select({ number }).from(schema.deliveries).orderBy(desc(number)).limit(1);
  return row?.number ?? 0;
}

/** The newest deliveries to one webhook, waiting ones included. */
export async function readDeliveries(db: Database, webhookId: string, limit: number): Promise<Delivery[]> {
  const { deliveries } = schema;
  const ours = eq(deliveries.webhookId, webhookId);
  const rows = await db.select().from(deliveries).where(ours).orderBy(desc(deliveries.number)).limit(limit);
  return rows.map((row) => withoutNulls(row));
}

/** Of each webhook the newest `keep` deliveries that are over stay, and all that wait. */
export async function pruneDeliveries(db: Database, webhookIds: readonly string[], keep: number): Promise<void> {
  const { deliveries } = schema;
  for (const webhookId of webhookIds) {
    const over = and(eq(deliveries.webhookId, webhookId), isNotNull(deliveries.endedAt));
    const [last] = await db
      .select({ number: deliveries.number })
      .from(deliveries)
      .where(over)
      .orderBy(desc(deliveries.number))
      .limit(1)
      .offset(keep);
    if (last) await db.delete(deliveries).where(and(over, lt(deliveries.number, last.number + 1)));
  }
}

export interface StoredToken {
  readonly id: string;
  readonly name: string;
  readonly tokenHash: string;
  readonly createdAt: number;
}

export const loadTokens = (db: Database): Promise<StoredToken[]> =>
  db.select().from(schema.scrapeTokens).orderBy(asc(schema.scrapeTokens.createdAt));

export async function insertToken(db: Database, token: StoredToken): Promise<void> {
  await db.insert(schema.scrapeTokens).values(token);
}

export async function deleteToken(db: Database, tokenId: string): Promise<void> {
  await db.delete(schema.scrapeTokens).where(eq(schema.scrapeTokens.id, tokenId));
}

function toAlarmRow(alarm: Alarm): typeof schema.alarms.$inferInsert {
  return {
    id: alarm.id,
    kind: alarm.kind,
    flowId: alarm.flowId ?? null,
    flowName: alarm.flowName ?? null,
    pipeline: alarm.pipeline ?? null,
    endpointId: alarm.endpointId ?? null,
    endpointName: alarm.endpointName ?? null,
    relayId: alarm.relayId ?? null,
    value: alarm.value ?? null,
    threshold: alarm.threshold ?? null,
    since: alarm.since,
    firedAt: alarm.firedAt,
    clearedAt: alarm.clearedAt ?? null,
    clearedBy: alarm.clearedBy ?? null,
    acknowledgedAt: alarm.acknowledgedAt ?? null,
    acknowledgedBy: alarm.acknowledgedBy ?? null,
  };
}

function toDeliveryRow(message: Delivery): typeof schema.deliveries.$inferInsert {
  return {
    ...message,
    alarmId: message.alarmId ?? null,
    lastAt: message.lastAt ?? null,
    lastAnswer: message.lastAnswer ?? null,
    endedAt: message.endedAt ?? null,
    end: message.end ?? null,
  };
}

const isFilled = <Row>(row: unknown): row is Filled<Row> =>
  typeof row === 'object' && row !== null && Object.values(row).every((value) => value !== null);

/** The same row without the columns that hold nothing. */
function withoutNulls<Row extends object>(row: Row): Filled<Row> {
  const filled: unknown = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  if (!isFilled<Row>(filled)) throw new Error('A row holds null.');
  return filled;
}
