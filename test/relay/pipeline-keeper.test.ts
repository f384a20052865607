import { describe, expect, it } from 'vitest';
import { BLACK_BOX_BYTES, BlackBox } from '../../relay/black-box.ts';
import type { RelayHappening } from '../../relay/happening.ts';
import type { Protocols } from '../../relay/protocols.ts';
import { REOPEN_MS } from '../../relay/pipeline-keeper.ts';
import { Quarantine } from '../../relay/quarantine.ts';
import { Relay } from '../../relay/relay.ts';
import { createClock } from '../kit/clock.ts';
import { createBatch, createFakeProtocol, peer } from '../kit/fake-ends.ts';
import { relayNotes } from '../kit/relay-notes.ts';
import { plan, sinkSpec, sourceSpec } from '../kit/samples.ts';

const poisoned = { flowId: 'poisoned', revision: 1, plans: [plan({ sinks: [sinkSpec({ port: 6666 })] })] };
const healthy = { flowId: 'healthy', revision: 1, plans: [plan({ source: sourceSpec({ port: 20_001 }) })] };

/** A relay with two pipelines, the first of which throws on each batch that its sink is handed. */
function createRelay(throwing: 'send' | 'dial' | 'figures' | 'close' = 'send') {
  const clock = createClock();
  const fake = createFakeProtocol();
  const told: RelayHappening[] = [];
  const faults: unknown[] = [];
  const memory = new Uint8Array(BLACK_BOX_BYTES);
  let poison = true;
  const bug = (): never => {
    throw new TypeError('a secret may be in here');
  };
  const protocols: Protocols = {
    listen: (spec, maxBitrate, events) => {
      const source = fake.protocols.listen(spec, maxBitrate, events);
      if (spec.port === 20_000 && throwing === 'close') source.close = bug;
      return source;
    },
    dial: (spec, maxBitrate, events) => {
      const isPoisoned = poison && spec.protocol === 'srt' && spec.port === 6666;
      if (isPoisoned && throwing === 'dial') bug();
      const sink = fake.protocols.dial(spec, maxBitrate, events);
      if (isPoisoned && throwing === 'figures') sink.figures = bug;
      if (isPoisoned && (throwing === 'send' || throwing === 'close')) sink.send = bug;
      return sink;
    },
  };
  const relay = new Relay(protocols, {
    ...relayNotes(),
    now: clock.now,
    random: () => 0.5,
    box: new BlackBox(memory),
    quarantine: new Quarantine({ now: clock.now, save: () => {} }),
    tell: (happening) => told.push(happening),
    fault: (error) => faults.push(error),
  });
  relay.apply(poisoned);
  relay.apply(healthy);
  const newest = (port: number) => fake.sources.findLast(({ spec }) => spec?.port === port);
  const push = (port: number): void => {
    newest(port)?.events.connected(peer);
    for (const sink of fake.sinks) if (!sink.closed) sink.events.connected(peer);
    newest(port)?.events.data(createBatch(2));
  };
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 100) {
      clock.turn(100);
      relay.tick(clock.now());
    }
  };
  const conditionOf = (flowId: string) =>
    relay.report(clock.now(), (at) => at).endpoints.find((end) => end.flowId === flowId && end.role === 'source')
      ?.condition;
  const heal = (): void => void (poison = false);
  return { clock, conditionOf, fake, faults, heal, memory, newest, pass, push, relay, told };
}

/** What was told of pipelines; what was told of peers is left out. */
const ofPipelines = (told: readonly RelayHappening[]) => told.filter(({ code }) => code.startsWith('pipeline-'));

describe('a pipeline whose code throws', () => {
  it('is closed alone; the other one of its relay goes on', () => {
    const { conditionOf, fake, newest, pass, push, told } = createRelay();
    push(20_001);
    push(20_000);
    pass(100);
    push(20_001);
    expect([newest(20_000)?.closed, newest(20_001)?.closed]).toEqual([true, false]);
    expect([conditionOf('poisoned'), conditionOf('healthy')]).toEqual(['backing-off', 'flowing']);
    expect(fake.sinks.map(({ closed }) => closed)).toEqual([true, false]);
    expect(ofPipelines(told)).toEqual([
      {
        flowId: 'poisoned',
        pipeline: 'primary',
        endpoint: 'input',
        role: 'source',
        code: 'pipeline-failed',
        facts: { fault: 'TypeError', falls: 1 },
      },
    ]);
  });

  it('is opened again a second later', () => {
    const { conditionOf, heal, newest, pass, push } = createRelay();
    push(20_000);
    heal();
    pass(REOPEN_MS);
    expect([newest(20_000)?.closed, conditionOf('poisoned')]).toEqual([false, 'listening']);
    push(20_000);
    pass(100);
    expect(conditionOf('poisoned')).toBe('flowing');
  });

  it('stays closed after three falls in a minute, and that is said', () => {
    const { conditionOf, pass, push, told } = createRelay();
    for (let fall = 0; fall < 3; fall++) {
      push(20_000);
      pass(REOPEN_MS);
    }
    pass(120_000);
    expect(conditionOf('poisoned')).toBe('quarantined');
    expect(ofPipelines(told).map(({ code, facts }) => [code, facts])).toEqual([
      ['pipeline-failed', { fault: 'TypeError', falls: 1 }],
      ['pipeline-failed', { fault: 'TypeError', falls: 2 }],
      ['pipeline-failed', { fault: 'TypeError', falls: 3 }],
      ['pipeline-quarantined', { falls: 3, seconds: 60 }],
    ]);
  });

  it('is tried again when the flow is stopped and started', () => {
    const { conditionOf, heal, pass, push, relay } = createRelay();
    for (let fall = 0; fall < 3; fall++) {
      push(20_000);
      pass(REOPEN_MS);
    }
    relay.apply(poisoned);
    expect(conditionOf('poisoned')).toBe('quarantined');
    heal();
    relay.apply({ ...poisoned, revision: 2, plans: [] });
    relay.apply({ ...poisoned, revision: 3 });
    push(20_000);
    pass(100);
    expect(conditionOf('poisoned')).toBe('flowing');
  });

  it('is tried again when an operator changes the flow', () => {
    const { conditionOf, heal, pass, push, relay } = createRelay();
    for (let fall = 0; fall < 3; fall++) {
      push(20_000);
      pass(REOPEN_MS);
    }
    heal();
    relay.apply({ ...poisoned, revision: 2 });
    pass(100);
    push(20_000);
    pass(100);
    expect(conditionOf('poisoned')).toBe('flowing');
  });

  it.each(['dial', 'figures', 'close'] as const)('ends alone where it is %s that throws', (throwing) => {
    const { clock, conditionOf, fake, pass, push, relay } = createRelay(throwing);
    relay.sample(clock.now());
    push(20_000);
    pass(100);
    push(20_001);
    pass(100);
    expect([conditionOf('poisoned'), conditionOf('healthy')]).toEqual(['backing-off', 'flowing']);
    // The healthy one's, and in the last case the one whose closing is what throws.
    expect(fake.sources.filter(({ closed }) => !closed)).toHaveLength(throwing === 'close' ? 2 : 1);
    expect(() => relay.close()).not.toThrow();
  });

  it('tells the kind of bug and not its words, which may hold what came over the wire', () => {
    const { faults, push, told } = createRelay();
    push(20_000);
    expect(JSON.stringify(told)).not.toContain('secret');
    expect(faults).toHaveLength(1);
  });

  it('lets go of whoever watched it', () => {
    const { pass, push, relay } = createRelay();
    let closed = 0;
    relay.watch(
      { flowId: 'poisoned', pipeline: 'primary', ticket: 'ticket' },
      { send: () => {}, waiting: () => 0, close: () => closed++ },
    );
    push(20_000);
    pass(100);
    expect(closed).toBe(1);
    const viewer = { send: () => {}, waiting: () => 0, close: () => {} };
    expect(() => relay.watch({ flowId: 'poisoned', pipeline: 'primary', ticket: 'ticket' }, viewer)).toThrow(
      'has failed',
    );
  });

  it('leaves no name in the black box, for the process did not end in it', () => {
    const { memory, push } = createRelay();
    push(20_000);
    expect(new BlackBox(memory).begin()).toBeUndefined();
  });
});
