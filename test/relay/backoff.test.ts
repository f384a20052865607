import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff, FIRST_WAIT_MS, LONGEST_WAIT_MS, STABLE_MS } from '../../relay/backoff.ts';

/** Chance that always falls in the middle: no jitter. */
const even = (): number => 0.5;

describe('waiting before the next try', () => {
  it('begins with the first wait', () => {
    expect(new Backoff(even).down(1000)).toBe(250);
  });

  it('grows with the time since the outage began', () => {
    const backoff = new Backoff(even);
    backoff.down(0);
    expect([10_000, 60_000, 600_000].map((now) => backoff.down(now))).toEqual([300, 1800, 18_000]);
  });

  it('grows no more once it is the longest', () => {
    const backoff = new Backoff(even);
    backoff.down(0);
    expect(backoff.down(86_400_000)).toBe(30_000);
  });

  it('finds a destination within 2.2 s after a minute away, with the worst of luck', () => {
    const backoff = new Backoff(() => 1);
    backoff.down(0);
    expect(backoff.down(60_000)).toBeLessThanOrEqual(2200);
  });

  it('goes on where it was when the endpoint was up for less than 30 s', () => {
    const backoff = new Backoff(even);
    backoff.down(0);
    backoff.up(100_000);
    expect(backoff.down(100_000 + STABLE_MS - 1)).toBeCloseTo(3900, 0);
  });

  it('begins anew when the endpoint was up for 30 s', () => {
    const backoff = new Backoff(even);
    backoff.down(0);
    backoff.up(100_000);
    expect(backoff.down(100_000 + STABLE_MS)).toBe(250);
  });

  it('stays within a fifth of its bounds whatever happens', () => {
    const step = fc.record({
      after: fc.nat(600_000),
      chance: fc.double({ min: 0, max: 1, noNaN: true }),
      up: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let now = 0;
        let chance = 0;
        const backoff = new Backoff(() => chance);
        for (const { after, up, ...next } of steps) {
          now += after;
          chance = next.chance;
          if (up) backoff.up(now);
          const wait = backoff.down(now);
          expect(wait).toBeGreaterThanOrEqual(FIRST_WAIT_MS * 0.8);
          expect(wait).toBeLessThanOrEqual(LONGEST_WAIT_MS * 1.2 + 1e-6);
        }
      }),
    );
  });

  it('never shrinks during one outage', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(120_000), { minLength: 2 }), (pauses) => {
        const backoff = new Backoff(even);
        let now = 0;
        let last = 0;
        for (const pause of pauses) {
          now += pause;
          const wait = backoff.down(now);
          expect(wait).toBeGreaterThanOrEqual(last);
          last = wait;
        }
      }),
    );
  });
});
