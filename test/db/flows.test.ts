import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteFlow, loadFlows, loadWaitingFlows, type Seals, saveFlow, saveWaitingFlow } from '../../db/flows.ts';
import type { EncryptionSetting, Flow, Input, Output, PerPipeline } from '../../db/model.ts';
import { keyLengths, pipelines } from '../../relay/contract/settings.ts';
import { openVault } from '../../server/vault.ts';
import { flow, input, output, rtmpInput, rtmpOutput } from '../kit/samples.ts';
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
const destination = fc.record({ host: words, port }, plain);

const ports = { primary: 0, backup: 0 };
const pair = <D>(one: fc.Arbitrary<D>): fc.Arbitrary<PerPipeline<D>> =>
  fc
    .record({ primary: one, backup: fc.option(one, { nil: undefined }) }, plain)
    .map(({ primary, backup }) => ({ primary, ...(backup !== undefined && { backup }) }));

const inputBase = fc
  .record({
    id: fc.uuid(),
    name: words,
    description: words,
    allowlist: fc.array(words, { minLength: 1, maxLength: 4 }),
    failover: fc.option(
      fc.record({ preferred: fc.constantFrom(...pipelines), autoReturn: fc.boolean(), order: fc.nat() }, plain),
      { nil: undefined },
    ),
  })
  .map(({ failover, ...made }) => ({ ...made, ports, ...(failover && { failover }) }));

const srtLink = fc
  .record({
    latencyMs: fc.integer({ min: 20, max: 3000 }),
    key: fc.option(encryption, { nil: undefined }),
    streamId: fc.option(words, { nil: undefined }),
  })
  .map(({ latencyMs, key, streamId }) => ({
    protocol: 'srt' as const,
    latencyMs,
    ...(key && { encryption: key }),
    ...(streamId !== undefined && { streamId }),
  }));

const anyInput: fc.Arbitrary<Input> = fc
  .tuple(
    inputBase,
    fc.oneof(
      srtLink,
      fc.record({
        protocol: fc.constant('rtmp' as const),
        streamKeys: fc.record({ primary: words, backup: words }, plain),
      }),
      fc
        .record({ bareTs: fc.boolean(), idle: fc.option(fc.integer({ min: 1000, max: 10_000 }), { nil: undefined }) })
        .map(({ bareTs, idle }) => ({
          protocol: 'rtp' as const,
          bareTs,
          ...(idle !== undefined && { idleTimeoutMs: idle }),
        })),
    ),
  )
  .map(([base, link]) => ({ ...base, ...link }));

const outputBase = fc.record({
  id: fc.uuid(),
  name: words,
  description: words,
  regionId: fc.constantFrom('a', 'b', 'c'),
});

const anyOutput: fc.Arbitrary<Output> = fc
  .tuple(
    outputBase,
    fc.oneof(
      fc.tuple(srtLink, pair(destination)).map(([link, destinations]) => ({ ...link, destinations })),
      fc.record({
        protocol: fc.constant('rtmp' as const),
        destinations: pair(fc.record({ url: words, streamKey: words }, plain)),
      }),
      fc.record({
        protocol: fc.constant('rtp' as const),
        ttl: fc.integer({ min: 1, max: 255 }),
        bareTs: fc.boolean(),
        destinations: pair(destination),
      }),
    ),
  )
  .map(([base, link]) => ({ ...base, ...link }));

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
      use: index < 3 ? ('region' as const) : ('cross' as const),
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
      flow({ outputs: [output()], hops: [{ use: 'region', regionId: 'europe', pipeline: 'primary', port: 20_002 }] }),
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

describe('a flow without an input', () => {
  const waiting = { id: 'flow-1', name: 'Later', regionId: 'asia', maxBitrate: 10_000_000, createdAt: 1000 };

  it('is loaded as it was saved last, apart from those that have one', async () => {
    const { db } = await temporaryDatabase();
    await saveWaitingFlow(db, waiting);
    await saveWaitingFlow(db, { ...waiting, name: 'Sooner' });
    await saveFlow(db, seals, flow({ id: 'flow-2' }));
    expect(await loadWaitingFlows(db)).toEqual([{ ...waiting, name: 'Sooner' }]);
    expect((await loadFlows(db, seals)).map(({ id }) => id)).toEqual(['flow-2']);
  });

  it('is a flow once it is saved with one, and gone once it is deleted', async () => {
    const { db } = await temporaryDatabase();
    await saveWaitingFlow(db, waiting);
    const whole = flow({ ...waiting, input: input() });
    await saveFlow(db, seals, whole);
    expect([await loadFlows(db, seals), await loadWaitingFlows(db)]).toEqual([[whole], []]);
    await saveWaitingFlow(db, { ...waiting, id: 'flow-3' });
    await deleteFlow(db, 'flow-3');
    expect(await loadWaitingFlows(db)).toEqual([]);
  });
});

describe('secrets', () => {
  const canaries = {
    streamId: 'canary-of-stream-id',
    passphrase: 'canary-passphrase',
    input: 'canary-key-of-input',
    output: 'canary-key-of-output',
    backup: 'canary-key-of-backup',
  };
  const key = { keyLength: 256, passphrase: canaries.passphrase } as const;
  const encrypted = flow({
    name: 'a name to be found',
    input: input({ encryption: key, streamId: canaries.streamId }),
    outputs: [
      output({ encryption: key, streamId: canaries.streamId }),
      rtmpOutput({
        id: 'output-2',
        destinations: {
          primary: { url: 'rtmp://a-url-to-be-found/app', streamKey: canaries.output },
          backup: { url: 'rtmp://b/app', streamKey: canaries.backup },
        },
      }),
    ],
  });
  const published = flow({
    id: 'flow-2',
    input: rtmpInput({
      id: 'input-2',
      ports: { primary: 30_000, backup: 30_001 },
      streamKeys: { primary: canaries.input, backup: `${canaries.input}-2` },
    }),
  });

  it('are nowhere in the files in clear', async () => {
    const folder = temporaryFolder();
    const { db, file } = await temporaryDatabase(folder);
    const vault = openVault(folder);
    await saveFlow(db, vault, encrypted);
    await saveFlow(db, vault, published);
    const bytes = ['', '-wal'].map((end) => readFileSync(file + end, 'latin1')).join('');
    expect(['a name to be found', 'a-url-to-be-found'].filter((text) => !bytes.includes(text))).toEqual([]);
    expect(Object.values(canaries).filter((text) => bytes.includes(text))).toEqual([]);
    expect(await loadFlows(db, vault)).toEqual([encrypted, published]);
  });

  it('do not open when they were moved to another end', async () => {
    const folder = temporaryFolder();
    const { db } = await temporaryDatabase(folder);
    const vault = openVault(folder);
    await saveFlow(db, vault, encrypted);
    await db.run('UPDATE outputs SET sealed_secrets = (SELECT sealed_secrets FROM inputs)');
    await expect(loadFlows(db, vault)).rejects.toThrow(/authenticate|does not open/);
  });
});

describe('what a later version has written', () => {
  it('is not taken for something else', async () => {
    const { db } = await temporaryDatabase();
    await saveFlow(db, seals, flow());
    await db.run("UPDATE inputs SET settings = '{}'");
    await expect(loadFlows(db, seals)).rejects.toThrow('latencyMs');
  });
});
