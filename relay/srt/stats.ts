/** What libsrt measures on one link, summed without the 32-bit wrap of its own totals. */

/** Totals since the link came up, unless a field says otherwise. Bytes include 44 header bytes a packet. */
export interface SrtStats {
  /** Smoothed round trip, ms: `msRTT`. Undefined before it was measured, as on a link on which no media has gone yet. */
  readonly rttMs: number | undefined;
  /** Estimated link capacity, bit/s: `mbpsBandwidth`. */
  readonly bandwidth: number;
  readonly received: ReceiveStats;
  readonly sent: SendStats;
}

export interface ReceiveStats {
  /** `byteRecv`. */
  readonly bytes: number;
  /** Packets with repeats: `pktRecv`. */
  readonly packets: number;
  /** Packets for the application: `pktRecvUnique`. */
  readonly unique: number;
  /** Packets that came by retransmission: `pktRcvRetrans`. */
  readonly retransmitted: number;
  /** Gaps seen, reordered packets among them: `pktRcvLoss`. No measure of loss. */
  readonly lost: number;
  /** Never recovered, missing at the application: `pktRcvDrop`. */
  readonly dropped: number;
  /** Came after their time: `pktRcvBelated`. */
  readonly belated: number;
  /** Could not be decrypted: `pktRcvUndecrypt`. */
  readonly undecrypted: number;
  /** Now waiting in the receive buffer, ms: `msRcvBuf`. */
  readonly bufferMs: number;
  /** Negotiated latency of this direction, ms: `msRcvTsbPdDelay`. */
  readonly latencyMs: number;
}

export interface SendStats {
  /** `byteSent`. */
  readonly bytes: number;
  /** Packets with repeats: `pktSent`. */
  readonly packets: number;
  /** `pktSentUnique`. */
  readonly unique: number;
  /** `pktRetrans`. */
  readonly retransmitted: number;
  /** Reported lost by the peer; repeated reports count again: `pktSndLoss`. */
  readonly lost: number;
  /** Given up because too late: `pktSndDrop`. */
  readonly dropped: number;
  /** Acknowledgements from the peer, the proof that it takes the data: `pktRecvACK`. */
  readonly acks: number;
  /** Loss reports from the peer: `pktRecvNAK`. */
  readonly naks: number;
  /** Now sent and not acknowledged, packets: `pktFlightSize`. */
  readonly inFlight: number;
  /** Now waiting in the send buffer, ms: `msSndBuf`. */
  readonly bufferMs: number;
  /** Negotiated latency of this direction, ms: `msSndTsbPdDelay`. */
  readonly latencyMs: number;
}

/** One reading of libsrt with clear = true, in its own names: counts since the reading before. */
export type RawStats = Readonly<Record<Counted | Measured, number>>;

const counted = [
  'byteRecv',
  'pktRecv',
  'pktRecvUnique',
  'pktRcvRetrans',
  'pktRcvLoss',
  'pktRcvDrop',
  'pktRcvBelated',
  'pktRcvUndecrypt',
  'byteSent',
  'pktSent',
  'pktSentUnique',
  'pktRetrans',
  'pktSndLoss',
  'pktSndDrop',
  'pktRecvACK',
  'pktRecvNAK',
] as const;

type Counted = (typeof counted)[number];
type Measured =
  | 'msRTT'
  | 'mbpsBandwidth'
  | 'pktFlightSize'
  | 'msSndBuf'
  | 'msRcvBuf'
  | 'msSndTsbPdDelay'
  | 'msRcvTsbPdDelay';

/** Sums the readings of one link. libsrt clears as it is read: nobody else may read. */
export function statsSum(): (raw: RawStats) => SrtStats {
  const sums = new Map<Counted, number>();
  return (raw) => {
    for (const name of counted) sums.set(name, (sums.get(name) ?? 0) + raw[name]);
    return shape(raw, (name) => sums.get(name) ?? 0);
  };
}

/** What libsrt begins with (INITIAL_RTT of core.h) and says until the first measure, which then takes its place whole. */
const UNMEASURED_RTT_MS = 100;

function shape(raw: RawStats, sum: (name: Counted) => number): SrtStats {
  return {
    rttMs: raw.msRTT === UNMEASURED_RTT_MS ? undefined : raw.msRTT,
    bandwidth: raw.mbpsBandwidth * 1e6,
    received: {
      bytes: sum('byteRecv'),
      packets: sum('pktRecv'),
      unique: sum('pktRecvUnique'),
      retransmitted: sum('pktRcvRetrans'),
      lost: sum('pktRcvLoss'),
      dropped: sum('pktRcvDrop'),
      belated: sum('pktRcvBelated'),
      undecrypted: sum('pktRcvUndecrypt'),
      bufferMs: raw.msRcvBuf,
      latencyMs: raw.msRcvTsbPdDelay,
    },
    sent: {
      bytes: sum('byteSent'),
      packets: sum('pktSent'),
      unique: sum('pktSentUnique'),
      retransmitted: sum('pktRetrans'),
      lost: sum('pktSndLoss'),
      dropped: sum('pktSndDrop'),
      acks: sum('pktRecvACK'),
      naks: sum('pktRecvNAK'),
      inFlight: raw.pktFlightSize,
      bufferMs: raw.msSndBuf,
      latencyMs: raw.msSndTsbPdDelay,
    },
  };
}
