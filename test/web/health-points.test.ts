import { describe, expect, it } from 'vitest';
import { drawn, join, type Points } from '../../web/client/health-points.ts';

const points = (from: number, ...values: (number | null)[]): Points => ({
  from,
  stepMs: 1000,
  count: values.length,
  charts: [{ id: 'a', title: 'A', unit: 'ms', digits: 0, lines: [{ label: 'A', values }] }],
  marks: [],
});

describe('points that go on', () => {
  it('are replaced from where the new ones begin, and drop the oldest', () => {
    expect(join(points(0, 1, 2, null, null), points(2000, 3, 4, 5), 4)).toEqual(points(1000, 2, 3, 4, 5));
  });

  it('keep the marks that are in sight, and take those that are asked for again from the new ones', () => {
    const mark = (at: number) => ({ at, kind: 'event' as const, text: `at ${at}` });
    const old = { ...points(0, 1, 2, 3, 4), marks: [500, 1500, 2500].map(mark) };
    const fresh = { ...points(2000, 3, 4, 5), marks: [2500, 4100].map(mark) };
    expect(join(old, fresh, 4).marks.map(({ at }) => at)).toEqual([1500, 2500, 4100]);
  });

  it('grow where nothing bounds them', () => {
    expect(join(points(0, 1, 2), points(1000, 7, 8), Infinity)).toEqual(points(0, 1, 7, 8));
  });
});

describe('the lines of a chart', () => {
  it('are those that were measured, and of checks those that found something', () => {
    const chart = { id: 'c', title: 'C', unit: 'errors', digits: 0 };
    const lines = [
      { label: 'none', values: [null, null] },
      { label: 'zero', values: [0, null] },
      { label: 'found', values: [0, 2] },
    ];
    const labelsOf = (onlyFaults: boolean) => drawn({ ...chart, lines, onlyFaults }).map(({ label }) => label);
    expect(labelsOf(false)).toEqual(['zero', 'found']);
    expect(labelsOf(true)).toEqual(['found']);
  });
});
