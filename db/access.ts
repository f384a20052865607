/** API keys, console sessions and single facts, in and out of their tables. Writes must run in the write lane. */
import { eq, lt, or } from 'drizzle-orm';
import type { Database } from './open.ts';
import * as schema from './schema.ts';

export type StoredKey = typeof schema.apiKeys.$inferSelect;

/** Oldest first. */
export const loadApiKeys = (db: Database): Promise<StoredKey[]> =>
  db.select().from(schema.apiKeys).orderBy(schema.apiKeys.createdAt, schema.apiKeys.id);

export async function insertApiKey(db: Database, key: StoredKey): Promise<void> {
  await db.insert(schema.apiKeys).values(key);
}

export async function deleteApiKey(db: Database, id: string): Promise<void> {
  await db.delete(schema.apiKeys).where(eq(schema.apiKeys.id, id));
}

export async function readFact(db: Database, key: string): Promise<string | undefined> {
  const [row] = await db.select().from(schema.facts).where(eq(schema.facts.key, key));
  return row?.value;
}

export async function writeFact(db: Database, key: string, value: string): Promise<void> {
  await db.insert(schema.facts).values({ key, value }).onConflictDoUpdate({ target: schema.facts.key, set: { value } });
}

export interface StoredSession {
  readonly tokenHash: string;
  readonly createdAt: number;
  readonly usedAt: number;
}

export async function readSession(db: Database, tokenHash: string): Promise<StoredSession | undefined> {
  const [row] = await db.select().from(schema.sessions).where(eq(schema.sessions.tokenHash, tokenHash));
  return row;
}

export async function writeSession(db: Database, session: StoredSession): Promise<void> {
  await db.insert(schema.sessions).values(session);
}

/** A session that was ended meanwhile stays ended. */
export async function touchSession(db: Database, tokenHash: string, usedAt: number): Promise<void> {
  await db.update(schema.sessions).set({ usedAt }).where(eq(schema.sessions.tokenHash, tokenHash));
}

export async function deleteSession(db: Database, tokenHash: string): Promise<void> {
  await db.delete(schema.sessions).where(eq(schema.sessions.tokenHash, tokenHash));
}

/** Sessions made before `createdBefore` or not used since `usedBefore` are over. */
export async function pruneSessions(db: Database, createdBefore: number, usedBefore: number): Promise<void> {
  await db
    .delete(schema.sessions)
    .where(or(lt(schema.sessions.createdAt, createdBefore), lt(schema.sessions.usedAt, usedBefore)));
}

/** Rejects while the database cannot be read. */
export async function checkReadable(db: Database): Promise<void> {
  await db.select({ key: schema.facts.key }).from(schema.facts).limit(1);
}
