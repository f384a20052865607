import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Flow } from '../../db/model.ts';
import { SILENT_MS } from '../../server/relay-view.ts';
import { peer } from '../kit/fake-ends.ts';
import { World } from '../kit/fleet-world.ts';
import { must } from '../kit/must.ts';
import { flow, output, plan } from '../kit/samples.ts';

afterEach(() => void vi.useRealTimers());

/** Runs on asia-1 and asia-2. */
const running = (changes: Partial<Flow> = {}): Flow => flow({ running: true, outputs: [output()], ...changes });
const both = ['asia-1', 'asia-2'];

async function worldThatRuns(made = running()): Promise<World> {
  const world = new World([made]);
  world.fleet.reconcile();
  await world.calm();
  return world;
}

const stateIn = (world: World): string =>
  world.store
    .all()
    .map((it) => world.fleet.state(it))
    .join();

/** What the logs of flows were told, in order. */
const codesOf = ({ noted }: World) => noted.map((line) => line.split(' ')[1]);

describe('a running flow', () => {
  it('has the relays started that it needs', () => {
    const world = new World([running()]);
    world.fleet.reconcile();
    expect([...world.processes.keys()]).toEqual(both);
  });

  it('is starting until every relay that it needs runs it', async () => {
    const world = new World([running()]);
    world.fleet.reconcile();
    await world.connect('asia-1');
    expect(stateIn(world)).toBe('starting');
    await world.connect('asia-2');
    expect(stateIn(world)).toBe('running');
  });

  it('runs where it was placed', async () => {
    const world = await worldThatRuns();
    expect(world.runs()).toEqual({
      'asia-1': ['listens 20000 to 0.0.0.0/0', 'sends output-1 to 198.51.100.1:9000'],
      'asia-2': ['listens 20001 to 0.0.0.0/0'],
    });
  });

  it('starts no relay for an idle flow', () => {
    const world = new World([flow({ outputs: [output()] })]);
    world.fleet.reconcile();
    expect([...world.processes.keys()]).toEqual([]);
  });

  it('is stopping until every relay has let go of it', async () => {
    const world = await worldThatRuns();
    await world.flows.stop('flow-1');
    expect(stateIn(world)).toBe('stopping');
    await world.calm();
    expect(stateIn(world)).toBe('idle');
  });

  it('leaves nothing open once stopped', async () => {
    const world = await worldThatRuns();
    await world.flows.stop('flow-1');
    await world.calm();
    expect(world.runs()).toEqual({ 'asia-1': [], 'asia-2': [] });
  });

  it('is heard of by relays once for each change, not once for each look', async () => {
    const world = await worldThatRuns();
    world.fleet.reconcile();
    world.fleet.tick();
    expect(both.map((relayId) => world.processes.get(relayId)?.line?.toFar)).toEqual([[], []]);
  });

  it('goes on at its relays when the server is started anew', async () => {
    const world = await worldThatRuns();
    const before = both.map((relayId) => world.processes.get(relayId)?.ends.sources[0]);
    world.restartServer();
    expect(stateIn(world)).toBe('starting');
    await world.calm();
    expect(stateIn(world)).toBe('running');
    expect(both.map((relayId) => world.processes.get(relayId)?.ends.sources)).toEqual(before.map((source) => [source]));
  });
});

describe('a relay that says hello', () => {
  it('is told to stop a flow that was stopped while no server listened', async () => {
    const world = await worldThatRuns();
    await world.store.save(running({ running: false, revision: 2 }));
    world.restartServer();
    await world.calm();
    expect(world.runs()).toEqual({ 'asia-1': [], 'asia-2': [] });
  });

  it('is told to stop a flow that was deleted while no server listened', async () => {
    const world = await worldThatRuns();
    await world.store.remove('flow-1');
    world.restartServer();
    await world.calm();
    expect(world.runs()).toEqual({ 'asia-1': [], 'asia-2': [] });
  });

  it('is told to stop a flow that is not placed on it', async () => {
    const world = await worldThatRuns();
    world.applyBehind('europe-1', { flowId: 'flow-1', revision: 1, plans: [plan()] });
    await world.calm();
    expect(world.runs()['europe-1']).toEqual([]);
  });

  it('is refused with another version of the contract, in words that say what to do', async () => {
    const world = new World([running()]);
    world.fleet.reconcile();
    await world.dial('asia-1', { version: 99 }).settle();
    expect(world.log).toContain('Relay asia-1 speaks contract 99, this server 2. Upgrade the older one.');
  });

  it('ends its older connection', async () => {
    const world = await worldThatRuns();
    const process = world.processes.get('asia-1');
    const older = process?.line;
    if (process) process.line = undefined;
    await world.connect('asia-1');
    expect([older?.isCut(), process?.line?.isCut()]).toEqual([true, false]);
  });

  it('is not lost by the end of its older connection', async () => {
    const world = await worldThatRuns();
    const older = must(world.processes.get('asia-1')?.line?.near, 'line');
    await world.connect('asia-1');
    world.fleet.left('asia-1', older);
    await world.flows.stop('flow-1');
    await world.calm();
    expect(stateIn(world)).toBe('idle');
  });
});

describe('a relay that is not heard of', () => {
  it('still runs its flows when only its line broke', async () => {
    const world = await worldThatRuns();
    world.cut('asia-1');
    expect(stateIn(world)).toBe('running');
  });

  it('is lost once it was silent for 3.5 s', async () => {
    const world = await worldThatRuns();
    world.clock.turn(SILENT_MS);
    expect(world.fleet.isLost(running())).toBe(false);
    world.clock.turn(1);
    expect(world.fleet.isLost(running())).toBe(true);
  });

  it('is found again with its next report', async () => {
    const world = await worldThatRuns();
    world.clock.turn(SILENT_MS + 1);
    await world.calm();
    expect(world.fleet.isLost(running())).toBe(false);
  });

  it('is listed with its process, until it falls silent', async () => {
    const world = await worldThatRuns();
    expect(world.fleet.relays()).toMatchObject(
      both.map((id) => ({ id, isNeeded: true, isHeard: true, state: 'reporting' })),
    );
    world.clock.turn(SILENT_MS + 1);
    expect(world.fleet.relays().map(({ state, process }) => [state, process])).toEqual([
      ['lost', undefined],
      ['lost', undefined],
    ]);
    world.restartServer();
    expect(world.fleet.relays().map(({ isHeard }) => isHeard)).toEqual([false, false]);
  });

  it('has its last words left out', async () => {
    const world = await worldThatRuns();
    expect(world.fleet.endpoints(running()).map(({ id, pipeline }) => `${pipeline} ${id}`)).toEqual([
      'primary input',
      'primary output-1',
      'backup input',
    ]);
    world.clock.turn(SILENT_MS + 1);
    expect(world.fleet.endpoints(running())).toEqual([]);
  });

  it('is ended when it hangs for 5 s and is needed', async () => {
    const world = await worldThatRuns();
    world.pass(4999);
    expect(world.killed).toEqual([]);
    world.pass(1);
    expect(world.killed).toEqual(both);
  });

  it('is not ended when it was the server that stood still', async () => {
    const world = await worldThatRuns();
    world.clock.turn(60_000);
    world.fleet.tick();
    expect(world.noted).toEqual([]);
    world.pass(4000);
    expect(world.killed).toEqual([]);
  });

  it('is not ended when nothing needs it', async () => {
    const world = await worldThatRuns();
    await world.flows.stop('flow-1');
    await world.calm();
    world.pass(60_000);
    expect(world.killed).toEqual([]);
  });

  // A finding: nobody ends it, so that the media goes on and the flow is stopping for ever.
  it('is ended when it hangs on to a flow that was stopped', async () => {
    const world = await worldThatRuns();
    for (const relayId of both) world.cut(relayId);
    await world.flows.stop('flow-1');
    world.pass(5000);
    expect(world.killed).toEqual(both);
  });
});

describe('a relay whose process dies', () => {
  it('runs nothing, and is started again', async () => {
    const world = await worldThatRuns();
    world.kill('asia-1');
    expect([stateIn(world), world.processes.has('asia-1')]).toEqual(['starting', true]);
  });

  it('gets its flows back with its hello', async () => {
    const world = await worldThatRuns();
    world.kill('asia-1');
    await world.calm();
    expect([stateIn(world), world.runs()]).toEqual(['running', world.wished()]);
  });

  it('takes a flow that was stopped with it', async () => {
    const world = await worldThatRuns();
    await world.flows.stop('flow-1');
    for (const relayId of both) world.kill(relayId);
    expect([stateIn(world), [...world.processes.keys()]]).toEqual(['idle', []]);
  });

  // A finding: its 10 s of silence are over the moment it is started after the longest wait, so that it is killed for ever.
  it('has its 10 s to say hello from when it is started', async () => {
    const world = await worldThatRuns();
    world.canStart = false;
    world.kill('asia-1');
    for (let second = 0; second < 9; second++) {
      world.pass(1000);
      await world.report('asia-2');
    }
    world.canStart = true;
    world.fleet.reconcile();
    world.pass(1000);
    expect(world.killed).toEqual([]);
  });

  it.each([
    ['killed', 'relay-died', 1, { relay: 'asia-1', pipeline: 'primary', cause: 'killed', waitMs: 100 }],
    ['crashed', 'relay-keeps-ending', 3, { relay: 'asia-1', pipeline: 'primary', cause: 'crashed', deaths: 3 }],
  ] as const)('is told to every flow on it: %s is %s', async (cause, code, deaths, facts) => {
    const world = await worldThatRuns();
    world.fleet.died('asia-1', { cause, deaths, waitMs: 100 });
    expect(world.noted).toEqual([`flow-1 ${code} ${JSON.stringify(facts)}`]);
  });

  it('is told no more once it is known to keep dying', async () => {
    const world = await worldThatRuns();
    for (const deaths of [3, 4, 3]) {
      world.fleet.died('asia-1', { cause: 'crashed', deaths, waitMs: 800 });
      await world.calm();
    }
    expect(codesOf(world)).toEqual(['relay-keeps-ending']);
    for (let second = 0; second <= 60; second++) {
      world.pass(1000);
      await world.calm();
    }
    expect(codesOf(world)).toEqual(['relay-keeps-ending', 'relay-back']);
  });

  it('because it hung is told once, as hanging', async () => {
    const world = await worldThatRuns();
    world.hang('asia-1');
    for (let second = 0; second < 5; second++) {
      world.pass(1000);
      await world.report('asia-2');
    }
    await world.calm();
    expect(codesOf(world)).toEqual(['relay-lost', 'relay-hung', 'relay-back']);
    expect(world.killed).toEqual(['asia-1']);
  });
});

describe('an apply', () => {
  // A backup that was put back and changed again has the relay's revision, and another content.
  it('is sent for the same revision where its content is another', async () => {
    const world = await worldThatRuns();
    world.keepBackup();
    await world.flows.editInput('flow-1', { allowlist: ['192.0.2.0/24'] });
    await world.calm();
    world.restoreBackup();
    await world.flows.editInput('flow-1', { allowlist: ['198.51.100.0/24'] });
    await world.calm();
    await world.calm();
    expect(world.runs()).toEqual(world.wished());
  });

  it('that fails is told in the log and tried again with the next report', async () => {
    const world = new World([running()]);
    world.fleet.reconcile();
    const line = world.dial('asia-1');
    line.far.receive(line.toFar.splice(0)[0] ?? '{"re":0,"error":""}');
    const relay = must(world.processes.get('asia-1')?.relay, 'relay');
    const apply = vi.spyOn(relay, 'apply').mockImplementationOnce(() => {
      throw new Error('No ports today.');
    });
    await line.settle();
    expect(world.log.filter((words) => words.startsWith('apply failed'))).toEqual([
      'apply failed {"relayId":"asia-1","flowId":"flow-1","revision":1,"reason":"No ports today."}',
    ]);
    await world.report('asia-1');
    expect([apply.mock.calls.length, world.runs()['asia-1']]).toEqual([2, world.wished()['asia-1']]);
  });

  it('whose answer is lost is tried again after 5 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const world = new World([running()]);
    world.fleet.reconcile();
    const line = world.dial('asia-1');
    line.near.receive(line.toNear.splice(0)[0] ?? '');
    line.toFar.length = 0;
    await world.report('asia-1');
    expect(world.runs()['asia-1']).toEqual([]);
    await vi.advanceTimersByTimeAsync(5000);
    await world.report('asia-1');
    expect(world.runs()['asia-1']).toEqual(world.wished()['asia-1']);
  });

  it('is not sent twice while the first is on its way', () => {
    const world = new World([running()]);
    world.fleet.reconcile();
    const line = world.dial('asia-1');
    for (const text of line.toNear.splice(0)) line.near.receive(text);
    world.fleet.reconcile();
    world.fleet.reconcile();
    expect(line.toFar.filter((text) => text.includes('"kind":"apply"'))).toHaveLength(1);
  });

  // A finding: a database restored from a backup is older than what relays run; they ignore it, and nothing converges.
  it.each([
    ['stop', false, { 'asia-1': [], 'asia-2': [] }],
    [
      'restart',
      true,
      {
        'asia-1': ['listens 20000 to 0.0.0.0/0', 'sends output-1 to 198.51.100.1:7'],
        'asia-2': ['listens 20001 to 0.0.0.0/0'],
      },
    ],
  ])('makes relays %s a flow whose revision went back', async (_, wish, runs) => {
    const world = await worldThatRuns(running({ revision: 9 }));
    const outputs = [output({ destinations: { primary: { host: '198.51.100.1', port: 7 } } })];
    await world.store.save(running({ running: wish, revision: 3, outputs }));
    world.restartServer();
    for (let round = 0; round < 4; round++) await world.calm();
    expect(world.runs()).toEqual(runs);
  });
});

describe('waiting for a flow to settle', () => {
  it('is over at once for an idle flow', async () => {
    const world = new World([flow()]);
    await expect(world.fleet.settle('flow-1')).resolves.toBeUndefined();
  });

  it('is over at once for a flow that is gone', async () => {
    const world = new World([]);
    await expect(world.fleet.settle('flow-1')).resolves.toBeUndefined();
  });

  it('is over when the flow runs', async () => {
    const world = new World([running()]);
    const settled = vi.fn<() => void>();
    const waiting = world.fleet.settle('flow-1').then(settled);
    await world.connect('asia-1');
    expect(settled).not.toHaveBeenCalled();
    await world.connect('asia-2');
    await waiting;
    expect(stateIn(world)).toBe('running');
  });

  it('is over after 3 s when the relays do not come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const world = new World([running()]);
    const waiting = world.fleet.settle('flow-1');
    await vi.advanceTimersByTimeAsync(3000);
    await expect(waiting).resolves.toBeUndefined();
  });
});

describe('those who watch', () => {
  it('hear which flows changed', async () => {
    const world = await worldThatRuns();
    const heard: string[][] = [];
    world.fleet.subscribe((flowIds) => heard.push([...flowIds]));
    world.processes.get('asia-1')?.ends.sources[0]?.events.connected(peer);
    await world.report('asia-1');
    expect(heard).toEqual([['flow-1']]);
  });

  it('hear nothing once they have left', async () => {
    const world = await worldThatRuns();
    const heard = vi.fn<() => void>();
    world.fleet.subscribe(heard)();
    await world.report('asia-1');
    expect(heard).not.toHaveBeenCalled();
  });

  // A finding: no event comes when time alone makes a relay silent, so pages show the old state until they look by themselves.
  it('hear when a relay falls silent', async () => {
    const world = await worldThatRuns();
    const heard = vi.fn<() => void>();
    world.fleet.subscribe(heard);
    world.clock.turn(SILENT_MS + 1);
    world.fleet.tick();
    expect(heard).toHaveBeenCalled();
  });
});

describe('what befalls a relay', () => {
  it('stands in the log of each running flow that needs it: silent, ended, gone, back', async () => {
    const world = await worldThatRuns();
    world.pass(SILENT_MS + 1);
    await world.report('asia-1');
    world.kill('asia-1');
    world.fleet.reconcile();
    await world.calm();
    const noted = world.noted.filter((line) => line.includes('asia-1')).map((line) => line.split(' ').slice(0, 2));
    expect(noted).toEqual([
      ['flow-1', 'relay-lost'],
      ['flow-1', 'relay-back'],
      ['flow-1', 'relay-died'],
      ['flow-1', 'relay-back'],
    ]);
    expect(world.noted[0]).toMatch(/"pipeline":"(primary|backup)"/);
  });

  it('is no matter of a flow that does not run', () => {
    const world = new World([flow({ running: false })]);
    world.fleet.died('asia-1', { cause: 'killed', deaths: 1, waitMs: 100 });
    expect(world.noted).toEqual([]);
  });
});
