/** Relays that hang or keep dying, with real processes: what is replaced, what goes on, and what the operator is told. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EventView, eventsOf } from '../kit/flow-kit.ts';
import { freePorts } from '../kit/free-ports.ts';
import type { FlowView, House } from '../kit/house.ts';
import { measured, msSince } from '../kit/measured.ts';
import { pushWithFfmpeg, receive } from '../kit/peers.ts';
import { relayLog, relayPid, stopThread, untilReplaced } from '../kit/processes.ts';
import type { Program } from '../kit/program.ts';
import { expectWhole, inputPorts, openStage, type Stage, untilFlowing } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

let stage: Stage;
let house: House;

beforeAll(async () => {
  stage = await openStage();
  house = stage.house;
});
afterEach(() => stage.clear());
afterAll(() => stage.close());

const factsOf = async ({ id }: FlowView, code: string): Promise<EventView['facts'][]> =>
  (await eventsOf(house, id)).filter((event) => event.code === code).map(({ facts }) => facts);

/** A flow that goes through both relays, each pipeline to a file, and an encoder that pushes to both for `seconds`. */
async function runFlow(name: string, seconds: number): Promise<{ flow: FlowView; encoder: Program; backup: string }> {
  const link = { protocol: 'srt', latencyMs: 120 };
  const input = { ...link, name: 'Camera' };
  const { id } = await house.created('/flows', { name, regionId: 'europe', maxBitrate: 10_000_000, input });
  const ports = await freePorts(2);
  const [primary, backup] = ports.map((port) => ({ host: '127.0.0.1', port }));
  const output = { ...link, name: 'Studio', regionId: 'europe', destinations: { primary, backup } };
  await house.created(`/flows/${id}/outputs`, output);
  await house.api('POST', `/flows/${id}/start`);
  const flow = await house.flow(id);
  await stage.keep(receive(ports[0] ?? 0, stage.file(`${name}-p.ts`)));
  await stage.keep(receive(ports[1] ?? 0, stage.file(`${name}-b.ts`)));
  const targets = inputPorts(flow).map((port) => ({ port }));
  const encoder = await stage.keep(pushWithFfmpeg(targets, stage.file(`${name}-sent.ts`), seconds));
  await untilFlowing(house, id);
  return { flow, encoder, backup: stage.file(`${name}-b.ts`) };
}

async function stop({ id }: FlowView): Promise<void> {
  await house.api('POST', `/flows/${id}/stop`);
  await stage.clear();
}

describe('a relay that hangs', () => {
  it('is replaced after 5 s; the other pipeline loses nothing, and the flow says what happened', async () => {
    const { flow, encoder, backup } = await runFlow('hang', 18);
    const hung = relayPid(house, 'europe-1');
    process.kill(hung, 'SIGSTOP');
    const since = performance.now();
    const next = await untilReplaced(house, 'europe-1', hung);
    measured('a hanging relay is replaced', `${msSince(since)} ms after it last said anything`);
    expect(next).not.toBe(hung);
    await until('the flow is told', async () => (await factsOf(flow, 'relay-hung')).length === 1);
    await encoder.ended;
    await expectWhole(backup, stage.file('hang-sent.ts'));
    await stop(flow);
  });

  it('in its SRT thread alone ends itself, for media stands still although it answers', async () => {
    const { flow } = await runFlow('thread', 30);
    const stuck = relayPid(house, 'europe-1');
    const since = performance.now();
    const hold = await stopThread(stuck, 'srt-io');
    // The kernel lets no process end while one of its threads is held.
    await until('the relay finds out', () =>
      relayLog(house, 'europe-1').some((line) => line.includes('the SRT I/O thread stands still')),
    );
    measured('a stuck SRT thread is noticed', `${msSince(since)} ms`);
    await hold.end('SIGKILL');
    await untilReplaced(house, 'europe-1', stuck);
    await until('the flow is told', async () =>
      (await factsOf(flow, 'relay-died')).some(({ cause }) => cause === 'crashed'),
    );
    await stop(flow);
  });
});

describe('a relay that keeps crashing', () => {
  it('is started again with growing pauses, and the flow says once that it keeps ending', async () => {
    const { flow } = await runFlow('loop', 60);
    // The deaths of the tests before count too: what matters is that it is said at the third and not again.
    let pid = relayPid(house, 'europe-1');
    for (let death = 0; death < 4; death++) {
      process.kill(pid, 'SIGSEGV');
      pid = await untilReplaced(house, 'europe-1', pid);
    }
    const told = await factsOf(flow, 'relay-keeps-ending');
    expect(told.length).toBeLessThanOrEqual(1);
    expect(house.words()).toMatch(/"waitMs":400/);
    await until('the input listens again', async () => {
      const { input } = await house.flow(flow.id);
      return input.status.primary.condition === 'listening' && (await house.flow(flow.id)).state === 'running';
    });
    await stop(flow);
  });
});
