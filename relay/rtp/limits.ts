/** Every bound of the RTP room in one place. */
import { rtpIdle } from '../contract/settings.ts';

export interface RtpReceiveLimits {
  /** How long a packet may wait for an earlier one, in ms. Networks reorder within a few ms; FEC-less senders need no more. */
  readonly reorderMs: number;
  /** Packets that may wait at a time: 100 ms of 200 Mbit/s, and 3 MB. */
  readonly reorderPackets: number;
  /** Without an accepted packet for this long the source counts as lost, in ms. */
  readonly idleMs: number;
  /** Datagrams in one batch. */
  readonly batchDatagrams: number;
  /** Foreign addresses remembered for reports. */
  readonly strangers: number;
  /** A foreign address is reported once in this time, in ms, with a count. */
  readonly strangerReportMs: number;
  /** Wanted kernel buffer, in bytes; the kernel may give less (net.core.rmem_max). */
  readonly kernelBytes: number;
}

export const rtpReceiveLimits: RtpReceiveLimits = {
  reorderMs: 100,
  reorderPackets: 2_048,
  idleMs: rtpIdle.initial,
  batchDatagrams: 64,
  strangers: 256,
  strangerReportMs: 60_000,
  kernelBytes: 2 * 1024 * 1024,
};

export interface RtpSendLimits {
  /** Longest time a batch is spread over, in ms: what pacing may add to latency. */
  readonly spreadMs: number;
  /** Datagrams that may wait for their time or for the kernel. At 20 Mbit/s 4096 are 2 s. */
  readonly waitingDatagrams: number;
}

export const rtpSendLimits: RtpSendLimits = { spreadMs: 40, waitingDatagrams: 4096 };
