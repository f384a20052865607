import { describe, expect, it } from 'vitest';
import type { Facts } from '../../relay/contract/messages.ts';
import type { Tell } from '../../relay/happening.ts';
import { Ledger } from '../../relay/ledger.ts';
import { figures, peer } from '../kit/fake-ends.ts';

const open = (role: 'source' | 'sink' = 'source'): Ledger => toldOf(role).ledger;

/** What a ledger tells for the log: code and facts. */
function toldOf(role: 'source' | 'sink'): { ledger: Ledger; told: [string, Facts][] } {
  const told: [string, Facts][] = [];
  const tell: Tell = ({ code, facts }) => told.push([code, facts]);
  return { ledger: new Ledger({ id: 'x', role, protocol: 'srt', changed: () => {}, tell }, 0), told };
}

describe('the ledger of an endpoint', () => {
  it.each([
    ['source', 'listening'],
    ['sink', 'dialling'],
  ] as const)('begins for a %s with %s', (role, condition) => {
    expect(open(role).status(false)).toMatchObject({ state: 'waiting', condition, since: 0 });
  });

  it('calls only flowing media connected', () => {
    const ledger = open();
    const states = (
      ['flowing', 'stalled', 'listening', 'no-input', 'unacknowledged', 'dialling', 'backing-off'] as const
    ).map((it) => {
      ledger.stand(it, 0);
      return ledger.status(false).state;
    });
    expect(states).toEqual(['connected', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting', 'waiting']);
  });

  it('is alive for 3 s after media moved', () => {
    const ledger = open();
    ledger.alive(1000);
    expect([ledger.isAlive(3999), ledger.isAlive(4000)]).toEqual([true, false]);
  });

  it('measures bit/s by the time that really passed', () => {
    const ledger = open();
    ledger.moved(1000, 1);
    ledger.sample(2000, undefined);
    expect(ledger.bitrate).toBe(4000);
  });

  it('keeps the peer of an incident after it has gone', () => {
    const ledger = open();
    ledger.met(peer, 0);
    ledger.parted('peer-silent', 7);
    expect(ledger.status(false)).toMatchObject({ peer: undefined, incident: { code: 'peer-silent', at: 7, peer } });
  });

  it('counts the bytes and the peers since it opened', () => {
    const ledger = open();
    for (let session = 0; session < 3; session++) {
      ledger.met(peer, session);
      ledger.moved(1000, 1);
      ledger.parted('peer-closed', session);
    }
    expect(ledger.status(false)).toMatchObject({ bytes: 3000, sessions: 3 });
  });

  it('adds up what was lost and dropped over all sessions', () => {
    const ledger = open();
    for (const lost of [1, 2, 3]) {
      ledger.met(peer, lost);
      ledger.sample(lost, figures({ lost, dropped: 10 }));
      ledger.parted('peer-closed', lost);
    }
    ledger.dropped = 4;
    expect(ledger.status(false)).toMatchObject({ lost: 6, dropped: 34 });
  });
});

describe('what a ledger tells for the log', () => {
  it('is a connection with what was agreed on, and its end with cause, side and duration', () => {
    const { ledger, told } = toldOf('source');
    ledger.met(peer, 1000, figures({ latencyMs: 200, keyLength: 256 }));
    ledger.parted('peer-closed', 61_000);
    expect(told).toEqual([
      ['connected', { latencyMs: 200, keyLength: 256, protocol: 'srt' }],
      ['disconnected', { cause: 'peer-closed', by: 'peer', durationMs: 60_000, protocol: 'srt' }],
    ]);
  });

  it('is attempts 1, 2, 4, 8 of a row, and each new cause', () => {
    const { ledger, told } = toldOf('sink');
    for (let attempt = 1; attempt <= 9; attempt++) ledger.parted('no-answer', attempt * 1000, 500);
    ledger.parted('name-not-found', 10_000, 500);
    expect(told.map(([code, { cause, attempt, triedForMs }]) => [code, cause, attempt, triedForMs])).toEqual([
      ['retry', 'no-answer', 1, 0],
      ['retry', 'no-answer', 2, 1000],
      ['retry', 'no-answer', 4, 3000],
      ['retry', 'no-answer', 8, 7000],
      ['retry', 'name-not-found', 10, 9000],
    ]);
  });

  it('is that media stands still, once, and for how long it did', () => {
    const { ledger, told } = toldOf('source');
    ledger.met(peer, 0);
    ledger.alive(1000);
    ledger.stand('flowing', 1000);
    for (const now of [4000, 5000, 6000]) ledger.stand('stalled', now);
    ledger.alive(9000);
    ledger.stand('flowing', 9000);
    expect(told.slice(1)).toEqual([
      ['stalled', { cause: 'stalled', quietMs: 3000, protocol: 'srt' }],
      ['flowing-again', { durationMs: 8000, protocol: 'srt' }],
    ]);
  });

  it('is not a moment in which a sink waits for its first confirmation', () => {
    const { ledger, told } = toldOf('sink');
    ledger.met(peer, 0);
    ledger.stand('unacknowledged', 600);
    ledger.alive(700);
    ledger.stand('flowing', 700);
    expect(told.map(([code]) => code)).toEqual(['connected']);
  });

  it('is what was lost on the way', () => {
    const { ledger, told } = toldOf('source');
    ledger.met(peer, 0);
    for (const [second, lost] of [0, 12, 12, 40].entries()) ledger.sample(second * 1000, figures({ lost }));
    expect(told.slice(1).map(([code, { lost, overMs }]) => [code, lost, overMs])).toEqual([
      ['data-lost', 12, 0],
      ['data-lost', 28, 0],
    ]);
  });

  it('is that we hung up, once', () => {
    const { ledger, told } = toldOf('source');
    ledger.met(peer, 0);
    ledger.closed(10);
    ledger.closed(20);
    expect(told.slice(1)).toEqual([
      ['disconnected', { cause: 'closed-here', by: 'relay', durationMs: 10, protocol: 'srt' }],
    ]);
  });
});
