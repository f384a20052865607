import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CutGrowth, Growth, Tally } from '../../relay/tally.ts';

const each = (seconds: number, count: number): number[] => Array.from({ length: seconds }, () => count);

/** What is told, second by second, of so many that came in each. */
function tell(counts: readonly number[]): [second: number, told: number][] {
  const tally = new Tally();
  return counts.flatMap((count, second) => {
    const told = tally.add(count, second * 1000);
    return told === undefined ? [] : [[second, told]];
  });
}

describe('telling of what goes on', () => {
  it('begins at once', () => {
    expect(tell([0, 3])).toEqual([[1, 3]]);
  });

  it('comes ever more rarely, and then once a minute', () => {
    expect(tell(each(200, 1)).map(([second]) => second)).toEqual([0, 2, 6, 14, 30, 62, 122, 182]);
  });

  it('begins at once again after ten seconds of quiet', () => {
    expect(tell([1, 1, 1, 1, ...each(12, 0), 5])).toEqual([
      [0, 1],
      [2, 2],
      [6, 1],
      [16, 5],
    ]);
  });

  it('leaves nothing out, and never comes twice in a second', () => {
    const counts = fc.array(fc.nat(5), { maxLength: 200 });
    fc.assert(
      fc.property(counts, (list) => {
        const told = tell([...list, ...each(61, 0)]);
        const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
        expect(sum(told.map(([, count]) => count))).toBe(sum(list));
        expect(new Set(told.map(([second]) => second)).size).toBe(told.length);
      }),
    );
  });
});

it('counts on from a counter that began anew', () => {
  const growth = new Growth();
  expect([5, 7, 7, 2, 3].map((count) => growth.since(count))).toEqual([5, 2, 0, 2, 1]);
});

it('cuts what grew at the edge of a second, and leaves nothing out', () => {
  const growth = new CutGrowth();
  expect([growth.since(10, 0.5), growth.since(30, 1), growth.since(30, 1)]).toEqual([5, 25, 0]);
});
