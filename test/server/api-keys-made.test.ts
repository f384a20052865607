import { describe, expect, it } from 'vitest';
import { openApiKeys } from '../../server/api-keys.ts';
import { tellingKeys } from '../../server/told.ts';
import { openVault } from '../../server/vault.ts';
import { temporaryDatabase, temporaryFolder } from '../kit/temporary.ts';

async function opened() {
  const folder = temporaryFolder();
  const database = await temporaryDatabase(folder);
  const vault = openVault(folder);
  const keys = await openApiKeys(database, vault);
  await keys.add({ id: 'first', secret: 'secret of the first', name: 'First start' }, 1);
  return { keys, again: () => openApiKeys(database, vault) };
}

describe('API keys that operators make', () => {
  it('are listed by age with who uses them, after a restart too', async () => {
    const { keys, again } = await opened();
    const { id } = await keys.create('Playout', 2);
    const known = [
      { id: 'first', name: 'First start', createdAt: 1 },
      { id, name: 'Playout', createdAt: 2 },
    ];
    expect([keys.list(), (await again()).list()]).toEqual([known, known]);
  });

  it('are valid at once, and not from their removal on, after a restart neither', async () => {
    const { keys, again } = await opened();
    const { id, secret } = await keys.create('Playout', 2);
    const before = keys.isValid(id, secret);
    const heard: string[] = [];
    keys.onRemoved((removed) => heard.push(removed));
    await keys.remove(id);
    expect([before, keys.isValid(id, secret), (await again()).isValid(id, secret), heard]).toEqual([
      true,
      false,
      false,
      [id],
    ]);
  });

  it('are never all removed, not even by two operators at once', async () => {
    const { keys } = await opened();
    const { id } = await keys.create('Playout', 2);
    const outcomes = await Promise.allSettled([keys.remove('first'), keys.remove(id)]);
    expect([outcomes.map(({ status }) => status), keys.count]).toEqual([['fulfilled', 'rejected'], 1]);
  });

  it('are told in the log without their secret', async () => {
    const said: string[] = [];
    const keys = tellingKeys((await opened()).keys, (what, detail) => said.push(`${what} ${JSON.stringify(detail)}`));
    const { id, secret } = await keys.create('Playout', 2);
    await keys.remove(id);
    expect(said.map((line) => line.slice(0, 15))).toEqual(['API key created', 'API key removed']);
    expect([said.join().includes(secret), keys.count]).toEqual([false, 1]);
  });
});
