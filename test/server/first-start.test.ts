import { describe, expect, it } from 'vitest';
import { readFact } from '../../db/access.ts';
import { openApiKeys } from '../../server/api-keys.ts';
import type { Config } from '../../server/config.ts';
import { ensureCredentials } from '../../server/first-start.ts';
import { createSessions } from '../../server/sessions.ts';
import { openVault } from '../../server/vault.ts';
import { temporaryDatabase, temporaryFolder } from '../kit/temporary.ts';

const none: Config['firstStart'] = { adminPassword: undefined, secretId: undefined, secretKey: undefined };
const given: Config['firstStart'] = {
  adminPassword: 'a given password',
  secretId: 'given-key-id',
  secretKey: 'given-key-secret',
};

async function firstStart(settings: Config['firstStart']) {
  const folder = temporaryFolder();
  const database = await temporaryDatabase(folder);
  const vault = openVault(folder);
  const apiKeys = await openApiKeys(database, vault);
  const { passwordHash, made } = await ensureCredentials(database, apiKeys, settings);
  const logIn = async (password: string) =>
    (await createSessions(database, passwordHash, () => 0).login(password, '192.0.2.1')).ok;
  const again = async (next: Config['firstStart']) =>
    ensureCredentials(database, await openApiKeys(database, vault), next);
  return { again, apiKeys, database, logIn, made, passwordHash };
}

describe('the first start', () => {
  it('makes a password that opens the console, and a key that opens the API', async () => {
    const { apiKeys, logIn, made } = await firstStart(none);
    expect(await logIn(made.password ?? '')).toBe(true);
    expect(apiKeys.isValid(made.key?.id ?? '', made.key?.secret ?? '')).toBe(true);
  });

  it('takes what is given and does not repeat it', async () => {
    const { apiKeys, logIn, made } = await firstStart(given);
    expect(made).toEqual({ key: undefined, password: undefined });
    expect([await logIn('a given password'), apiKeys.isValid('given-key-id', 'given-key-secret')]).toEqual([
      true,
      true,
    ]);
  });

  it('shows the secret that it made for an id that was given', async () => {
    const { made } = await firstStart({ ...given, secretKey: undefined });
    expect(made.key).toEqual({ id: 'given-key-id', secret: expect.stringMatching(/^[\w-]{32}$/) as unknown });
  });

  // A finding: an id that nobody ever sees makes the given secret useless.
  it('shows the id that it made for a secret that was given', async () => {
    const { made } = await firstStart({ ...given, secretId: undefined });
    expect(made.key?.id).toMatch(/^SL[0-9a-f]{24}$/);
  });

  it('keeps the password as a hash alone', async () => {
    const { database, passwordHash } = await firstStart(given);
    expect(await readFact(database.db, 'admin-password')).toBe(passwordHash);
    expect(passwordHash).toMatch(/^scrypt\$65536\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  });
});

describe('the second start', () => {
  it('makes nothing', async () => {
    const { again, passwordHash } = await firstStart(none);
    expect(await again(none)).toEqual({ passwordHash, made: { key: undefined } });
  });

  it('changes nothing that the settings say then', async () => {
    const { again, passwordHash } = await firstStart(none);
    expect((await again(given)).passwordHash).toBe(passwordHash);
  });
});
