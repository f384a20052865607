/** Who may use the console: one admin with a password, sessions kept hashed in the database. */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { deleteSession, pruneSessions, readSession, touchSession, writeSession } from '../db/access.ts';
import { isStorageFault, type OpenedDatabase } from '../db/open.ts';

export type LoginResult =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly retryAfterSeconds?: number };

export interface Sessions {
  /** `address` is the caller's, for the limit on guesses. A wrong password and a locked caller are both refused. */
  login(password: string, address: string): Promise<LoginResult>;
  isOpen(token: string): Promise<boolean>;
  logout(token: string): Promise<void>;
}

const MOST_MS = 12 * 3600_000;
const IDLE_MS = 30 * 60_000;
/** A session's use is written down this often at most. */
const TOUCH_MS = 60_000;

/** `storedHash` comes from hashPassword; `now` is epoch ms. */
export function createSessions(database: OpenedDatabase, storedHash: string, now: () => number): Sessions {
  const { db, write } = database;
  const guesses = createGuessLimit(now);
  return {
    login: async (password, address) => {
      const refused = (): LoginResult | undefined => {
        const retryAfterSeconds = guesses.wait(address);
        return retryAfterSeconds > 0 ? { ok: false, retryAfterSeconds } : undefined;
      };
      // Asked again in turn: guesses that come at once must not all pass before the first is counted.
      const no =
        refused() ??
        (await guesses.oneAtATime(async () => {
          const late = refused();
          if (late) return late;
          if (await isPassword(password, storedHash)) return undefined;
          guesses.wrong(address);
          return { ok: false } as const;
        }));
      if (no) return no;
      guesses.right(address);
      const token = randomBytes(32).toString('base64url');
      const at = now();
      await write(() => pruneSessions(db, at - MOST_MS, at - IDLE_MS));
      await write(() => writeSession(db, { tokenHash: hashToken(token), createdAt: at, usedAt: at }));
      return { ok: true, token };
    },
    isOpen: async (token) => {
      const session = await readSession(db, hashToken(token));
      const at = now();
      if (!session || at - session.createdAt > MOST_MS || at - session.usedAt > IDLE_MS) return false;
      if (at - session.usedAt > TOUCH_MS) await write(() => touchSession(db, session.tokenHash, at)).catch(unlessFull);
      return true;
    },
    logout: (token) => write(() => deleteSession(db, hashToken(token))),
  };
}

/** A full disk must not lock the operator out: the session only ends sooner. */
function unlessFull(error: unknown): void {
  if (!isStorageFault(error)) throw error;
}

const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Guesses an address may make before it waits, and the wait, which doubles with each further one. */
const FREE_GUESSES = 5;
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** Addresses remembered; beyond it the oldest is forgotten. */
const MOST_ADDRESSES = 10_000;
/** Checks that may wait for their turn, some two seconds' worth; further callers are asked to come back. */
const MOST_QUEUED = 20;

interface GuessLimit {
  /** Seconds until this address may try again; 0: now. */
  wait(address: string): number;
  wrong(address: string): void;
  right(address: string): void;
  /** A password check takes 64 MB and a tenth of a second: never two at once. Waits its turn. */
  oneAtATime<T>(work: () => Promise<T>): Promise<T>;
}

function createGuessLimit(now: () => number): GuessLimit {
  const wrongs = new Map<string, { count: number; until: number }>();
  let tail: Promise<unknown> = Promise.resolve();
  let queued = 0;
  return {
    wait: (address) =>
      queued >= MOST_QUEUED ? 1 : Math.ceil(Math.max(0, (wrongs.get(address)?.until ?? 0) - now()) / 1000),
    wrong: (address) => {
      const count = (wrongs.get(address)?.count ?? 0) + 1;
      const wait = count < FREE_GUESSES ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (count - FREE_GUESSES), LONGEST_WAIT_MS);
      wrongs.delete(address);
      wrongs.set(address, { count, until: now() + wait });
      const [oldest] = wrongs.keys();
      if (wrongs.size > MOST_ADDRESSES && oldest !== undefined) wrongs.delete(oldest);
    },
    right: (address) => wrongs.delete(address),
    oneAtATime: (work) => {
      queued++;
      const run = tail.then(work).finally(() => queued--);
      // Whoever asked hears of the failure.
      tail = run.catch(() => undefined);
      return run;
    },
  };
}

const scryptAsync = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
);
const COST = { N: 2 ** 16, r: 8, p: 1 };
const HASH_BYTES = 32;

/** `scrypt$N$r$p$salt$hash`: the parameters stay with the hash, so that they can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, N, r, p, salt = '', hash = ''] = stored.split('$');
  const expected = Buffer.from(hash, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return timingSafeEqual(expected, given);
}

const derive = (password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> =>
  scryptAsync(password, salt, HASH_BYTES, { ...cost, maxmem: 256 * cost.N * cost.r });
