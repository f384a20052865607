import { describe, expect, it } from 'vitest';
import type { RawStats } from '../../../relay/srt/stats.ts';
import { statsSum } from '../../../relay/srt/stats.ts';

const raw: RawStats = {
  ...{ byteRecv: 0, pktRecv: 0, pktRecvUnique: 0, pktRcvRetrans: 0, pktRcvLoss: 0, pktRcvDrop: 0, pktRcvBelated: 0 },
  ...{ pktRcvUndecrypt: 0, byteSent: 0, pktSent: 0, pktSentUnique: 0, pktRetrans: 0, pktSndLoss: 0, pktSndDrop: 0 },
  ...{ pktRecvACK: 0, pktRecvNAK: 0, msRTT: 40, mbpsBandwidth: 1, pktFlightSize: 0, msSndBuf: 0, msRcvBuf: 0 },
  ...{ msSndTsbPdDelay: 120, msRcvTsbPdDelay: 120 },
};

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
