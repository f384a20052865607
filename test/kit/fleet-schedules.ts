/**
 * Schedules of all that may happen to a house, drawn by a seed: operators, deaths, hangs, two servers at once, a database
 * from a backup, and messages that are lost, doubled, late or swapped. Fake timers must be on.
 */
import fc from 'fast-check';
import { expect, vi } from 'vitest';
import { Refusal } from '../../server/refusal.ts';
import { World } from './fleet-world.ts';
import type { Line } from './memory-link.ts';
import { flowDraft, outputDraft } from './samples.ts';

interface Step {
  readonly what: string;
  readonly flow: number;
  readonly relay: number;
}

type Deed = (world: World, flowId: string, relayId: string) => unknown;

/** A process that hangs takes nothing from its line. */
function lineOf(world: World, relayId: string): Line | undefined {
  const process = world.processes.get(relayId);
  return process?.hangs ? undefined : process?.line;
}

async function letASecondPass(world: World): Promise<void> {
  world.clock.turn(1000);
  await vi.advanceTimersByTimeAsync(1000);
  world.layGhost();
  world.fleet.tick();
}

/** All that may happen to a house: operators, broken lines, deaths, and messages that are lost, doubled or late. */
const deeds: Readonly<Record<string, Deed>> = {
  start: (world, flowId) => world.flows.start(flowId),
  stop: (world, flowId) => world.flows.stop(flowId),
  rename: (world, flowId) => world.flows.rename(flowId, { name: `Name ${world.clock.now()}` }),
  allow: (world, flowId) => world.flows.editInput(flowId, { allowlist: [`10.${world.clock.now() % 256}.0.0/16`] }),
  slowDown: (world, flowId) => world.flows.editInput(flowId, { latencyMs: 100 + (world.clock.now() % 900) }),
  addOutput: async (world, flowId) => {
    const { outputs } = await world.flows.get(flowId);
    const regionId = outputs.length % 2 === 0 ? 'europe' : 'asia';
    const port = 1 + outputs.length;
    const destinations = { primary: { host: 'p.example', port }, backup: { host: 'b.example', port } };
    await world.flows.addOutput(flowId, outputDraft({ regionId, destinations }));
  },
  deleteOutput: async (world, flowId) => {
    const [first] = (await world.flows.get(flowId)).outputs;
    if (first) await world.flows.deleteOutput(flowId, first.id);
  },
  delete: (world, flowId) => world.flows.delete(flowId),
  dial: (world, _, relayId) => {
    if (world.processes.get(relayId)?.hangs === false) world.dial(relayId);
  },
  cut: (world, _, relayId) => world.cut(relayId),
  kill: (world, _, relayId) => world.kill(relayId),
  hang: (world, _, relayId) => world.hang(relayId),
  restartServer: (world) => world.restartServer(),
  usurp: (world) => world.usurp(),
  keepBackup: (world) => world.keepBackup(),
  restoreBackup: (world) => world.restoreBackup(),
  publish: (world, _, relayId) => world.publish(relayId),
  deliver: (world, _, relayId) => lineOf(world, relayId)?.settle(),
  lose: (world, _, relayId) => {
    const line = lineOf(world, relayId);
    line?.toFar.shift();
    line?.toNear.shift();
  },
  double: (world, _, relayId) => {
    const line = lineOf(world, relayId);
    if (line) for (const way of [line.toFar, line.toNear]) way.push(...way.slice(0, 1));
  },
  /** A message is overtaken by the one behind it. */
  swap: (world, _, relayId) => {
    const line = lineOf(world, relayId);
    if (line) for (const way of [line.toFar, line.toNear]) way.unshift(...way.splice(1, 1));
  },
  late: (world, _, relayId) => {
    const line = lineOf(world, relayId);
    if (line) for (const way of [line.toFar, line.toNear]) way.push(...way.splice(0, 1));
  },
  second: (world) => letASecondPass(world),
  calm: (world) => world.calm(),
};

const relayIds = ['asia-1', 'asia-2', 'europe-1', 'europe-2'];

const step: fc.Arbitrary<Step> = fc.record({
  // Calm comes often, so that there is something that runs for the rest to disturb.
  what: fc.oneof(
    { arbitrary: fc.constantFrom(...Object.keys(deeds)), weight: 4 },
    { arbitrary: fc.constant('calm'), weight: 1 },
  ),
  flow: fc.nat(1),
  relay: fc.nat(relayIds.length - 1),
});

/** Throws as soon as a pipeline runs twice. */
async function run(steps: readonly Step[]): Promise<World> {
  const world = new World();
  for (const name of ['A', 'B']) {
    const { id } = await world.flows.create(flowDraft({ name }));
    await world.flows.addOutput(id, outputDraft());
  }
  const flowIds = world.store.all().map(({ id }) => id);
  for (const { what, flow, relay } of steps) {
    try {
      await deeds[what]?.(world, flowIds[flow] ?? '', relayIds[relay] ?? '');
    } catch (error) {
      // The rules may say no; that is no fault of the fleet.
      if (!(error instanceof Refusal)) throw error;
    }
    expect(world.doubles()).toEqual([]);
  }
  return world;
}

/** The world is left in peace for as long as it takes every time limit to pass. */
async function leaveInPeace(world: World): Promise<void> {
  for (let second = 0; second < 14; second++) {
    await letASecondPass(world);
    await world.calm();
  }
}

/** What runs equals what is wished once the world is left in peace, whatever happened before. */
export async function checkSchedules(options: { runs: number; seed?: number; path?: string }): Promise<number> {
  const { runs, seed = Date.now() & 0x7fffffff, path } = options;
  const property = fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), async (steps) => {
    const world = await run(steps);
    await leaveInPeace(world);
    expect(world.runs()).toEqual(world.wished());
    expect([...world.processes.keys()]).toEqual(expect.arrayContaining(world.needed()));
    expect(world.store.all().map((flow) => world.fleet.state(flow))).toEqual(
      world.store.all().map(({ running }) => (running ? 'running' : 'idle')),
    );
    vi.clearAllTimers();
  });
  await fc.assert(property, { numRuns: runs, seed, ...(path !== undefined && { path }) });
  return seed;
}
