import { describe, expect, it } from 'vitest';
import { statsSum } from '../../../relay/srt/stats.ts';
import { rawStats as raw } from './raw-stats.ts';

describe('what libsrt measures of a link', () => {
  it('is summed from reading to reading, since each reading clears it', () => {
    const sum = statsSum();
    sum({ ...raw, pktRecv: 10, pktRcvDrop: 1 });
    expect(sum({ ...raw, pktRecv: 20, pktRcvDrop: 2 }).received).toMatchObject({ packets: 30, dropped: 3 });
  });

  it('has no round trip before one was measured: the 100 ms that libsrt begins with are none', () => {
    const sum = statsSum();
    expect(sum({ ...raw, msRTT: 100 }).rttMs).toBeUndefined();
    expect(sum({ ...raw, msRTT: 99.8 }).rttMs).toBe(99.8);
  });
});
