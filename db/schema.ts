/** The tables. Secrets are kept sealed (server/vault.ts); times are epoch ms UTC. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { KeyLength, Pipeline, Protocol } from '../relay/contract/settings.ts';

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

const linkColumns = () => ({
  name: text('name').notNull(),
  protocol: text('protocol').$type<Protocol>().notNull(),
  latencyMs: integer('latency_ms').notNull(),
  keyLength: integer('key_length').$type<KeyLength>(),
  sealedPassphrase: text('sealed_passphrase'),
  description: text('description').notNull(),
});

export const inputs = sqliteTable('inputs', {
  id: text('id').primaryKey(),
  flowId: flowId().unique(),
  ...linkColumns(),
  allowlist: text('allowlist', { mode: 'json' }).$type<string[]>().notNull(),
});

export const outputs = sqliteTable(
  'outputs',
  {
    id: text('id').primaryKey(),
    flowId: flowId(),
    position: integer('position').notNull(),
    regionId: text('region_id').notNull(),
    ...linkColumns(),
    primaryHost: text('primary_host').notNull(),
    primaryPort: integer('primary_port').notNull(),
    backupHost: text('backup_host'),
    backupPort: integer('backup_port'),
  },
  (table) => [index('outputs_flow').on(table.flowId)],
);

/** Which UDP port is whose: `regionId` is where the flow is taken in, for its input the flow's own region, for a hop another. */
export const ports = sqliteTable(
  'ports',
  {
    port: integer('port').primaryKey(),
    flowId: flowId(),
    regionId: text('region_id').notNull(),
    pipeline: text('pipeline').$type<Pipeline>().notNull(),
  },
  (table) => [uniqueIndex('ports_use').on(table.flowId, table.regionId, table.pipeline)],
);

/** API keys: the secret must be recoverable, because request signatures are computed with it. */
export const apiKeys = sqliteTable('api_keys', {
  id: text('id').primaryKey(),
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
