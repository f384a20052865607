/** API keys: an id and a secret, checked in constant time; made, named, listed and removed by operators. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { deleteApiKey, insertApiKey, loadApiKeys } from '../db/access.ts';
import type { Seals } from '../db/flows.ts';
import type { OpenedDatabase } from '../db/open.ts';
import { Refusal } from './refusal.ts';
import { kept } from './store.ts';

/** `name` says who uses it. */
export interface ApiKey {
  readonly id: string;
  readonly secret: string;
  readonly name?: string;
}

/** A key as it is shown: never with its secret. `createdAt` is epoch ms. */
export interface KnownKey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

export interface ApiKeys {
  readonly count: number;
  isValid(id: string, secret: string): boolean;
  /** For signatures alone, which are computed with it; undefined where there is no such key. */
  secretOf(id: string): string | undefined;
  add(key: ApiKey, createdAt: number): Promise<void>;
  /** Oldest first. */
  list(): readonly KnownKey[];
  /** The one time that its secret is shown. Rejects with a Refusal where there are too many. */
  create(name: string, createdAt: number): Promise<Required<ApiKey>>;
  /** From then on it is valid nowhere. Rejects with a Refusal where there is none, or it is the last. */
  remove(id: string): Promise<void>;
  /** `hear` gets the id of each key that is removed. Returns the way to stop. */
  onRemoved(hear: (id: string) => void): () => void;
}

const MOST_KEYS = 100;

/** All keys are held in memory; an unknown id takes the time of a known one. */
export async function openApiKeys({ db, write }: OpenedDatabase, seals: Seals): Promise<ApiKeys> {
  const stored = await loadApiKeys(db);
  const keys = new Map(
    stored.map(({ sealedSecret, ...known }) => [
      known.id,
      { known, secret: seals.open(sealedSecret, placeOf(known.id)) },
    ]),
  );
  const nobodys = randomBytes(32).toString('hex');
  const hearers = new Set<(id: string) => void>();
  const add: ApiKeys['add'] = async ({ id, secret, name = '' }, createdAt) => {
    const sealedSecret = seals.seal(secret, placeOf(id));
    await kept(write(() => insertApiKey(db, { id, name, sealedSecret, createdAt })));
    keys.set(id, { known: { id, name, createdAt }, secret });
  };
  return {
    get count() {
      return keys.size;
    },
    isValid: (id, secret) => {
      const key = keys.get(id);
      return timingSafeEqual(digest(secret), digest(key?.secret ?? nobodys)) && key !== undefined;
    },
    secretOf: (id) => keys.get(id)?.secret,
    add,
    list: () => [...keys.values()].map(({ known }) => known),
    create: async (name, createdAt) => {
      if (keys.size >= MOST_KEYS) throw new Refusal('too-many-api-keys');
      const key = { ...newKey(), name };
      await add(key, createdAt);
      return key;
    },
    remove: async (id) => {
      // Looked at in the lane: two removals at once must not take the last two keys.
      await kept(
        write(async () => {
          if (!keys.has(id)) throw new Refusal('api-key-not-found');
          if (keys.size === 1) throw new Refusal('last-api-key');
          await deleteApiKey(db, id);
          keys.delete(id);
        }),
      );
      for (const hear of [...hearers]) hear(id);
    },
    onRemoved: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
  };
}

/** An id and a secret that nobody can guess. */
export const newKey = (): { id: string; secret: string } => ({
  id: `SL${randomBytes(12).toString('hex')}`,
  secret: randomBytes(24).toString('base64url'),
});

const placeOf = (id: string): string => `api-keys/${id}`;
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
