import { afterEach, beforeEach, describe, it, vi } from 'vitest';
import { checkSchedules } from '../kit/fleet-schedules.ts';

/**
 * A failure prints seed and path: put both here, as in `{ runs: 1, seed: 123, path: '4:0' }`, to see it again.
 * `npm run test:long` does ten thousand.
 */
const options = { runs: 250 };

describe('whatever happens', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('what runs equals what is wished in the end, and nothing ever runs twice', { timeout: 60_000 }, async () => {
    await checkSchedules(options);
  });
});
