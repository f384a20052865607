/** API keys: an id and a secret, checked in constant time. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { insertApiKey, loadApiKeys } from '../db/access.ts';
import type { Seals } from '../db/flows.ts';
import type { OpenedDatabase } from '../db/open.ts';

export interface ApiKey {
  readonly id: string;
  readonly secret: string;
}

export interface ApiKeys {
  readonly count: number;
  isValid(id: string, secret: string): boolean;
  /** For signatures alone, which are computed with it; undefined where there is no such key. */
  secretOf(id: string): string | undefined;
  add(key: ApiKey, createdAt: number): Promise<void>;
}

/** All keys are held in memory; an unknown id takes the time of a known one. */
export async function openApiKeys({ db, write }: OpenedDatabase, seals: Seals): Promise<ApiKeys> {
  const stored = await loadApiKeys(db);
  const secrets = new Map(stored.map(({ id, sealedSecret }) => [id, seals.open(sealedSecret, placeOf(id))]));
  const nobodys = randomBytes(32).toString('hex');
  return {
    get count() {
      return secrets.size;
    },
    isValid: (id, secret) => {
      const known = secrets.get(id);
      return timingSafeEqual(digest(secret), digest(known ?? nobodys)) && known !== undefined;
    },
    secretOf: (id) => secrets.get(id),
    add: async ({ id, secret }, createdAt) => {
      const sealedSecret = seals.seal(secret, placeOf(id));
      await write(() => insertApiKey(db, { id, sealedSecret }, createdAt));
      secrets.set(id, secret);
    },
  };
}

const placeOf = (id: string): string => `api-keys/${id}`;
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
