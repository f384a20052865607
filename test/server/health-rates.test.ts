import { describe, expect, it } from 'vitest';
import type { EndpointHealth, Health } from '../../relay/contract/health.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { createInputRates, RATE_POINTS, RATE_STEP_MS } from '../../server/health-rates.ts';

/** On the grid of the steps. */
const WALL = 1_800_000_000_000;

const reading = (bitrate: number, pipeline: Pipeline = 'primary', id = 'input'): EndpointHealth => ({
  flowId: 'f1',
  pipeline,
  id,
  values: { bitrate },
  tracks: [],
});
const told = (...seconds: readonly (readonly [at: number, ends: EndpointHealth[]])[]): Health => ({
  boot: 'b',
  seconds: seconds.map(([at, endpoints], seq) => ({ seq, at, endpoints })),
});
const moment = (after = 0) => ({ wall: WALL + after, ticks: after });

describe('the bit rate of a flow over the last minutes', () => {
  it('is the mean of each step, oldest first, without the step that is not over', () => {
    const rates = createInputRates();
    rates.take(
      told(
        [WALL - 6000, [reading(9)]],
        [WALL - 5000, [reading(2)]],
        [WALL - 4000, [reading(4)]],
        [WALL, [reading(99)]],
      ),
      moment(),
    );
    const points = rates.of('f1', WALL);
    expect(points).toHaveLength(RATE_POINTS);
    expect(points.slice(-3)).toEqual([undefined, 9, 3]);
  });

  it('adds what comes in on both pipelines, and nothing that goes out', () => {
    const rates = createInputRates();
    rates.take(told([WALL - 1000, [reading(2), reading(3, 'backup'), reading(50, 'primary', 'o1')]]), moment());
    expect(rates.of('f1', WALL).at(-1)).toBe(5);
  });

  it('has a gap where nothing was measured, and no zero', () => {
    const rates = createInputRates();
    rates.take(told([WALL - 12_000, [reading(1)]], [WALL - 1000, [reading(0)]]), moment());
    expect(rates.of('f1', WALL).slice(-3)).toEqual([1, undefined, 0]);
    expect(rates.of('f2', WALL).every((it) => it === undefined)).toBe(true);
  });

  it('forgets what is older than it shows', () => {
    const rates = createInputRates();
    rates.take(told([WALL - 1000, [reading(7)]]), moment());
    const later = RATE_POINTS * RATE_STEP_MS;
    rates.take(told([WALL + later - 1000, [reading(8)]]), moment(later));
    expect(rates.of('f1', WALL + later).filter((it) => it !== undefined)).toEqual([8]);
    expect(rates.of('f1', WALL + 2 * later).every((it) => it === undefined)).toBe(true);
  });

  it('takes in the minutes that a relay which was away hands in late', () => {
    const rates = createInputRates();
    rates.take(told([WALL - 100_000, [reading(6)]], [WALL - 400_000, [reading(5)]]), moment());
    expect(rates.of('f1', WALL).filter((it) => it !== undefined)).toEqual([6]);
  });
});
