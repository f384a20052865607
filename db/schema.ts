/** The tables. Secrets are kept sealed (server/vault.ts); times are epoch ms UTC. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Pipeline, Protocol } from '../relay/contract/settings.ts';
import type { FailoverSetting, HopUse } from './model.ts';

export const flows = sqliteTable('flows', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  regionId: text('region_id').notNull(),
  maxBitrate: integer('max_bitrate').notNull(),
  running: integer('running', { mode: 'boolean' }).notNull(),
  revision: integer('revision').notNull(),
  createdAt: integer('created_at').notNull(),
});

const flowId = () =>
  text('flow_id')
    .notNull()
    .references(() => flows.id, { onDelete: 'cascade' });

/** What a protocol needs beyond this is JSON, checked when it is read: a new protocol needs no new column. */
const linkColumns = () => ({
  name: text('name').notNull(),
  protocol: text('protocol').$type<Protocol>().notNull(),
  description: text('description').notNull(),
  settings: text('settings').notNull(),
  /** JSON, sealed: passphrase or stream keys. Null where there is no secret. */
  sealedSecrets: text('sealed_secrets'),
});

export const inputs = sqliteTable('inputs', {
  id: text('id').primaryKey(),
  flowId: flowId().unique(),
  ...linkColumns(),
  allowlist: text('allowlist', { mode: 'json' }).$type<string[]>().notNull(),
  failover: text('failover', { mode: 'json' }).$type<FailoverSetting | null>(),
});

export const outputs = sqliteTable(
  'outputs',
  {
    id: text('id').primaryKey(),
    flowId: flowId(),
    position: integer('position').notNull(),
    regionId: text('region_id').notNull(),
    ...linkColumns(),
  },
  (table) => [index('outputs_flow').on(table.flowId)],
);

/** Which UDP port is whose: `regionId` is where it listens, `use` what for. */
export const ports = sqliteTable(
  'ports',
  {
    port: integer('port').primaryKey(),
    flowId: flowId(),
    use: text('use').$type<'input' | HopUse>().notNull(),
    regionId: text('region_id').notNull(),
    pipeline: text('pipeline').$type<Pipeline>().notNull(),
  },
  (table) => [uniqueIndex('ports_use').on(table.flowId, table.use, table.regionId, table.pipeline)],
);

/** API keys: the secret must be recoverable, because request signatures are computed with it. */
export const apiKeys = sqliteTable('api_keys', {
  id: text('id').primaryKey(),
  /** Who uses it, in the operator's words. */
  name: text('name').notNull().default(''),
  sealedSecret: text('sealed_secret').notNull(),
  createdAt: integer('created_at').notNull(),
});

/** Console sessions by the SHA-256 of their token: a copy of the database opens no session. */
export const sessions = sqliteTable('sessions', {
  tokenHash: text('token_hash').primaryKey(),
  createdAt: integer('created_at').notNull(),
  usedAt: integer('used_at').notNull(),
});

/** Single values: the admin's password hash, where the search for a free port goes on. */
export const facts = sqliteTable('facts', { key: text('key').primaryKey(), value: text('value').notNull() });

/** Answers to creates that came with an Idempotency-Key, by the SHA-256 of caller and key; sealed, as they may show stream keys. */
export const answers = sqliteTable(
  'answers',
  { id: text('id').primaryKey(), sealed: text('sealed').notNull(), createdAt: integer('created_at').notNull() },
  (table) => [index('answers_age').on(table.createdAt)],
);
