/** Answers of creates by the key that the caller gave them, kept sealed for a day: a retry makes nothing twice. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { deleteAnswer, keepAnswer, pruneAnswers, readAnswer } from '../db/answers.ts';
import type { Seals } from '../db/flows.ts';
import type { OpenedDatabase } from '../db/open.ts';
import { Refusal } from './refusal.ts';
import { kept } from './store.ts';

/** How long an answer is kept. */
const KEEP_MS = 86_400_000;
/** The oldest beyond these are forgotten before their day is over. */
const MOST_ANSWERS = 10_000;
/** An answer longer than this is not kept: its key says then that it was used, and not what came of it. */
const LONGEST_BODY = 1_000_000;

const answerSchema = z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() });
export type KeptAnswer = z.infer<typeof answerSchema>;
const recordSchema = z.object({ request: z.string(), answer: answerSchema.optional() });

export interface Call {
  /** The id of the API key: keys of different callers have nothing to do with each other. */
  readonly caller: string;
  readonly key: string;
  /** All that makes two requests the same. */
  readonly request: string;
}

export interface Given {
  readonly answer: KeptAnswer;
  /** True where it was kept from an earlier call. */
  readonly isAgain: boolean;
}

export interface Idempotency {
  /**
   * Acts, or gives the answer that was given before. Calls with one key go one after the other. A refusal (status of 400
   * or more) is not kept. Rejects with a Refusal where the key was used for another request, or where it is not known
   * what came of the first.
   */
  once(call: Call, act: () => Promise<KeptAnswer>): Promise<Given>;
}

/** `now` is epoch ms; `complain` hears of an answer that could not be kept. */
export function createIdempotency(
  { db, write }: OpenedDatabase,
  seals: Seals,
  { now, complain }: { now: () => number; complain: (what: string, detail: Record<string, unknown>) => void },
): Idempotency {
  const underWay = new Map<string, Promise<unknown>>();
  const keep = (id: string, record: z.infer<typeof recordSchema>): Promise<void> =>
    kept(
      write(() => keepAnswer(db, { id, sealed: seals.seal(JSON.stringify(record), placeOf(id)), createdAt: now() })),
    );
  const forget = (id: string): Promise<void> => kept(write(() => deleteAnswer(db, id)));

  const known = async (id: string, request: string): Promise<Given | undefined> => {
    const row = await readAnswer(db, id);
    if (!row || row.createdAt <= now() - KEEP_MS) return undefined;
    const record = recordSchema.parse(JSON.parse(seals.open(row.sealed, placeOf(id))));
    if (record.request !== request) throw new Refusal('idempotency-key-reused');
    if (!record.answer) throw new Refusal('idempotency-answer-unknown');
    return { answer: record.answer, isAgain: true };
  };
  const first = async (id: string, request: string, act: () => Promise<KeptAnswer>): Promise<Given> => {
    await kept(write(() => pruneAnswers(db, now() - KEEP_MS, MOST_ANSWERS)));
    // Before the act: should this process die in it, the retry must not make a second one.
    await keep(id, { request });
    const answer = await act().catch(async (error: unknown) => {
      await forget(id);
      throw error;
    });
    try {
      if (answer.status >= 400) await forget(id);
      else if (answer.body.length <= LONGEST_BODY) await keep(id, { request, answer });
    } catch (error) {
      // What was made is made, and said; only a retry will not hear it again.
      complain('an answer could not be kept', { reason: String(error) });
    }
    return { answer, isAgain: false };
  };
  return {
    once: async ({ caller, key, request }, act) => {
      const id = hash(`${caller}\0${key}`);
      const fingerprint = hash(request);
      while (underWay.has(id)) await underWay.get(id);
      const work = known(id, fingerprint).then((given) => given ?? first(id, fingerprint, act));
      underWay.set(
        id,
        work.catch(() => undefined),
      );
      return work.finally(() => underWay.delete(id));
    },
  };
}

const placeOf = (id: string): string => `answers/${id}`;
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
