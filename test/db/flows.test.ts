import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteFlow, loadFlows, type Seals, saveFlow } from '../../db/flows.ts';
import type { EncryptionSetting, Flow, Input, Output } from '../../db/model.ts';
import { keyLengths } from '../../relay/contract/settings.ts';
import { openVault } from '../../server/vault.ts';
import { flow, input, output } from '../kit/samples.ts';
import { temporaryDatabase, temporaryFolder } from '../kit/temporary.ts';

/** Sealing that a test can read, and that fails at any other place. */
const seals: Seals = {
  seal: (secret, place) => `${place}|${secret}`,
  open: (sealed, place) => {
    if (!sealed.startsWith(`${place}|`)) throw new Error(`${sealed} does not belong to ${place}.`);
    return sealed.slice(place.length + 1);
  },
};

const words = fc.string({ unit: 'grapheme', maxLength: 20 });
const port = fc.integer({ min: 1, max: 65_535 });
/** Plain objects, as the database gives them. */
const plain = { noNullPrototype: true } as const;
const encryption: fc.Arbitrary<EncryptionSetting> = fc.record(
  { keyLength: fc.constantFrom(...keyLengths), passphrase: words },
  plain,
);
const ends = { name: words, latencyMs: fc.integer({ min: 20, max: 3000 }), description: words };
const destination = fc.record({ host: words, port }, plain);

const anyInput: fc.Arbitrary<Omit<Input, 'ports'>> = fc
  .record({
    ...ends,
    id: fc.uuid(),
    allowlist: fc.array(words, { minLength: 1, maxLength: 4 }),
    encryption: fc.option(encryption, { nil: undefined }),
  })
  .map(({ encryption: key, ...made }) => ({ ...made, protocol: 'srt' as const, ...(key && { encryption: key }) }));

const anyOutput: fc.Arbitrary<Output> = fc
  .record({
    ...ends,
    id: fc.uuid(),
    regionId: fc.constantFrom('a', 'b', 'c'),
    primary: destination,
    backup: fc.option(destination, { nil: undefined }),
    key: fc.option(encryption, { nil: undefined }),
  })
  .map(({ primary, backup, key, ...made }) => ({
    ...made,
    protocol: 'srt' as const,
    destinations: { primary, ...(backup && { backup }) },
    ...(key && { encryption: key }),
  }));

const anyFlow: fc.Arbitrary<Flow> = fc
  .record({
    id: fc.uuid(),
    name: words,
    maxBitrate: fc.integer({ min: 1, max: 1e9 }),
    running: fc.boolean(),
    revision: fc.nat(),
    createdAt: fc.nat(2 ** 45),
    made: anyInput,
    outputs: fc.uniqueArray(anyOutput, { selector: ({ id }) => id, maxLength: 5 }),
    ports: fc.uniqueArray(port, { minLength: 6, maxLength: 6 }),
    hops: fc.subarray([0, 1, 2, 3]),
  })
  .map(({ made, ports: [primary = 0, backup = 0, ...rest], hops, ...others }) => ({
    ...others,
    regionId: 'a',
    input: { ...made, ports: { primary, backup } },
    hops: hops.map((index) => ({
      regionId: index < 2 ? 'b' : 'c',
      pipeline: index % 2 === 0 ? ('primary' as const) : ('backup' as const),
      port: rest[index] ?? 0,
    })),
  }));

/** Hops have no order of their own. */
const sorted = (made: Flow): Flow => ({ ...made, hops: made.hops.toSorted((a, b) => a.port - b.port) });

describe('a saved flow', () => {
  it('is loaded as it was, whatever is in it', { timeout: 20_000 }, async () => {
    const { db } = await temporaryDatabase();
    await fc.assert(
      fc.asyncProperty(anyFlow, async (made) => {
        await saveFlow(db, seals, made);
        const [loaded] = await loadFlows(db, seals);
        await deleteFlow(db, made.id);
        expect(loaded && sorted(loaded)).toStrictEqual(sorted(made));
      }),
      { numRuns: 60 },
    );
  });

  it('is loaded as it was saved last', { timeout: 20_000 }, async () => {
    const { db } = await temporaryDatabase();
    await fc.assert(
      fc.asyncProperty(anyFlow, anyFlow, async (before, after) => {
        const next = { ...after, id: before.id, input: { ...after.input, id: before.input.id } };
        await saveFlow(db, seals, before);
        await saveFlow(db, seals, next);
        const loaded = await loadFlows(db, seals);
        await deleteFlow(db, before.id);
        expect(loaded.map(sorted)).toStrictEqual([sorted(next)]);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the order of its outputs', async () => {
    const { db } = await temporaryDatabase();
    const outputs = ['c', 'a', 'b'].map((id) => output({ id }));
    await saveFlow(db, seals, flow({ outputs }));
    await saveFlow(db, seals, flow({ outputs: outputs.toReversed() }));
    expect((await loadFlows(db, seals))[0]?.outputs.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  });

  it('comes after those that are older', async () => {
    const { db } = await temporaryDatabase();
    const made = [3, 1, 2].map((age) =>
      flow({
        id: `flow-${age}`,
        createdAt: age,
        input: input({ id: `input-${age}`, ports: { primary: age * 2, backup: age * 2 + 1 } }),
      }),
    );
    for (const it of made) await saveFlow(db, seals, it);
    expect((await loadFlows(db, seals)).map(({ id }) => id)).toEqual(['flow-1', 'flow-2', 'flow-3']);
  });
});

describe('a save that fails', () => {
  const TAKEN = 'UNIQUE constraint failed: ports.port';
  const first = flow({ outputs: [output()] });
  /** Wants a port that the first flow has. */
  const second = flow({ id: 'flow-2', input: input({ id: 'input-2', ports: { primary: 30_000, backup: 20_001 } }) });

  it('of a new flow leaves nothing of it', async () => {
    const { db } = await temporaryDatabase();
    await saveFlow(db, seals, first);
    await expect(saveFlow(db, seals, second)).rejects.toThrow(TAKEN);
    expect(await loadFlows(db, seals)).toEqual([first]);
  });

  it('of a kept flow leaves it as it was', async () => {
    const { db } = await temporaryDatabase();
    const kept = flow({
      ...second,
      input: input({ id: 'input-2', ports: { primary: 30_000, backup: 30_001 } }),
      outputs: [output({ id: 'output-2' })],
    });
    await saveFlow(db, seals, first);
    await saveFlow(db, seals, kept);
    await expect(saveFlow(db, seals, { ...second, name: 'Other', outputs: [] })).rejects.toThrow(TAKEN);
    expect(await loadFlows(db, seals)).toEqual([first, kept]);
  });

  it('because a secret cannot be sealed writes nothing', async () => {
    const { db } = await temporaryDatabase();
    const broken: Seals = {
      ...seals,
      seal: () => {
        throw new Error('No key.');
      },
    };
    const encrypted = flow({ input: input({ encryption: { keyLength: 128, passphrase: 'x' } }) });
    await expect(saveFlow(db, broken, encrypted)).rejects.toThrow('No key.');
    expect(await loadFlows(db, seals)).toEqual([]);
  });
});

describe('deleting a flow', () => {
  it('takes its input, outputs and ports with it', async () => {
    const { db } = await temporaryDatabase();
    await saveFlow(
      db,
      seals,
      flow({ outputs: [output()], hops: [{ regionId: 'europe', pipeline: 'primary', port: 20_002 }] }),
    );
    await deleteFlow(db, 'flow-1');
    const rows = await Promise.all([
      db.query.flows.findMany(),
      db.query.inputs.findMany(),
      db.query.outputs.findMany(),
      db.query.ports.findMany(),
    ]);
    expect(rows).toEqual([[], [], [], []]);
  });

  it('leaves other flows alone', async () => {
    const { db } = await temporaryDatabase();
    const other = flow({
      id: 'flow-2',
      input: input({ id: 'input-2', ports: { primary: 1, backup: 2 } }),
      outputs: [output({ id: 'output-2' })],
    });
    await saveFlow(db, seals, flow({ outputs: [output()] }));
    await saveFlow(db, seals, other);
    await deleteFlow(db, 'flow-1');
    expect(await loadFlows(db, seals)).toEqual([other]);
  });

  it('frees its ports for another', async () => {
    const { db } = await temporaryDatabase();
    await saveFlow(db, seals, flow());
    await deleteFlow(db, 'flow-1');
    await expect(saveFlow(db, seals, flow({ id: 'flow-2' }))).resolves.toBeUndefined();
  });
});

describe('passphrases', () => {
  const CANARY = 'canary-passphrase';
  const key = { keyLength: 256, passphrase: CANARY } as const;
  const encrypted = flow({
    name: 'a name to be found',
    input: input({ encryption: key }),
    outputs: [output({ encryption: key })],
  });

  it('are nowhere in the files in clear', async () => {
    const folder = temporaryFolder();
    const { db, file } = await temporaryDatabase(folder);
    await saveFlow(db, openVault(folder), encrypted);
    const bytes = ['', '-wal'].map((end) => readFileSync(file + end, 'latin1')).join('');
    expect([bytes.includes('a name to be found'), bytes.includes(CANARY)]).toEqual([true, false]);
  });

  it('do not open when they were moved to another end', async () => {
    const folder = temporaryFolder();
    const { db } = await temporaryDatabase(folder);
    const vault = openVault(folder);
    await saveFlow(db, vault, encrypted);
    await db.run('UPDATE outputs SET sealed_passphrase = (SELECT sealed_passphrase FROM inputs)');
    await expect(loadFlows(db, vault)).rejects.toThrow(/authenticate|does not open/);
  });
});
