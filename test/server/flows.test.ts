import { describe, expect, it } from 'vitest';
import type { Flow, FlowState } from '../../db/model.ts';
import { createFlows, newId, portsOf } from '../../server/flows.ts';
import { Refusal } from '../../server/refusal.ts';
import { createMemoryStore } from '../kit/memory-store.ts';
import { must } from '../kit/must.ts';
import { flowDraft, outputDraft, regions } from '../kit/samples.ts';

function openFlows() {
  const store = createMemoryStore();
  const settled: string[] = [];
  const world = { state: undefined as FlowState | undefined, nextPort: 20_000, portsLeft: 1000, rtmp: [] as string[] };
  const flows = createFlows({
    store,
    regions,
    bandwidths: [10_000_000, 20_000_000],
    publicHost: 'relay.example.net',
    findPorts: async (count) => {
      world.portsLeft -= count;
      if (world.portsLeft < 0) throw new Refusal('ports-exhausted');
      return Array.from({ length: count }, () => world.nextPort++);
    },
    ensureRtmpPorts: async (relayIds) => void world.rtmp.push(...relayIds),
    stateOf: (flow) => world.state ?? (flow.running ? 'running' : 'idle'),
    settle: async (flowId) => void settled.push(flowId),
    now: () => 1234,
  });
  const one = (): Flow => must(store.all()[0], 'flow');
  return { flows, one, settled, store, world };
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof Refusal ? error.code : error),
  );
const encryptionOf = ({ input }: Flow) => (input.protocol === 'srt' ? input.encryption : input);
const key = { keyLength: 256, passphrase: 'a passphrase' } as const;
const to = (port: number, backup = false) => ({
  primary: { host: 'p.example', port },
  ...(backup && { backup: { host: 'b.example', port } }),
});

describe('creating a flow', () => {
  it('saves it idle, with two ports, before it is seen', async () => {
    const { flows, store } = openFlows();
    const made = await flows.create(flowDraft());
    expect(store.all()).toEqual([made]);
    expect(made).toMatchObject({
      running: false,
      revision: 1,
      createdAt: 1234,
      outputs: [],
      hops: [],
      input: { ports: { primary: 20_000, backup: 20_001 } },
    });
  });

  it('keeps nothing of a draft that the rules refuse', async () => {
    const { flows, store } = openFlows();
    expect(await codeOf(flows.create(flowDraft({ regionId: 'moon' })))).toBe('region-unknown');
    expect(store.all()).toEqual([]);
  });

  it('gives two that are made at once ports of their own', async () => {
    const { flows } = openFlows();
    const made = await Promise.all([flows.create(flowDraft()), flows.create(flowDraft())]);
    expect(new Set(made.flatMap(portsOf)).size).toBe(4);
  });

  it('takes no second turn when the first fails', async () => {
    const { flows, store } = openFlows();
    store.fault = new Refusal('storage-fault');
    const first = codeOf(flows.create(flowDraft()));
    expect(await first).toBe('storage-fault');
    store.fault = undefined;
    expect(await codeOf(flows.create(flowDraft()))).toBe('no refusal');
  });
});

describe('ids', () => {
  it('have 28 hexadecimal characters', () => {
    expect(newId()).toMatch(/^[0-9a-f]{28}$/);
  });

  it('are never the same', () => {
    expect(new Set(Array.from({ length: 1000 }, newId)).size).toBe(1000);
  });
});

describe('editing', () => {
  it('counts revisions, one for each change', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(flowDraft());
    await flows.rename(id, { name: 'A' });
    await flows.editInput(id, { latencyMs: 200 });
    expect(one().revision).toBe(3);
  });

  it('makes changes that come at once in turn, and loses none', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(flowDraft());
    await Promise.all([
      flows.rename(id, { name: 'A' }),
      flows.editInput(id, { latencyMs: 200 }),
      flows.editInput(id, { description: 'B' }),
      flows.addOutput(id, outputDraft()),
    ]);
    expect(one()).toMatchObject({
      name: 'A',
      revision: 5,
      input: { latencyMs: 200, description: 'B' },
      outputs: [{ name: 'Studio' }],
    });
  });

  it('checks a rule against what the change before it left', async () => {
    const { flows } = openFlows();
    const { id } = await flows.create(flowDraft());
    const [first, second] = await Promise.all([
      codeOf(flows.addOutput(id, outputDraft())),
      codeOf(flows.addOutput(id, outputDraft())),
    ]);
    expect([first, second]).toEqual(['no refusal', 'destination-taken']);
  });

  it('leaves everything as it was when the save fails', async () => {
    const { flows, one, store } = openFlows();
    const before = await flows.create(flowDraft());
    store.fault = new Refusal('storage-fault');
    expect(await codeOf(flows.rename(before.id, { name: 'A' }))).toBe('storage-fault');
    expect(one()).toEqual(before);
  });

  it('lets relays hear of it', async () => {
    const { flows, settled } = openFlows();
    const { id } = await flows.create(flowDraft());
    await flows.rename(id, { name: 'A' });
    expect(settled).toEqual([id]);
  });

  it('keeps ports and region of the input', async () => {
    const { flows, one } = openFlows();
    const { id, input } = await flows.create(flowDraft());
    await flows.editInput(id, { name: 'B', description: 'C', allowlist: ['10.0.0.0/8'], latencyMs: 500 });
    expect(one().input).toEqual({ ...input, name: 'B', description: 'C', allowlist: ['10.0.0.0/8'], latencyMs: 500 });
  });
});

describe('the passphrase of an input', () => {
  const encrypted = { ...flowDraft(), input: { ...flowDraft().input, encryption: key } };

  it('stays when an edit says nothing of encryption', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(encrypted);
    await flows.editInput(id, { name: 'B' });
    expect(encryptionOf(one())).toEqual(key);
  });

  it('stays when an edit changes the key length alone', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(encrypted);
    await flows.editInput(id, { encryption: { keyLength: 128 } });
    expect(encryptionOf(one())).toEqual({ keyLength: 128, passphrase: 'a passphrase' });
  });

  it('is replaced by a new one', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(encrypted);
    await flows.editInput(id, { encryption: { keyLength: 256, passphrase: 'another one' } });
    expect(encryptionOf(one())).toEqual({ keyLength: 256, passphrase: 'another one' });
  });

  it('is gone when encryption is turned off', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(encrypted);
    await flows.editInput(id, { encryption: null });
    expect(encryptionOf(one())).toBeUndefined();
  });

  it('is needed to turn encryption on', async () => {
    const { flows } = openFlows();
    const { id } = await flows.create(flowDraft());
    expect(await codeOf(flows.editInput(id, { encryption: { keyLength: 128 } }))).toBe('passphrase-needed');
  });
});

describe('the passphrase of an output', () => {
  it('stays when an edit says nothing of it', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(flowDraft());
    const output = await flows.addOutput(id, { ...outputDraft(), encryption: key });
    await flows.editOutput(id, output.id, { name: 'Tower' });
    expect(one().outputs[0]).toEqual({ ...output, name: 'Tower', encryption: key });
  });
});

describe('the hops of a flow', () => {
  const hopsIn = ({ hops }: Flow): string[] =>
    hops.map(({ regionId, pipeline, port }) => `${regionId} ${pipeline} ${port}`);

  it('are made for a region beyond its own', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(flowDraft());
    await flows.addOutput(id, outputDraft({ regionId: 'europe', destinations: to(1, true) }));
    expect(hopsIn(one())).toEqual(['europe primary 20002', 'europe backup 20003']);
  });

  it('are not made within its own region', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(flowDraft());
    await flows.addOutput(id, outputDraft({ destinations: to(1, true) }));
    expect(hopsIn(one())).toEqual([]);
  });

  it('are not made for a backup that has no destination', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(flowDraft());
    await flows.addOutput(id, outputDraft({ regionId: 'europe', destinations: to(1) }));
    expect(hopsIn(one())).toEqual(['europe primary 20002']);
  });

  it('are shared by all outputs of a region', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(flowDraft());
    for (const port of [1, 2, 3])
      await flows.addOutput(id, outputDraft({ regionId: 'europe', destinations: to(port) }));
    expect(hopsIn(one())).toEqual(['europe primary 20002']);
  });

  it('keep their port while an output needs them', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(flowDraft());
    const first = await flows.addOutput(id, outputDraft({ regionId: 'europe', destinations: to(1) }));
    await flows.addOutput(id, outputDraft({ regionId: 'europe', destinations: to(2) }));
    await flows.deleteOutput(id, first.id);
    expect(hopsIn(one())).toEqual(['europe primary 20002']);
  });

  it('go with the last output that needs them', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(flowDraft());
    const output = await flows.addOutput(id, outputDraft({ regionId: 'europe', destinations: to(1, true) }));
    await flows.editOutput(id, output.id, { destinations: to(1) });
    expect(hopsIn(one())).toEqual(['europe primary 20002']);
    await flows.deleteOutput(id, output.id);
    expect(hopsIn(one())).toEqual([]);
  });

  it('are refused when no port is left, and the output with them', async () => {
    const { flows, one, world } = openFlows();
    const { id } = await flows.create(flowDraft());
    world.portsLeft = 0;
    expect(await codeOf(flows.addOutput(id, outputDraft({ regionId: 'europe' })))).toBe('ports-exhausted');
    expect(one().outputs).toEqual([]);
  });
});

describe('the links across of a flow with failover', () => {
  const withFailover = flowDraft({
    input: { ...flowDraft().input, failover: { preferred: 'primary', autoReturn: true } },
  });
  const crossingsIn = ({ hops }: Flow): string[] =>
    hops.filter(({ use }) => use === 'cross').map(({ pipeline, port }) => `${pipeline} ${port}`);

  it('are made with it, one for each pipeline', async () => {
    const { flows, one } = openFlows();
    await flows.create(withFailover);
    expect(crossingsIn(one())).toEqual(['primary 20002', 'backup 20003']);
  });

  it('go when failover is turned off, and come back with other ports', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(withFailover);
    await flows.editInput(id, { failover: null });
    expect(crossingsIn(one())).toEqual([]);
    await flows.editInput(id, { failover: { preferred: 'backup', autoReturn: false } });
    expect(crossingsIn(one())).toEqual(['primary 20004', 'backup 20005']);
  });

  it('keep their ports while regions come and go', async () => {
    const { flows, one } = openFlows();
    const { id } = await flows.create(withFailover);
    const output = await flows.addOutput(id, outputDraft({ regionId: 'europe' }));
    await flows.deleteOutput(id, output.id);
    expect(crossingsIn(one())).toEqual(['primary 20002', 'backup 20003']);
  });
});

describe('the RTMP ports of relays', () => {
  it('are asked for when a flow has an RTMP input, before it is saved', async () => {
    const { flows, world } = openFlows();
    const { id } = await flows.create(flowDraft());
    expect(world.rtmp).toEqual([]);
    await flows.editInput(id, { protocol: 'rtmp' });
    expect(world.rtmp).toEqual(['asia-1', 'asia-2']);
  });
});

describe('switching', () => {
  const preferred = { preferred: 'primary', autoReturn: true } as const;

  async function running() {
    const opened = openFlows();
    const { id } = await opened.flows.create(flowDraft({ input: { ...flowDraft().input, failover: preferred } }));
    await opened.flows.addOutput(id, outputDraft());
    await opened.flows.start(id);
    return { ...opened, id };
  }

  it('prefers the other input, and counts the order so that relays hear it', async () => {
    const { flows, id, one } = await running();
    const before = one();
    await flows.switchTo(id, 'backup');
    expect(one()).toMatchObject({
      revision: before.revision + 1,
      input: { failover: { preferred: 'backup', autoReturn: true, order: 1 } },
    });
  });

  it('to the input that is preferred already is an order all the same', async () => {
    const { flows, id, one } = await running();
    await flows.switchTo(id, 'primary');
    await flows.switchTo(id, 'primary');
    expect(one().input.failover).toEqual({ ...preferred, order: 2 });
  });

  it('is refused while the flow is idle', async () => {
    const { flows, id } = await running();
    await flows.stop(id);
    expect(await codeOf(flows.switchTo(id, 'backup'))).toBe('switch-idle');
  });

  it('is refused without failover', async () => {
    const { flows } = openFlows();
    const { id } = await flows.create(flowDraft());
    expect(await codeOf(flows.switchTo(id, 'backup'))).toBe('no-failover');
  });

  it('is not undone by an edit that repeats the setting', async () => {
    const { flows, id, one } = await running();
    await flows.switchTo(id, 'backup');
    await flows.editInput(id, { failover: { preferred: 'backup', autoReturn: false } });
    expect(one().input.failover).toEqual({ preferred: 'backup', autoReturn: false, order: 1 });
  });
});

describe('starting and stopping', () => {
  async function withOutput() {
    const opened = openFlows();
    const { id } = await opened.flows.create(flowDraft());
    await opened.flows.addOutput(id, outputDraft());
    return { ...opened, id };
  }

  it('changes the wish and nothing else', async () => {
    const { flows, id, one } = await withOutput();
    const before = one();
    await flows.start(id);
    expect(one()).toEqual({ ...before, running: true, revision: before.revision + 1 });
  });

  it('saves nothing the second time, but lets relays hear again', async () => {
    const { flows, id, one, settled, store } = await withOutput();
    await flows.start(id);
    const before = one();
    settled.length = 0;
    store.fault = new Error('Nothing may be saved.');
    await flows.start(id);
    expect([one(), settled]).toEqual([before, [id]]);
  });

  it('keeps the ports through stop and start', async () => {
    const { flows, id, one } = await withOutput();
    const before = portsOf(one());
    await flows.start(id);
    await flows.stop(id);
    await flows.start(id);
    expect(portsOf(one())).toEqual(before);
  });

  it('stops a flow that is still starting', async () => {
    const { flows, id, one, world } = await withOutput();
    await flows.start(id);
    world.state = 'starting';
    await flows.stop(id);
    expect(one().running).toBe(false);
  });

  it('lets a delete that comes with a start wait its turn', async () => {
    const { flows, id } = await withOutput();
    const [start, remove] = await Promise.all([codeOf(flows.start(id)), codeOf(flows.delete(id))]);
    expect([start, remove]).toEqual(['no refusal', 'flow-not-idle']);
  });

  it('does not start what a delete before it took away', async () => {
    const { flows, id } = await withOutput();
    const [remove, start] = await Promise.all([codeOf(flows.delete(id)), codeOf(flows.start(id))]);
    expect([remove, start]).toEqual(['no refusal', 'flow-not-found']);
  });
});

describe('deleting a flow', () => {
  it('leaves nothing', async () => {
    const { flows, store } = openFlows();
    const { id } = await flows.create(flowDraft());
    await flows.delete(id);
    expect(store.all()).toEqual([]);
  });

  it.each<FlowState>(['starting', 'running', 'stopping'])('is refused while it is %s', async (state) => {
    const { flows, world } = openFlows();
    const { id } = await flows.create(flowDraft());
    world.state = state;
    expect(await codeOf(flows.delete(id))).toBe('flow-not-idle');
  });
});
