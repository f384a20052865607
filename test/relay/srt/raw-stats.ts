/** One reading of libsrt on a link on which nothing was counted yet. */
import type { RawStats } from '../../../relay/srt/stats.ts';

export const rawStats: RawStats = {
  ...{ byteRecv: 0, pktRecv: 0, pktRecvUnique: 0, pktRcvRetrans: 0, pktRcvLoss: 0, pktRcvDrop: 0, pktRcvBelated: 0 },
  ...{ pktRcvUndecrypt: 0, byteSent: 0, pktSent: 0, pktSentUnique: 0, pktRetrans: 0, pktSndLoss: 0, pktSndDrop: 0 },
  ...{ pktRecvACK: 0, pktRecvNAK: 0, msRTT: 40, mbpsBandwidth: 1, pktFlightSize: 0, msSndBuf: 0, msRcvBuf: 0 },
  ...{ msSndTsbPdDelay: 120, msRcvTsbPdDelay: 120 },
};
