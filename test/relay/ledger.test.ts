import { describe, expect, it } from 'vitest';
import { Ledger } from '../../relay/ledger.ts';
import { figures, peer } from '../kit/fake-ends.ts';

const open = (role: 'source' | 'sink' = 'source'): Ledger => new Ledger('x', role, 0, () => {});

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
    ledger.met(peer);
    ledger.parted('peer-silent', 7);
    expect(ledger.status(false)).toMatchObject({ peer: undefined, incident: { code: 'peer-silent', at: 7, peer } });
  });

  it('counts the bytes and the peers since it opened', () => {
    const ledger = open();
    for (let session = 0; session < 3; session++) {
      ledger.met(peer);
      ledger.moved(1000, 1);
      ledger.parted('peer-closed', session);
    }
    expect(ledger.status(false)).toMatchObject({ bytes: 3000, sessions: 3 });
  });

  it('adds up what was lost and dropped over all sessions', () => {
    const ledger = open();
    for (const lost of [1, 2, 3]) {
      ledger.met(peer);
      ledger.sample(lost, figures({ lost, dropped: 10 }));
      ledger.parted('peer-closed', lost);
    }
    ledger.dropped = 4;
    expect(ledger.status(false)).toMatchObject({ lost: 6, dropped: 34 });
  });
});
