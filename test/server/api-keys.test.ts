import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openApiKeys } from '../../server/api-keys.ts';
import { openVault } from '../../server/vault.ts';
import { temporaryDatabase, temporaryFolder } from '../kit/temporary.ts';

const key = { id: 'some-key-id', secret: 'canary-of-the-key' };

async function keysWith(...keys: (typeof key)[]) {
  const folder = temporaryFolder();
  const database = await temporaryDatabase(folder);
  const vault = openVault(folder);
  const apiKeys = await openApiKeys(database, vault);
  for (const it of keys) await apiKeys.add(it, 1);
  return { apiKeys, database, vault };
}

describe('an API key', () => {
  it('is valid with its secret', async () => {
    const { apiKeys } = await keysWith(key);
    expect(apiKeys.isValid(key.id, key.secret)).toBe(true);
  });

  it.each([
    ['another secret', key.id, 'another'],
    ['no secret', key.id, ''],
    ['an unknown id', 'nobody', key.secret],
    ['its secret in other case', key.id, key.secret.toUpperCase()],
    ['a longer secret', key.id, `${key.secret}x`],
  ])('is not valid with %s', async (_, id, secret) => {
    const { apiKeys } = await keysWith(key);
    expect(apiKeys.isValid(id, secret)).toBe(false);
  });

  it('is not valid with the secret of another key', async () => {
    const { apiKeys } = await keysWith(key, { id: 'other-key-id', secret: 'other' });
    expect(apiKeys.isValid(key.id, 'other')).toBe(false);
  });

  it('has its secret for signatures, and an unknown one has none', async () => {
    const { apiKeys } = await keysWith(key);
    expect([apiKeys.secretOf(key.id), apiKeys.secretOf('nobody')]).toEqual([key.secret, undefined]);
  });

  it('is still valid after a restart', async () => {
    const { database, vault } = await keysWith(key);
    const apiKeys = await openApiKeys(database, vault);
    expect([apiKeys.count, apiKeys.isValid(key.id, key.secret)]).toEqual([1, true]);
  });

  it('is not made a second time under the same id', async () => {
    const { apiKeys } = await keysWith(key);
    await expect(apiKeys.add({ ...key, secret: 'another' }, 2)).rejects.toThrow('insert into "api_keys"');
    expect(apiKeys.isValid(key.id, key.secret)).toBe(true);
  });

  it('does not stand in the file in clear', async () => {
    const { database } = await keysWith(key);
    const bytes = ['', '-wal'].map((end) => readFileSync(database.file + end, 'latin1')).join('');
    expect([bytes.includes(key.id), bytes.includes(key.secret)]).toEqual([true, false]);
  });
});
