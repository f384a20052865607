/** What the first start makes: the admin's password and one API key, told once. */
import { randomBytes } from 'node:crypto';
import { readFact, writeFact } from '../db/access.ts';
import type { OpenedDatabase } from '../db/open.ts';
import { type ApiKeys, newKey } from './api-keys.ts';
import type { Config } from './config.ts';
import { hashPassword } from './sessions.ts';

const PASSWORD_FACT = 'admin-password';

/** What was made just now and must be shown, since nothing can show it later; given settings are not repeated. */
export interface Made {
  readonly password?: string;
  readonly key?: { readonly id: string; readonly secret?: string };
}

/** Returns the kept password hash, and what this start had to make. */
export async function ensureCredentials(
  database: OpenedDatabase,
  apiKeys: ApiKeys,
  given: Config['firstStart'],
): Promise<{ passwordHash: string; made: Made }> {
  const key = apiKeys.count === 0 ? await makeKey(apiKeys, given) : undefined;
  const kept = await readFact(database.db, PASSWORD_FACT);
  if (kept !== undefined) return { passwordHash: kept, made: { key } };
  const password = given.adminPassword ?? randomBytes(15).toString('base64url');
  const passwordHash = await hashPassword(password);
  await database.write(() => writeFact(database.db, PASSWORD_FACT, passwordHash));
  return { passwordHash, made: { key, password: given.adminPassword ? undefined : password } };
}

async function makeKey(apiKeys: ApiKeys, given: Config['firstStart']): Promise<Made['key']> {
  const made = newKey();
  const id = given.secretId ?? made.id;
  const secret = given.secretKey ?? made.secret;
  await apiKeys.add({ id, secret, name: 'First start' }, Date.now());
  if (given.secretId && given.secretKey) return undefined;
  return given.secretKey ? { id } : { id, secret };
}
