import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../relay/rtp/pacer.ts';

const items = (count: number) => Array.from({ length: count }, (_, i) => i);
const drain = (pacer: Pacer<number>, nowUs: number) => pacer.take(nowUs).map(({ item }) => item);

describe('pacing', () => {
  it('lets a small batch out at once', () => {
    const pacer = new Pacer<number>(40);
    pacer.put(items(4), 1_000);
    expect(drain(pacer, 1_000)).toEqual([0, 1, 2, 3]);
  });

  it('spreads a large batch over the time since the one before', () => {
    const pacer = new Pacer<number>(40);
    pacer.put(items(10), 0);
    pacer.take(0);
    pacer.put(items(10), 10_000);
    expect(drain(pacer, 10_000)).toEqual([0]);
    expect(drain(pacer, 15_000)).toEqual([1, 2, 3, 4, 5]);
    expect(drain(pacer, 19_000)).toEqual([6, 7, 8, 9]);
  });

  it('follows the times the source gives', () => {
    const pacer = new Pacer<number>(40);
    pacer.put(items(3), 0, [0, 700, 30_000]);
    expect([drain(pacer, 0), drain(pacer, 700), pacer.dueUs]).toEqual([[0], [1], 30_000]);
  });

  it('never holds longer than its bound, however long the silence before', () => {
    const pacer = new Pacer<number>(40);
    pacer.put(items(10), 0);
    pacer.put(items(1_000), 5_000_000);
    pacer.put(items(1_000), 5_000_001);
    expect(drain(pacer, 5_080_001)).toHaveLength(2_010);
  });

  it('keeps the order of batches that come early', () => {
    const pacer = new Pacer<number>(40);
    pacer.put(items(1), 0);
    pacer.put(items(10), 20_000);
    pacer.put([100], 21_000);
    expect(drain(pacer, 100_000)).toEqual([0, ...items(10), 100]);
  });
});
