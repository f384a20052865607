import { describe, expect, it } from 'vitest';
import type { Facts, RelayEventCode } from '../../relay/contract/messages.ts';
import { unitsOf } from '../../relay/media.ts';
import { Pipeline } from '../../relay/pipeline.ts';
import type { KeeperTools } from '../../relay/source-keeper.ts';
import { type Clock, createClock } from '../kit/clock.ts';
import { createBatch, createFakeProtocol, type FakeSink, type FakeSource, figures, peer } from '../kit/fake-ends.ts';
import { must } from '../kit/must.ts';
import { plan, sinkSpec, sourceSpec } from '../kit/samples.ts';

type Told = readonly [endpoint: string, code: RelayEventCode, facts: Facts];

const toolsOf = (clock: Clock, events: Told[] = []): KeeperTools => ({
  now: clock.now,
  random: () => 0.5,
  changed: () => {},
  tell: ({ endpoint, code, facts }) => events.push([endpoint, code, facts]),
});

const allowing = (allowlist: string[]) => plan({ source: sourceSpec({ allowlist }) });

function openPipeline(changes: Parameters<typeof plan>[0]) {
  const clock = createClock();
  const fake = createFakeProtocol();
  const events: Told[] = [];
  const pipeline = new Pipeline(plan(changes), fake.protocols, toolsOf(clock, events));
  const source = must(fake.sources[0], 'open source');
  return { clock, events, fake, pipeline, source, sinks: fake.sinks };
}

const three = [sinkSpec({ id: 'a' }), sinkSpec({ id: 'b' }), sinkSpec({ id: 'c' })];
const connect = (source: FakeSource, sinks: readonly FakeSink[]): void => {
  source.events.connected(peer);
  for (const sink of sinks) sink.events.connected(peer);
};

describe('one source to many sinks', () => {
  it('hands the very same batch to every sink', () => {
    const { sinks, source } = openPipeline({ sinks: three });
    connect(source, sinks);
    const batch = createBatch(7);
    source.events.data(batch);
    expect(sinks.map((sink) => sink.batches.length === 1 && sink.batches[0] === batch)).toEqual([true, true, true]);
  });

  it('loses nothing at the others when one sink is full', () => {
    const { pipeline, sinks, source } = openPipeline({ sinks: three });
    connect(source, sinks);
    const [, full] = sinks;
    if (full) full.room = 0;
    source.events.data(createBatch(7));
    const [, ...status] = pipeline.status();
    expect(status.map(({ id, packets, dropped }) => [id, packets, dropped])).toEqual([
      ['a', 7, 0],
      ['b', 0, 7],
      ['c', 7, 0],
    ]);
  });

  it('goes on at the others when one sink ends', () => {
    const { pipeline, sinks, source } = openPipeline({ sinks: three });
    connect(source, sinks);
    sinks[0]?.events.ended('peer-closed');
    source.events.data(createBatch(1));
    const [, ...status] = pipeline.status();
    expect(status.map(({ packets }) => packets)).toEqual([0, 1, 1]);
  });

  it('tells its source first and then its sinks in the order of the plan', () => {
    const { pipeline } = openPipeline({ sinks: three });
    expect(pipeline.status().map(({ id, role }) => `${role} ${id}`)).toEqual([
      'source input',
      'sink a',
      'sink b',
      'sink c',
    ]);
  });

  it('opens each end as the plan says', () => {
    const { fake } = openPipeline({
      source: sourceSpec({ port: 20_123 }),
      sinks: [sinkSpec({ host: 'studio.example', port: 77 })],
    });
    expect(fake.sources[0]?.spec).toEqual(sourceSpec({ port: 20_123 }));
    expect(fake.sinks[0]?.spec).toEqual(sinkSpec({ host: 'studio.example', port: 77 }));
  });

  it('tells a sink without media apart from one that is not confirmed', () => {
    const { clock, pipeline, sinks, source } = openPipeline({});
    connect(source, sinks);
    pipeline.tick(clock.turn(100));
    const before = pipeline.status()[1]?.condition;
    source.events.data(createBatch(1));
    pipeline.tick(clock.turn(100));
    pipeline.tick(clock.turn(500));
    expect([before, pipeline.status()[1]?.condition]).toEqual(['no-input', 'unacknowledged']);
  });
});

describe('the bandwidth of a flow', () => {
  it('is kept where the flow comes in', () => {
    const { sinks, source } = openPipeline({ maxBitrate: 80_000 });
    connect(source, sinks);
    source.events.data(createBatch(15, { bytes: 1000 }));
    expect(sinks[0]?.batches.map(unitsOf)).toEqual([10]);
  });

  it('counts at the source what it lets go', () => {
    const { pipeline, sinks, source } = openPipeline({ maxBitrate: 80_000 });
    connect(source, sinks);
    source.events.data(createBatch(15, { bytes: 1000 }));
    source.events.data(createBatch(4, { bytes: 1000 }));
    expect(pipeline.status().map(({ packets, dropped }) => [packets, dropped])).toEqual([
      [19, 9],
      [10, 0],
    ]);
  });

  it('is not kept a second time behind a hop', () => {
    const { sinks, source } = openPipeline({ maxBitrate: 80_000, sourceId: 'hop' });
    connect(source, sinks);
    source.events.data(createBatch(15, { bytes: 1000 }));
    expect(sinks[0]?.batches.map(unitsOf)).toEqual([15]);
  });

  it('raises a warning after three seconds above it', () => {
    const { clock, pipeline, source } = openPipeline({ maxBitrate: 80_000 });
    const over = [1, 2, 3].map(() => {
      source.events.data(createBatch(11, { bytes: 1000 }));
      pipeline.sample(clock.turn(1000));
      return pipeline.status()[0]?.over;
    });
    expect(over).toEqual([false, false, true]);
  });
});

describe('an allowlist that changes', () => {
  it('reaches the open source', () => {
    const { pipeline, source } = openPipeline({});
    pipeline.adopt(allowing(['192.0.2.0/24']));
    expect(source.allowlist).toEqual(['192.0.2.0/24']);
  });

  it('is the one with which a source opens later', () => {
    const clock = createClock();
    const fake = createFakeProtocol();
    fake.fault = 'port-unavailable';
    const pipeline = new Pipeline(plan(), fake.protocols, toolsOf(clock));
    pipeline.adopt(allowing(['192.0.2.0/24']));
    fake.fault = undefined;
    pipeline.tick(clock.turn(300));
    expect(fake.sources[0]?.spec?.allowlist).toEqual(['192.0.2.0/24']);
  });
});

it('closes all of its ends', () => {
  const { fake, pipeline } = openPipeline({ sinks: three });
  pipeline.close();
  expect([...fake.sources, ...fake.sinks].map(({ closed }) => closed)).toEqual([true, true, true, true]);
});

describe('what a pipeline tells', () => {
  it('is that a source went over the bandwidth and came back under it, once each', () => {
    const { clock, events, pipeline, source } = openPipeline({ maxBitrate: 80_000 });
    for (const messages of [11, 11, 11, 11, 1, 1]) {
      source.events.data(createBatch(messages, { at: clock.now() * 1000, bytes: 1000 }));
      pipeline.sample(clock.turn(1000));
    }
    const told = events.filter(([, code]) => code !== 'capped').map(([endpoint, code]) => [endpoint, code]);
    expect(told).toEqual([
      ['input', 'over-bandwidth'],
      ['input', 'bandwidth-ok'],
    ]);
  });

  it('is what the cap let go, every message of it, and not each second', () => {
    const { clock, events, pipeline, source } = openPipeline({ maxBitrate: 80_000 });
    for (let second = 0; second < 10; second++) {
      source.events.data(createBatch(15, { at: clock.now() * 1000, bytes: 1000 }));
      pipeline.sample(clock.turn(1000));
    }
    const dropped = events.flatMap(([, code, facts]) => (code === 'capped' ? [facts['dropped']] : []));
    expect(dropped).toEqual([5, 10, 20]);
  });

  it('is that its encoder came, went, and was let go when it closed', () => {
    const { events, pipeline, source } = openPipeline({});
    source.events.connected(peer);
    source.events.disconnected('peer-closed');
    source.events.connected(peer);
    pipeline.close();
    expect(events.map(([, code, facts]) => [code, facts['cause']])).toEqual([
      ['connected', undefined],
      ['disconnected', 'peer-closed'],
      ['connected', undefined],
      ['disconnected', 'closed-here'],
    ]);
  });

  it('is which peer was too slow, and for how much', () => {
    const { clock, events, pipeline, sinks, source } = openPipeline({ sinks: three });
    connect(source, sinks);
    if (sinks[1]) sinks[1].room = 3;
    source.events.data(createBatch(7));
    pipeline.sample(clock.turn(1000));
    const told = events.filter(([endpoint]) => endpoint === 'b').slice(1);
    expect(told).toEqual([['b', 'dropped-to-slow-peer', { dropped: 4, overMs: 0 }]]);
  });

  it('is what came to the port and was not of its protocol', () => {
    const { clock, events, pipeline, source } = openPipeline({});
    source.measured = figures({ malformed: 12 });
    pipeline.sample(clock.turn(1000));
    pipeline.sample(clock.turn(1000));
    expect(events).toEqual([['input', 'bad-media', { damaged: 12, fault: 'datagram', overMs: 0 }]]);
  });
});
