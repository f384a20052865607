import { afterEach, beforeEach, describe, it, vi } from 'vitest';
import { checkSchedules } from '../kit/fleet-schedules.ts';
import { measured, msSince } from '../kit/measured.ts';

const RUNS = 10_000;
/** `STREAMLINK_TEST_SEED=123 npm run test:long -- fleet-schedules` draws the same schedules again. */
const seed = process.env.STREAMLINK_TEST_SEED === undefined ? {} : { seed: Number(process.env.STREAMLINK_TEST_SEED) };

describe('whatever happens, ten thousand times', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('what runs equals what is wished in the end, and nothing ever runs twice', { timeout: 1_200_000 }, async () => {
    const start = performance.now();
    const used = await checkSchedules({ runs: RUNS, ...seed });
    measured('schedules', `${RUNS} of ${RUNS} schedules in ${Math.round(msSince(start) / 1000)} s, seed ${used}`);
  });
});
