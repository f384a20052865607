import { describe, expect, it } from 'vitest';
import { msToNextSecond, WallClock } from '../../relay/wall-clock.ts';

describe('epoch time of what was measured on the monotonic clock', () => {
  it('is the wall clock of that moment', () => {
    const clock = new WallClock();
    clock.set(5000, 1_700_000_005_000);
    expect(clock.toEpoch(3000)).toBe(1_700_000_003_000);
  });

  it('stays the same while the wall clock is slewed', () => {
    const clock = new WallClock();
    clock.set(0, 1_700_000_000_000);
    clock.set(60_000, 1_700_000_060_080);
    expect(clock.toEpoch(1000)).toBe(1_700_000_001_000);
  });

  it.each([
    ['forward', 3 * 3600_000],
    ['back', -3600_000],
  ])('follows a wall clock that jumps %s', (_, jump) => {
    const clock = new WallClock();
    clock.set(0, 1_700_000_000_000);
    clock.set(1000, 1_700_000_001_000 + jump);
    expect(clock.toEpoch(1000)).toBe(1_700_000_001_000 + jump);
  });

  it('keeps durations through a jump', () => {
    const clock = new WallClock();
    clock.set(0, 1_700_000_000_000);
    clock.set(1000, 1_700_010_001_000);
    expect(clock.toEpoch(900) - clock.toEpoch(400)).toBe(500);
  });
});

describe('the next full second', () => {
  it('is one to a thousand ms away', () => {
    expect([1000, 1001, 1999.9, 2500].map(msToNextSecond)).toEqual([1000, 999, 1, 500]);
  });
});
