import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../relay/contract/messages.ts';
import type { Protocols } from '../../relay/protocols.ts';
import { Relay } from '../../relay/relay.ts';
import { createClock } from '../kit/clock.ts';
import { createBatch, createFakeProtocol, figures, peer } from '../kit/fake-ends.ts';
import { relayNotes } from '../kit/relay-notes.ts';
import { plan, sinkSpec, sourceSpec } from '../kit/samples.ts';

function createRelay() {
  const clock = createClock();
  const fake = createFakeProtocol();
  const relay = new Relay(fake.protocols, { now: clock.now, random: () => 0.5, ...relayNotes() });
  const openSources = () => fake.sources.filter(({ closed }) => !closed);
  return { clock, fake, openSources, relay };
}

describe('applying a wish', () => {
  it('opens each pipeline', () => {
    const { fake, relay } = createRelay();
    relay.apply({
      flowId: 'f',
      revision: 3,
      plans: [plan(), plan({ pipeline: 'backup', source: sourceSpec({ port: 20_001 }) })],
    });
    expect(fake.sources.map(({ spec }) => spec?.port)).toEqual([20_000, 20_001]);
    expect(relay.applied()).toEqual([{ flowId: 'f', revision: 3 }]);
  });

  it('changes nothing the second time', () => {
    const { fake, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 3, plans: [plan()] });
    relay.apply({ flowId: 'f', revision: 3, plans: [plan()] });
    expect([fake.sources.length, fake.sinks.length, fake.sources[0]?.closed]).toEqual([1, 1, false]);
  });

  it('keeps the pipeline under a new revision of the same plan', () => {
    const { fake, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 3, plans: [plan()] });
    relay.apply({ flowId: 'f', revision: 4, plans: [plan()] });
    expect(fake.sources).toHaveLength(1);
    expect(relay.applied()).toEqual([{ flowId: 'f', revision: 4 }]);
  });

  it('ignores an older revision', () => {
    const { openSources, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 3, plans: [plan()] });
    relay.apply({ flowId: 'f', revision: 2, plans: [] });
    expect(openSources()).toHaveLength(1);
    expect(relay.applied()).toEqual([{ flowId: 'f', revision: 3 }]);
  });

  it('keeps the pipeline open when only the allowlist changes', () => {
    const { fake, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 1, plans: [plan()] });
    relay.apply({ flowId: 'f', revision: 2, plans: [plan({ source: sourceSpec({ allowlist: ['192.0.2.0/24'] }) })] });
    expect(fake.sources.map(({ closed, allowlist }) => ({ closed, allowlist }))).toEqual([
      { closed: false, allowlist: ['192.0.2.0/24'] },
    ]);
  });

  it('keeps the second allowlist when a third plan differs in nothing else', () => {
    const { fake, relay } = createRelay();
    for (const [index, range] of ['10.0.0.0/8', '192.0.2.0/24', '198.51.100.0/24'].entries())
      relay.apply({ flowId: 'f', revision: index, plans: [plan({ source: sourceSpec({ allowlist: [range] }) })] });
    expect(fake.sources.map(({ allowlist }) => allowlist)).toEqual([['198.51.100.0/24']]);
  });

  it.each([
    ['port', plan({ source: sourceSpec({ port: 20_009 }) })],
    ['latency', plan({ source: sourceSpec({ latencyMs: 500 }) })],
    ['key', plan({ source: sourceSpec({ encryption: { passphrase: '0123456789', keyLength: 128 } }) })],
    ['bandwidth', plan({ maxBitrate: 20_000_000 })],
    ['destination', plan({ sinks: [sinkSpec({ port: 9001 })] })],
    ['list of outputs', plan({ sinks: [sinkSpec(), sinkSpec({ id: 'output-2' })] })],
  ])('reopens a pipeline whose %s differs', (_, next) => {
    const { fake, openSources, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 1, plans: [plan()] });
    relay.apply({ flowId: 'f', revision: 2, plans: [next] });
    expect(fake.sources.map(({ closed }) => closed)).toEqual([true, false]);
    expect(openSources()[0]?.spec).toEqual(next.source);
  });

  it('frees the old port before it takes the new one', () => {
    const { fake, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 1, plans: [plan()] });
    let wasClosed: boolean | undefined;
    const { protocols } = createFakeProtocol();
    Object.assign(fake.protocols, {
      listen: (...args: Parameters<Protocols['listen']>) => {
        wasClosed = fake.sources[0]?.closed;
        return protocols.listen(...args);
      },
    });
    relay.apply({ flowId: 'f', revision: 2, plans: [plan({ maxBitrate: 20_000_000 })] });
    expect(wasClosed).toBe(true);
  });

  it('closes all of a flow with an empty wish, and forgets it', () => {
    const { openSources, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 1, plans: [plan()] });
    relay.apply({ flowId: 'f', revision: 2, plans: [] });
    expect([openSources(), relay.applied()]).toEqual([[], []]);
  });

  it('leaves other flows alone', () => {
    const { openSources, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 1, plans: [plan()] });
    relay.apply({ flowId: 'g', revision: 1, plans: [plan({ source: sourceSpec({ port: 20_002 }) })] });
    relay.apply({ flowId: 'f', revision: 2, plans: [] });
    expect(openSources().map(({ spec }) => spec?.port)).toEqual([20_002]);
  });

  it('closes the pipeline that a wish leaves out', () => {
    const { openSources, relay } = createRelay();
    const backup = plan({ pipeline: 'backup', source: sourceSpec({ port: 20_001 }) });
    relay.apply({ flowId: 'f', revision: 1, plans: [plan(), backup] });
    relay.apply({ flowId: 'f', revision: 2, plans: [backup] });
    expect(openSources().map(({ spec }) => spec?.port)).toEqual([20_001]);
  });
});

describe('the report of a relay', () => {
  it('is one that the server understands', () => {
    const { clock, fake, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 1, plans: [plan({ sinks: [sinkSpec(), sinkSpec({ id: 'output-2' })] })] });
    fake.sources[0]?.events.connected(peer);
    fake.sources[0]?.events.data(createBatch(3));
    if (fake.sources[0]) fake.sources[0].measured = figures({ lost: 1 });
    fake.sinks[0]?.events.ended('passphrase-wrong');
    relay.tick(clock.turn(100));
    relay.sample(clock.turn(900));
    const sent: unknown = JSON.parse(JSON.stringify(relay.report(clock.now(), (at) => at + 1_700_000_000_000)));
    expect(reportSchema.parse(sent)).toEqual(sent);
  });

  it('has every time in epoch ms', () => {
    const { clock, fake, relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 1, plans: [plan()] });
    fake.sinks[0]?.events.ended('no-answer');
    relay.tick(clock.turn(100));
    const { at, endpoints } = relay.report(clock.now(), (time) => time + 1_000_000);
    expect([at, endpoints[1]?.since, endpoints[1]?.retryAt, endpoints[1]?.incident?.at]).toEqual([
      1_000_100, 1_000_100, 1_000_250, 1_000_000,
    ]);
  });

  it('has no endpoints once the flow has stopped', () => {
    const { relay } = createRelay();
    relay.apply({ flowId: 'f', revision: 1, plans: [plan()] });
    relay.apply({ flowId: 'f', revision: 2, plans: [] });
    expect(relay.report(0, (at) => at)).toEqual({ at: 0, applied: [], endpoints: [] });
  });
});

it('closes every end when the relay leaves', () => {
  const { fake, relay } = createRelay();
  relay.apply({ flowId: 'f', revision: 1, plans: [plan()] });
  relay.apply({ flowId: 'g', revision: 1, plans: [plan({ source: sourceSpec({ port: 20_002 }) })] });
  relay.close();
  expect([...fake.sources, ...fake.sinks].every(({ closed }) => closed)).toBe(true);
});
