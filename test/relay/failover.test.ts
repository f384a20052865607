import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FailoverChoice, GRACE_MS, LOSS_MS, type Switch, TRUST_MS, type Wish } from '../../relay/failover.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';

const wish = (changes: Partial<Wish> = {}): Wish => ({ preferred: 'primary', autoReturn: false, order: 0, ...changes });

/** Media of `alive` each 20 ms until `untilMs`, with a look each 100 ms; what was decided and when. */
function live(choice: FailoverChoice, alive: readonly Pipeline[], [fromMs, untilMs]: readonly [number, number]) {
  const decided: (Switch & { at: number })[] = [];
  for (let at = fromMs; at < untilMs; at += 20) {
    for (const pipeline of alive) choice.heard(pipeline, at);
    const change = at % 100 === 0 ? choice.decide(at) : undefined;
    if (change) decided.push({ ...change, at });
  }
  return decided;
}

const both: readonly Pipeline[] = ['primary', 'backup'];

describe('which input feeds the outputs', () => {
  it('is the preferred one while both live', () => {
    const choice = new FailoverChoice(wish());
    expect([live(choice, both, [0, 20_000]), choice.wanted]).toEqual([[], 'primary']);
  });

  it('is the other one once the preferred has been silent for half a second', () => {
    const choice = new FailoverChoice(wish());
    live(choice, both, [0, 1000]);
    const [change] = live(choice, ['backup'], [1000, 3000]);
    expect(change).toEqual({ to: 'backup', cause: 'input-lost', gapMs: 520, at: 1500 });
  });

  it('waits at first for the preferred one, since encoders do not start together', () => {
    const choice = new FailoverChoice(wish());
    expect(live(choice, ['backup'], [0, 1000])).toEqual([]);
    expect(live(choice, both, [1000, 9000])).toEqual([]);
  });

  it('is the other one when the preferred has not come three seconds after it', () => {
    const choice = new FailoverChoice(wish());
    expect(live(choice, ['backup'], [0, 9000])).toEqual([
      { to: 'backup', cause: 'input-lost', gapMs: 0, at: GRACE_MS },
    ]);
  });

  it('stays where it is while neither lives', () => {
    const choice = new FailoverChoice(wish());
    live(choice, both, [0, 1000]);
    expect(live(choice, [], [1000, 9000])).toEqual([]);
  });

  it('stays with the other one when the preferred is back, unless it is to return by itself', () => {
    const choice = new FailoverChoice(wish());
    live(choice, both, [0, 1000]);
    live(choice, ['backup'], [1000, 3000]);
    expect(live(choice, both, [3000, 30_000])).toEqual([]);
  });

  it('returns by itself to a preferred one that has lived for five seconds', () => {
    const choice = new FailoverChoice(wish({ autoReturn: true }));
    live(choice, both, [0, 1000]);
    live(choice, ['backup'], [1000, 3000]);
    expect(live(choice, both, [3000, 30_000])).toEqual([
      { to: 'primary', cause: 'preferred-back', gapMs: 0, at: 3000 + TRUST_MS },
    ]);
  });

  it('goes where an operator orders it as soon as that one lives', () => {
    const choice = new FailoverChoice(wish());
    live(choice, ['primary'], [0, 1000]);
    choice.wish(wish({ preferred: 'backup', order: 1 }));
    expect(live(choice, ['primary'], [1000, 2000])).toEqual([]);
    expect(live(choice, both, [2000, 3000])).toEqual([{ to: 'backup', cause: 'by-operator', gapMs: 0, at: 2000 }]);
  });

  it('obeys an order to the preferred one after a loss, and the same wish again is no order', () => {
    const choice = new FailoverChoice(wish());
    live(choice, both, [0, 1000]);
    live(choice, ['backup'], [1000, 3000]);
    choice.wish(wish());
    expect(live(choice, both, [3000, 4000])).toEqual([]);
    choice.wish(wish({ order: 1 }));
    expect(live(choice, both, [4000, 5000]).map(({ to, cause }) => [to, cause])).toEqual([['primary', 'by-operator']]);
  });

  it('never is one that is silent while the other lives', () => {
    const steps = fc.array(
      fc.record({ alive: fc.subarray([...both]), lengthMs: fc.integer({ min: 100, max: 9000 }) }),
      {
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(steps, fc.boolean(), (list, autoReturn) => {
        const choice = new FailoverChoice(wish({ autoReturn }));
        let at = 0;
        let wasHeard = false;
        for (const { alive, lengthMs } of list) {
          const rounded = Math.round(lengthMs / 100) * 100;
          live(choice, alive, [at, at + rounded]);
          at += rounded;
          const [only] = alive;
          wasHeard ||= alive.includes('primary');
          const patience = wasHeard ? LOSS_MS : GRACE_MS;
          const isClear = alive.length === 1 && rounded > patience + 100;
          expect(choice.wanted).toBe(isClear ? only : choice.wanted);
        }
      }),
    );
  });
});
