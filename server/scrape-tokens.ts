/** Tokens that open the metrics and nothing else; kept as their hash, shown once. */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { deleteToken, insertToken, loadTokens } from '../db/alarms.ts';
import type { OpenedDatabase } from '../db/open.ts';
import { Refusal } from './refusal.ts';
import { kept } from './store.ts';

const MOST_TOKENS = 50;
const TOKEN_BYTES = 32;

export interface ScrapeToken {
  readonly id: string;
  readonly name: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

export interface ScrapeTokens {
  isValid(token: string): boolean;
  list(): readonly ScrapeToken[];
  /** The token itself is in this answer only. */
  create(name: string): Promise<ScrapeToken & { readonly token: string }>;
  /** Throws a Refusal where there is none with this id. */
  remove(tokenId: string): Promise<void>;
}

/** `given` is the token of the settings, if any: it is always valid and not in the list. `now` is epoch ms. */
export async function openScrapeTokens(
  { db, write }: OpenedDatabase,
  given: string | undefined,
  now: () => number,
): Promise<ScrapeTokens> {
  const tokens = new Map((await loadTokens(db)).map((token) => [token.id, token]));
  return {
    isValid: (token) => {
      const hash = hashOf(token);
      const hashes = [...tokens.values()].map(({ tokenHash }) => tokenHash);
      // All are looked at, so that the time tells nothing.
      return [...hashes, ...(given ? [hashOf(given)] : [])].filter((one) => isEqual(one, hash)).length > 0;
    },
    list: () => [...tokens.values()].map(({ id, name, createdAt }) => ({ id, name, createdAt })),
    create: async (name) => {
      if (tokens.size >= MOST_TOKENS) throw new Refusal('too-many-scrape-tokens');
      const token = `slm_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
      const row = { id: randomUUID(), name, tokenHash: hashOf(token), createdAt: now() };
      await kept(write(() => insertToken(db, row)));
      tokens.set(row.id, row);
      return { id: row.id, name, createdAt: row.createdAt, token };
    },
    remove: async (tokenId) => {
      if (!tokens.has(tokenId)) throw new Refusal('scrape-token-not-found');
      await kept(write(() => deleteToken(db, tokenId)));
      tokens.delete(tokenId);
    },
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const isEqual = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));
