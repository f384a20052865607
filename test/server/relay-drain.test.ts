import { beforeEach, describe, expect, it } from 'vitest';
import { createDrain, type Drain, type RelayState } from '../../server/relay-drain.ts';

interface FakeRelay {
  boot: number | undefined;
  /** When its process is up again, and when all moves again, after it was ended; undefined: never. */
  backAfterMs: number | undefined;
  movesAfterMs: number;
  endedAt: number | undefined;
  isNeeded: boolean;
}

let now: number;
let relays: Map<string, FakeRelay>;
let ended: string[];
let drain: Drain;
/** How many of a flow's two pipelines were down at any moment, at most. */
let mostDown: number;

const make = (changes: Partial<FakeRelay> = {}): FakeRelay => ({
  ...{ boot: 1, backAfterMs: 400, movesAfterMs: 900, endedAt: undefined, isNeeded: true },
  ...changes,
});

const isBack = ({ endedAt, backAfterMs }: FakeRelay): boolean =>
  endedAt === undefined || (backAfterMs !== undefined && now >= endedAt + backAfterMs);
const moves = ({ endedAt, movesAfterMs }: FakeRelay): boolean => endedAt === undefined || now >= endedAt + movesAfterMs;

const stateOf = ([relayId, relay]: [string, FakeRelay]): RelayState => ({
  relayId,
  boot: relay.boot === undefined || !isBack(relay) ? undefined : `boot-${relay.endedAt === undefined ? 1 : 2}`,
  isNeeded: relay.isNeeded,
  isWhole: isBack(relay) || !relay.isNeeded,
  flowing: new Set(relay.isNeeded && isBack(relay) && moves(relay) ? [`flow ${relayId}`] : []),
});

beforeEach(() => {
  now = 0;
  mostDown = 0;
  ended = [];
  relays = new Map([
    ['europe-1', make()],
    ['europe-2', make()],
  ]);
  drain = createDrain({
    relays: () => [...relays].map(stateOf),
    end: (relayId) => {
      ended.push(relayId);
      const relay = relays.get(relayId);
      if (relay) relay.endedAt = now;
    },
    now: () => now,
    pause: async () => {
      mostDown = Math.max(mostDown, [...relays.values()].filter((it) => !isBack(it) || !moves(it)).length);
      now += 100;
    },
    log: () => undefined,
  });
});

describe('a restart of relays', () => {
  it('takes them one after the other, never both, and says how long each was gone', async () => {
    drain.restart(['europe-2', 'europe-1']);
    expect(drain.progress()).toMatchObject({ current: 'europe-2', waiting: ['europe-1'] });
    await drain.settled();
    expect(ended).toEqual(['europe-2', 'europe-1']);
    expect(mostDown).toBe(1);
    expect(drain.progress()).toEqual({
      current: undefined,
      waiting: [],
      done: [
        { relayId: 'europe-2', outcome: 'restarted', gapMs: 900 },
        { relayId: 'europe-1', outcome: 'restarted', gapMs: 900 },
      ],
    });
  });

  it.each([
    ['does not come back', { backAfterMs: undefined }, 'not-back'],
    ['comes back without all that it carried', { movesAfterMs: 1_000_000 }, 'not-whole'],
  ] as const)('leaves the other alone where one %s', async (_what, changes, outcome) => {
    relays.set('europe-2', make(changes));
    drain.restart(['europe-2', 'europe-1']);
    await drain.settled();
    expect(ended).toEqual(['europe-2']);
    expect(drain.progress().done.map((it) => it.outcome)).toEqual([outcome, 'left-out']);
  });

  it('is refused while another relay is not whole', () => {
    relays.set('europe-2', make({ endedAt: 0, backAfterMs: undefined }));
    expect(() => drain.restart(['europe-1'])).toThrow('interrupt both pipelines');
    expect(ended).toEqual([]);
  });

  it('is refused while one is under way, and of what does not run', () => {
    expect(() => drain.restart(['asia-1'])).toThrow('does not run');
    expect(() => drain.restart([])).toThrow('does not run');
    drain.restart(['europe-2']);
    expect(() => drain.restart(['europe-1'])).toThrow('under way');
  });

  it('of a relay that carries nothing is over once its process is gone', async () => {
    relays.set('europe-2', make({ isNeeded: false, backAfterMs: undefined }));
    drain.restart(['europe-2']);
    await drain.settled();
    expect(drain.progress().done).toMatchObject([{ outcome: 'restarted' }]);
  });
});
