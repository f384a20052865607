/** Answers kept for retries, in and out of their table. Writes must run in the write lane. */
import { count, desc, eq, inArray, lt } from 'drizzle-orm';
import type { Database } from './open.ts';
import * as schema from './schema.ts';

/** SQLite takes an offset only behind a limit. */
const ALL = 1_000_000;

export type StoredAnswer = typeof schema.answers.$inferSelect;

export async function readAnswer(db: Database, id: string): Promise<StoredAnswer | undefined> {
  const [row] = await db.select().from(schema.answers).where(eq(schema.answers.id, id));
  return row;
}

/** In place of one with the same id. */
export async function keepAnswer(db: Database, answer: StoredAnswer): Promise<void> {
  await db.insert(schema.answers).values(answer).onConflictDoUpdate({ target: schema.answers.id, set: answer });
}

export async function deleteAnswer(db: Database, id: string): Promise<void> {
  await db.delete(schema.answers).where(eq(schema.answers.id, id));
}

/** Those made before `before` go, and the oldest where there are `most` or more. Epoch ms. */
export async function pruneAnswers(db: Database, before: number, most: number): Promise<void> {
  await db.delete(schema.answers).where(lt(schema.answers.createdAt, before));
  const [row] = await db.select({ all: count() }).from(schema.answers);
  if ((row?.all ?? 0) < most) return;
  const beyond = db
    .select({ id: schema.answers.id })
    .from(schema.answers)
    .orderBy(desc(schema.answers.createdAt))
    .limit(ALL)
    .offset(most - 1);
  await db.delete(schema.answers).where(inArray(schema.answers.id, beyond));
}
