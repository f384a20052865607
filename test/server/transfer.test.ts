import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Flow } from '../../db/model.ts';
import { copyOf } from '../../server/copies.ts';
import { createFlows, type Flows } from '../../server/flows.ts';
import { Refusal } from '../../server/refusal.ts';
import { exportFlows, importFlows, importSchema, type ImportWish } from '../../server/transfer.ts';
import { createMemoryStore } from '../kit/memory-store.ts';
import { failover, flow, input, output, regions, rtmpInput, rtmpOutput, rtpInput, rtpOutput } from '../kit/samples.ts';

const CANARY = 'canary-of-a-secret';
const PASSPHRASE = 'a passphrase of a file';
const encryption = { keyLength: 256, passphrase: CANARY } as const;

/** One flow of each protocol, with everything that can be set, and a secret wherever there can be one. */
const everything: readonly Flow[] = [
  flow({
    id: 'srt',
    name: 'News',
    input: input({ encryption, failover, description: 'Gate 4', allowlist: ['203.0.113.0/24'], latencyMs: 300 }),
    outputs: [
      output({ encryption }),
      output({
        id: 'o2',
        regionId: 'europe',
        destinations: { primary: { host: 'a.example', port: 1 }, backup: { host: 'b.example', port: 2 } },
      }),
    ],
  }),
  flow({
    id: 'rtmp',
    name: 'Sport',
    input: rtmpInput({ streamKeys: { primary: `${CANARY}-1`, backup: `${CANARY}-2` } }),
    outputs: [rtmpOutput({ destinations: { primary: { url: 'rtmps://live.example.com/app', streamKey: CANARY } } })],
  }),
  flow({ id: 'rtp', name: 'Music', input: rtpInput({ bareTs: true }), outputs: [rtpOutput({ ttl: 3 })] }),
];

function flowsOf(kept: readonly Flow[] = [], freePorts: ReadonlySet<number> = new Set()) {
  const store = createMemoryStore(kept);
  let next = 30_000;
  const flows = createFlows({
    store,
    regions,
    bandwidths: [10_000_000],
    publicHost: 'relay.example.net',
    findPorts: async (count, wished) =>
      wished?.every((port) => freePorts.has(port)) ? [...wished] : Array.from({ length: count }, () => next++),
    ensureRtmpPorts: async () => undefined,
    stateOf: ({ running }) => (running ? 'running' : 'idle'),
    settle: async () => undefined,
    now: () => 1000,
  });
  return { flows, store };
}

/** As it is after a way over the wire. */
const fileOf = async (flows: Flows, passphrase?: string): Promise<Record<string, unknown>> =>
  z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(await exportFlows(flows, { passphrase }, 5))));

/** Edits the file as a hand would: `flows.0.outputs.0.ttl`. */
function edit(value: unknown, path: string, to: unknown): void {
  const [name = '', ...rest] = path.split('.');
  if (typeof value !== 'object' || value === null) throw new Error(`There is no place ${path}.`);
  const inner: unknown = Reflect.get(value, name);
  if (rest.length > 0) edit(inner, rest.join('.'), to);
  else Reflect.set(value, name, to);
}

const wish = (file: object, more: Partial<ImportWish> = {}): ImportWish => importSchema.parse({ file, ...more });

async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refusal)) throw new Error(`It was not refused: ${String(error)}`);
  return error;
}

describe('flows that are exported with a passphrase and imported elsewhere', () => {
  it('have every setting and every secret, and ids and ports of their own', async () => {
    const file = await fileOf(flowsOf(everything).flows, PASSPHRASE);
    const { flows, store } = flowsOf();
    await importFlows(flows, wish(file, { passphrase: PASSPHRASE }));
    expect(store.all().map(copyOf)).toEqual(everything.map(copyOf));
    expect(store.all().map(({ input: { ports } }) => ports.primary)).toEqual([
      30_000,
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(new Set([...everything, ...store.all()].map(({ id }) => id)).size).toBe(6);
  });

  it('are in the file without any secret in clear', async () => {
    const text = JSON.stringify(await fileOf(flowsOf(everything).flows, PASSPHRASE));
    expect([text.includes('canary'), text.includes(PASSPHRASE)]).toEqual([false, false]);
  });

  it.each([
    ['another passphrase', 'another passphrase', 'import-passphrase-wrong'],
    ['none', undefined, 'import-passphrase-needed'],
  ])('are refused with %s, and none is made', async (_, passphrase, code) => {
    const file = await fileOf(flowsOf(everything).flows, PASSPHRASE);
    const { flows, store } = flowsOf();
    expect((await refusalOf(importFlows(flows, wish(file, { passphrase })))).code).toBe(code);
    expect(store.all()).toEqual([]);
  });

  it('are refused where the sealed text was changed', async () => {
    const file = await fileOf(flowsOf(everything).flows, PASSPHRASE);
    edit(file, 'secrets.text', Buffer.from('another text').toString('base64'));
    expect((await refusalOf(importFlows(flowsOf().flows, wish(file, { passphrase: PASSPHRASE })))).code).toBe(
      'import-passphrase-wrong',
    );
  });
});

describe('flows that are exported without a passphrase', () => {
  it('have no secret, and the file names each that was left out', async () => {
    const file = await fileOf(flowsOf(everything).flows);
    expect(JSON.stringify(file)).not.toContain('canary');
    expect(file.omitted).toEqual([
      'flows.0.input.encryption.passphrase',
      'flows.0.outputs.0.encryption.passphrase',
      'flows.1.input.streamKeys',
      'flows.1.outputs.0.destinations.primary.streamKey',
    ]);
  });

  it('are refused with the place of each secret that is needed', async () => {
    const file = await fileOf(flowsOf(everything).flows);
    const { code, faults } = await refusalOf(importFlows(flowsOf().flows, wish(file)));
    expect([code, faults.map((fault) => `${fault.field} ${fault.code}`)]).toEqual([
      'import-refused',
      [
        'file.flows.0.input.encryption.passphrase secret-left-out',
        'file.flows.0.outputs.0.encryption.passphrase secret-left-out',
        'file.flows.1.outputs.0.destinations.primary.streamKey secret-left-out',
      ],
    ]);
  });

  it('are imported once the secrets are written into the file, with new stream keys for an RTMP input', async () => {
    const file = await fileOf(flowsOf(everything).flows);
    edit(file, 'flows.0.input.encryption.passphrase', CANARY);
    edit(file, 'flows.0.outputs.0.encryption.passphrase', CANARY);
    edit(file, 'flows.1.outputs.0.destinations.primary.streamKey', CANARY);
    const { flows, store } = flowsOf();
    const made = await importFlows(flows, wish(file));
    expect(made[1]?.notes[0]).toBe('New stream keys for the input: the file has none.');
    const sport = store.all()[1]?.input;
    expect(sport?.protocol === 'rtmp' && sport.streamKeys.primary).toMatch(/^[\w-]{24}$/);
  });
});

describe('a file of flows', () => {
  const plain = everything.slice(2);

  it('is looked at as a whole: every fault of every flow is named, and nothing is made', async () => {
    const file = await fileOf(flowsOf([...plain, flow({ id: 'x', name: 'Second' })]).flows);
    edit(file, 'flows.0.outputs.0.ttl', 0);
    edit(file, 'flows.0.colour', 'red');
    edit(file, 'flows.1.regionId', 'nowhere');
    const { flows, store } = flowsOf();
    const { faults } = await refusalOf(importFlows(flows, wish(file)));
    expect(faults.map(({ field, code }) => `${field} ${code}`).sort()).toEqual([
      'file.flows.0.colour unknown-field',
      'file.flows.0.outputs.0.ttl invalid',
      'file.flows.1.regionId region-unknown',
    ]);
    expect(store.all()).toEqual([]);
  });

  it.each([
    ['no file of ours', {}, 'file.format'],
    ['of a version to come', { version: 2 }, 'file.version'],
    ['without a flow', { flows: [] }, 'file.flows'],
  ])('that is %s is refused', async (what, change, field) => {
    const file = what === 'no file of ours' ? {} : { ...(await fileOf(flowsOf(plain).flows)), ...change };
    const { faults } = await refusalOf(importFlows(flowsOf().flows, wish(file)));
    expect(faults.map((fault) => fault.field)).toContain(field);
  });

  it('makes nothing in a dry run, and says what it would make', async () => {
    const file = await fileOf(flowsOf(plain).flows);
    const { flows, store } = flowsOf();
    expect(await importFlows(flows, wish(file, { dryRun: true }))).toEqual([{ name: 'Music', notes: [] }]);
    expect(store.all()).toEqual([]);
  });

  it.each([
    ['refuse', 'name-taken'],
    ['rename', 'Music (2)'],
    ['allow', 'Music'],
  ] as const)('with a name that is there: %s', async (names, outcome) => {
    const { flows, store } = flowsOf(plain);
    const file = await fileOf(flows);
    const made = await importFlows(flows, wish(file, { names })).then(
      ([first]) => first?.name,
      (error: unknown) => error instanceof Refusal && error.faults[0]?.code,
    );
    expect(made).toBe(outcome);
    expect(store.all()).toHaveLength(names === 'refuse' ? 1 : 2);
  });

  it.each([
    [true, new Set([20_000, 20_001]), 20_000],
    [true, new Set([20_000]), 30_000],
    [false, new Set([20_000, 20_001]), 30_000],
  ])('keeps ports only where that is asked for (%s) and both are free', async (keepPorts, free, port) => {
    const file = await fileOf(flowsOf(plain).flows);
    const { flows, store } = flowsOf([], free);
    await importFlows(flows, wish(file, { keepPorts }));
    expect(store.all()[0]?.input.ports.primary).toBe(port);
  });

  it('says flow by flow what came of it where the disk fails after all', async () => {
    const file = await fileOf(flowsOf([...plain, flow({ id: 'x', name: 'Second' })]).flows);
    const { flows, store } = flowsOf();
    store.fault = new Refusal('storage-fault');
    expect((await importFlows(flows, wish(file))).map(({ refusal }) => refusal?.code)).toEqual([
      'storage-fault',
      'storage-fault',
    ]);
  });
});

describe('a duplicate', () => {
  it('has the settings and secrets of the flow, is idle, and has a name, ids and ports of its own', async () => {
    for (const kept of everything) {
      const { flows } = flowsOf([{ ...kept, running: true }]);
      const copy = await flows.duplicate(kept.id);
      expect(copyOf(copy)).toEqual({ ...copyOf(kept), draft: { ...copyOf(kept).draft, name: `${kept.name} (2)` } });
      expect([copy.running, copy.revision, copy.id === kept.id, copy.input.id === kept.input.id]).toEqual([
        false,
        1,
        false,
        false,
      ]);
      expect(copy.input.ports.primary).toBeGreaterThanOrEqual(30_000);
    }
  });

  it('of a long name keeps to its length', async () => {
    const { flows } = flowsOf([flow({ name: 'x'.repeat(64) })]);
    expect((await flows.duplicate('flow-1')).name).toBe(`${'x'.repeat(60)} (2)`);
  });

  it('has the name that is asked for', async () => {
    expect((await flowsOf([flow()]).flows.duplicate('flow-1', 'Second channel')).name).toBe('Second channel');
  });
});
