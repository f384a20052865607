/**
 * What latency an SRT link needs, from what the last minutes of that very link showed. Pure.
 *
 * SRT repairs a loss by asking for the packet again, which takes a round trip a try; a packet that has not come within the
 * latency is given up. So the latency is a number of round trips, the more the more is lost. Measured with libsrt 1.5.1
 * over 40 to 50 ms: 5 round trips lost nothing at 10 %, and 8 nothing at 20 %; below 4, the first packets were lost from
 * 5 % on. Reordered packets are no loss.
 */

import { latency } from '../relay/contract/settings.ts';

/** One second of a link. `loss` is what its network lost, repaired or not, as a share; `dropped` is missing for good. */
export interface LinkSecond {
  readonly at: number;
  readonly rttMs: number;
  readonly loss: number;
  readonly dropped: number;
}

export const ADVICE_SECONDS = 300;
/** With fewer nothing is said: a link shows its bad moments only in time. */
export const LEAST_SECONDS = 60;
/** Below so many round trips the first repairs come too late. */
export const LEAST_ROUND_TRIPS = 4;

const ROUND_TRIPS = 5;
const MOST_ROUND_TRIPS = 8;
/** Loss from which more round trips are needed, and at which all of them are. */
const LOSS_FROM = 0.1;
const LOSS_TO = 0.2;
const STEP_MS = 10;

export interface LatencyAdvice {
  readonly seconds: number;
  readonly suggestedMs: number;
  /** The round trip that all but the worst twentieth of the seconds kept to. */
  readonly rttMs: number;
  readonly roundTrips: number;
  /** Mean of all seconds, and the worst second: a burst has to be repaired as well. */
  readonly meanLoss: number;
  readonly worstLoss: number;
  readonly dropped: number;
  readonly inForceMs: number | undefined;
  /**
   * `too-short`: fewer than 4 round trips are in force. `short`: fewer than suggested. `enough`, and `enough-yet-dropped`
   * where packets were lost for good all the same: then it was not for want of round trips. `unknown`: none is in force.
   */
  readonly verdict: 'too-short' | 'short' | 'enough' | 'enough-yet-dropped' | 'unknown';
}

/** Undefined while there are fewer than LEAST_SECONDS. The seconds may be in any order. */
export function adviseLatency(
  seconds: readonly LinkSecond[],
  inForceMs: number | undefined,
): LatencyAdvice | undefined {
  if (seconds.length < LEAST_SECONDS) return undefined;
  const rttMs = quantile(
    seconds.map((second) => second.rttMs),
    0.95,
  );
  const meanLoss = seconds.reduce((sum, { loss }) => sum + loss, 0) / seconds.length;
  const worstLoss = seconds.reduce((worst, { loss }) => Math.max(worst, loss), 0);
  const dropped = seconds.reduce((sum, second) => sum + second.dropped, 0);
  const roundTrips = roundTripsFor(worstLoss);
  const suggestedMs = clamp(Math.ceil((roundTrips * rttMs) / STEP_MS) * STEP_MS);
  const found = { seconds: seconds.length, suggestedMs, rttMs, roundTrips, meanLoss, worstLoss, dropped, inForceMs };
  return { ...found, verdict: verdictOf(found) };
}

/** 5 up to 10 % of loss, 8 from 20 % on, and in proportion between. */
function roundTripsFor(loss: number): number {
  const share = Math.min(1, Math.max(0, (loss - LOSS_FROM) / (LOSS_TO - LOSS_FROM)));
  return Math.round((ROUND_TRIPS + share * (MOST_ROUND_TRIPS - ROUND_TRIPS)) * 10) / 10;
}

function verdictOf({
  inForceMs,
  rttMs,
  suggestedMs,
  dropped,
}: Omit<LatencyAdvice, 'verdict'>): LatencyAdvice['verdict'] {
  if (inForceMs === undefined) return 'unknown';
  if (inForceMs < LEAST_ROUND_TRIPS * rttMs) return 'too-short';
  if (inForceMs < suggestedMs) return 'short';
  return dropped > 0 ? 'enough-yet-dropped' : 'enough';
}

/** SRT's own default at least, since less gains nothing that anybody sees, and no more than can be set. */
const clamp = (ms: number): number => Math.min(latency.max, Math.max(latency.initial, ms));

/** By the nearest rank. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
