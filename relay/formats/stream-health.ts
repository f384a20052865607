/**
 * How well a transport stream is made, counted after ETSI TR 101 290 (5.2.1 first, 5.2.2 second priority).
 *
 * Intervals are measured on the stream's own clock (PCR), so a jittering network or a file read at full speed
 * changes nothing. Without PCR there are no interval errors, only `pcrMissing` by the caller's clock.
 */

import { limits, ticksPerSecond } from './limits.ts';
import { clockDistance, clockWrap, pcrPerTick } from './ts-packet.ts';

/** Counters since the probe was made; they only rise. In brackets the number in TR 101 290. */
export interface StreamHealth {
  /** 1.1: the packet grid was lost. */
  syncLosses: number;
  /** 1.2: a packet without 0x47. */
  syncByteErrors: number;
  /** 1.3: no PAT for 0.5 s. */
  patErrors: number;
  /** 1.4: a packet lost, repeated twice or out of order. */
  continuityErrors: number;
  /** 1.5: no PMT for 0.5 s. */
  pmtErrors: number;
  /** 1.6: nothing for 5 s on a PID of the PMT. */
  pidErrors: number;
  /** 2.1: transport_error_indicator. */
  transportErrors: number;
  /** 2.2: a table with a wrong CRC. */
  crcErrors: number;
  /** 2.3a: PCR more than 40 ms after the one before. */
  pcrRepetitionErrors: number;
  /** 2.3b: PCR stepped back or by more than 100 ms without saying so. */
  pcrDiscontinuityErrors: number;
  /** 2.5: pts more than 0.7 s after the one before. */
  ptsErrors: number;
}

export const newHealth = (): StreamHealth => ({
  syncLosses: 0,
  syncByteErrors: 0,
  patErrors: 0,
  continuityErrors: 0,
  pmtErrors: 0,
  pidErrors: 0,
  transportErrors: 0,
  crcErrors: 0,
  pcrRepetitionErrors: 0,
  pcrDiscontinuityErrors: 0,
  ptsErrors: 0,
});

const pcrWrap = clockWrap * pcrPerTick;
const pcrPerMs = (ticksPerSecond * pcrPerTick) / 1000;

/** What may be overdue: the two tables, and each track. */
export type Watched = 'pat' | 'pmt' | number;

/** Watches the intervals of one program. Times inside are PCR ticks (27 MHz). */
export class IntervalWatch {
  /** The longest step of PCR and of pts in ms since `resetPeaks`. */
  pcrPeakMs = 0;
  ptsPeakMs = 0;
  readonly #health: StreamHealth;
  #pcr = -1;
  readonly #seen = new Map<Watched, number>();
  readonly #pts = new Map<number, number>();

  constructor(health: StreamHealth) {
    this.#health = health;
  }

  resetPeaks(): void {
    this.pcrPeakMs = 0;
    this.ptsPeakMs = 0;
  }

  /** Begins to watch these and forgets all others. */
  watch(watched: readonly Watched[]): void {
    for (const key of this.#seen.keys()) if (!watched.includes(key)) this.#seen.delete(key);
    for (const key of watched) if (!this.#seen.has(key)) this.#seen.set(key, this.#pcr);
  }

  /** A table or a packet of a track came. */
  onSeen(key: Watched): void {
    this.#seen.set(key, this.#pcr);
  }

  /** A PCR of the program; `announced` where the packet says that the time base breaks here. */
  onPcr(pcr: number, announced: boolean): void {
    const step = this.#pcr < 0 ? 0 : clockDistance(this.#pcr, pcr, pcrWrap) / pcrPerMs;
    const isJump = step < 0 || step > limits.pcrJumpMs;
    if (!announced && isJump) this.#health.pcrDiscontinuityErrors++;
    if (!announced && step > limits.pcrIntervalMs) this.#health.pcrRepetitionErrors++;
    if (!announced && step > 0 && step < limits.longestPeakMs) this.pcrPeakMs = Math.max(this.pcrPeakMs, step);
    const isFirst = this.#pcr < 0;
    this.#pcr = pcr;
    if (isFirst || step < 0 || step > limits.longestPeakMs || announced) this.#restart();
    else this.#judge();
  }

  /** A pts on a track, in 90 kHz ticks. */
  onPts(pid: number, pts: number): void {
    const last = this.#pts.get(pid);
    this.#pts.set(pid, pts);
    if (last === undefined) return;
    const step = (clockDistance(last, pts, clockWrap) * 1000) / ticksPerSecond;
    if (step <= 0 || step > limits.longestPeakMs) return;
    this.ptsPeakMs = Math.max(this.ptsPeakMs, step);
    if (step > limits.ptsIntervalMs) this.#health.ptsErrors++;
  }

  #restart(): void {
    for (const key of this.#seen.keys()) this.#seen.set(key, this.#pcr);
  }

  /** Counts what is overdue, once for each time it is overdue again. */
  #judge(): void {
    for (const [key, seen] of this.#seen) {
      const silence = clockDistance(seen, this.#pcr, pcrWrap) / pcrPerMs;
      if (silence <= (typeof key === 'number' ? limits.pidSilenceMs : limits.tableSilenceMs)) continue;
      this.#seen.set(key, this.#pcr);
      if (key === 'pat') this.#health.patErrors++;
      else if (key === 'pmt') this.#health.pmtErrors++;
      else this.#health.pidErrors++;
    }
  }
}
