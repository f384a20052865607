import { describe, expect, it } from 'vitest';
import type { IncidentCode } from '../../relay/contract/messages.ts';
import type { FlvTag } from '../../relay/formats/flv-tag.ts';
import { EndpointFault } from '../../relay/media.ts';
import { SinkKeeper } from '../../relay/sink-keeper.ts';
import { createClock } from '../kit/clock.ts';
import { createBatch, createTags, FakeSink, figures, peer } from '../kit/fake-ends.ts';
import { must } from '../kit/must.ts';

function openKeeper({ faults = [] as IncidentCode[], hasInput = true, headers = [] as FlvTag[] } = {}) {
  const clock = createClock();
  const opened: FakeSink[] = [];
  const keeper = new SinkKeeper(
    {
      id: 'output-1',
      protocol: 'srt',
      target: peer,
      open: (events) => {
        const fault = faults.shift();
        if (fault) throw new EndpointFault(fault, undefined);
        const sink = new FakeSink(events);
        opened.push(sink);
        return sink;
      },
      hasInput: () => hasInput,
      dropped: () => {},
      headers: () => headers,
    },
    { now: clock.now, random: () => 0.5, changed: () => {}, tell: () => {} },
  );
  const sink = (): FakeSink => must(opened.at(-1), 'open sink');
  const turn = (ms: number): void => keeper.tick(clock.turn(ms));
  /** A second passes, at whose end the peer has acknowledged so much. */
  const acknowledge = (acknowledged: number): void => {
    sink().measured = figures({ acknowledged });
    keeper.sample(clock.turn(1000));
    keeper.tick(clock.now());
  };
  return { acknowledge, clock, keeper, opened, sink, turn };
}

describe('the state of a sink', () => {
  it('is dialling at first', () => {
    const { keeper } = openKeeper();
    expect(keeper.status()).toMatchObject({ id: 'output-1', role: 'sink', state: 'waiting', condition: 'dialling' });
  });

  it('has no input while the source brings none', () => {
    const { keeper, sink, turn } = openKeeper({ hasInput: false });
    sink().events.connected(peer);
    turn(100);
    expect(keeper.status()).toMatchObject({ state: 'waiting', condition: 'no-input', peer });
  });

  it('is unacknowledged while the peer confirms nothing of what is sent', () => {
    const { acknowledge, keeper, sink, turn } = openKeeper();
    sink().events.connected(peer);
    keeper.send(createBatch(1));
    acknowledge(0);
    expect(keeper.status()).toMatchObject({ state: 'waiting', condition: 'no-input', peer });
    turn(500);
    expect(keeper.status()).toMatchObject({ state: 'waiting', condition: 'unacknowledged', peer });
  });

  it('is connected once the peer confirms media', () => {
    const { acknowledge, keeper, sink } = openKeeper();
    sink().events.connected(peer);
    acknowledge(1);
    expect(keeper.status()).toMatchObject({ state: 'connected', condition: 'flowing', since: 1000, peer });
  });

  it('is unacknowledged when the peer has confirmed nothing for 3 s', () => {
    const { acknowledge, keeper, sink } = openKeeper();
    sink().events.connected(peer);
    acknowledge(5);
    acknowledge(5);
    acknowledge(5);
    expect(keeper.status().condition).toBe('flowing');
    acknowledge(5);
    expect(keeper.status()).toMatchObject({ state: 'waiting', condition: 'unacknowledged' });
  });

  it('is backing off when the call ended, with the reason and the time of the next', () => {
    const { clock, keeper, sink, turn } = openKeeper();
    sink().events.connected(peer);
    clock.turn(1000);
    sink().events.ended('peer-closed');
    turn(0);
    expect(keeper.status()).toMatchObject({
      state: 'waiting',
      condition: 'backing-off',
      peer: undefined,
      retryAt: 1250,
      incident: { code: 'peer-closed', at: 1000, peer },
    });
  });

  it('is not connected by what the peer confirmed before the reconnect', () => {
    const { acknowledge, keeper, sink, turn } = openKeeper();
    sink().events.connected(peer);
    acknowledge(5);
    sink().events.ended('peer-closed');
    turn(300);
    sink().events.connected(peer);
    turn(0);
    turn(500);
    expect(keeper.status()).toMatchObject({ state: 'waiting', condition: 'unacknowledged' });
  });
});

describe('dialling again', () => {
  it('waits for the time that was told', () => {
    const { opened, sink, turn } = openKeeper();
    sink().events.ended('no-answer');
    turn(249);
    expect(opened).toHaveLength(1);
  });

  it('dials at that time', () => {
    const { keeper, opened, sink, turn } = openKeeper();
    sink().events.ended('no-answer');
    turn(250);
    expect(opened).toHaveLength(2);
    expect(keeper.status()).toMatchObject({ condition: 'dialling', retryAt: undefined });
  });

  it('goes on when the system refuses even the attempt', () => {
    const { keeper, opened, turn } = openKeeper({ faults: ['cannot-dial'] });
    keeper.tick(0);
    expect(keeper.status()).toMatchObject({
      condition: 'backing-off',
      incident: { code: 'cannot-dial' },
      retryAt: 250,
    });
    turn(250);
    expect(opened).toHaveLength(1);
  });

  it('waits longer the longer the destination is away', () => {
    const { keeper, sink, turn } = openKeeper();
    sink().events.ended('no-answer');
    turn(60_000);
    sink().events.ended('no-answer');
    expect(keeper.status().retryAt).toBe(61_800);
  });

  it('does not hear a sink that was followed by another', () => {
    const { keeper, opened, sink, turn } = openKeeper();
    sink().events.ended('no-answer');
    turn(250);
    opened[0]?.events.connected(peer);
    opened[0]?.events.ended('peer-closed');
    turn(0);
    expect(keeper.status()).toMatchObject({ condition: 'dialling', incident: { code: 'no-answer' } });
  });

  it('does not hear a sink that has ended, while it backs off', () => {
    const { keeper, opened, sink, turn } = openKeeper();
    sink().events.ended('no-answer');
    opened[0]?.events.connected(peer);
    turn(0);
    expect(keeper.status().peer).toBeUndefined();
  });

  // A finding: an end that is told before `open` returns is heard, and then the dead sink is kept for ever.
  it('goes on when a call ends before it has begun', () => {
    const clock = createClock();
    let calls = 0;
    const keeper = new SinkKeeper(
      {
        id: 'output-1',
        protocol: 'srt',
        target: peer,
        open: (events) => {
          calls++;
          events.ended('no-answer');
          return new FakeSink(events);
        },
        hasInput: () => true,
        dropped: () => {},
        headers: () => [],
      },
      { now: clock.now, random: () => 0.5, changed: () => {}, tell: () => {} },
    );
    keeper.tick(clock.turn(60_000));
    expect(calls).toBe(2);
  });
});

describe('sending', () => {
  it('begins with the headers in force, where there are any', () => {
    const { tags: headers } = createTags(1);
    const { keeper, sink } = openKeeper({ headers: [...headers] });
    sink().events.connected(peer);
    const batch = createTags(2);
    keeper.send(batch);
    expect(sink().batches).toEqual([expect.objectContaining({ container: 'flv', tags: headers }), batch]);
  });

  it('hands the very batch to the sink', () => {
    const { keeper, sink } = openKeeper();
    sink().events.connected(peer);
    const batch = createBatch(3);
    keeper.send(batch);
    expect(sink().batches).toEqual([batch]);
  });

  it('counts messages and bit/s', () => {
    const { clock, keeper, sink } = openKeeper();
    sink().events.connected(peer);
    keeper.send(createBatch(3, { bytes: 1000 }));
    keeper.sample(clock.turn(1000));
    expect(keeper.status()).toMatchObject({ packets: 3, bitrate: 24_000, dropped: 0 });
  });

  it('counts what the sink did not take as dropped, and only the rest as sent', () => {
    const { clock, keeper, sink } = openKeeper();
    sink().events.connected(peer);
    sink().room = 2;
    keeper.send(createBatch(5, { bytes: 1000 }));
    keeper.sample(clock.turn(1000));
    expect(keeper.status()).toMatchObject({ packets: 2, bitrate: 16_000, dropped: 3 });
  });

  it('sends nothing before the call is answered', () => {
    const { keeper, sink } = openKeeper();
    keeper.send(createBatch(1));
    expect(sink().batches).toEqual([]);
  });
});

describe('the totals of a sink', () => {
  it('outlive a reconnect', () => {
    const { clock, keeper, sink, turn } = openKeeper();
    sink().events.connected(peer);
    sink().room = 1;
    keeper.send(createBatch(3));
    sink().measured = figures({ dropped: 10 });
    keeper.sample(clock.turn(1000));
    sink().events.ended('peer-silent');
    turn(300);
    sink().events.connected(peer);
    sink().measured = figures({ dropped: 5 });
    keeper.sample(clock.turn(1000));
    expect(keeper.status()).toMatchObject({ packets: 1, dropped: 17 });
  });
});

describe('closing a sink', () => {
  it('hangs up', () => {
    const { keeper, sink } = openKeeper();
    keeper.close();
    expect(sink().closed).toBe(true);
  });

  it('does not hear the end that follows', () => {
    const { keeper, opened } = openKeeper();
    keeper.close();
    opened[0]?.events.ended('peer-closed');
    expect(keeper.status().incident).toBeUndefined();
  });

  // A finding: a keeper that was closed while it backed off, or at all, dials again at its next tick.
  it('stays closed whatever the clock does', () => {
    const { keeper, opened, turn } = openKeeper();
    keeper.close();
    turn(60_000);
    expect(opened).toHaveLength(1);
  });
});
