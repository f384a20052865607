/** Datagrams from addresses that may not send: counted, and told once an address and minute, never one by one. */

export interface StrangerReport {
  readonly address: string;
  readonly port: number;
  /** Datagrams from this address since the last report, this one included. */
  readonly count: number;
}

export interface StrangerLimits {
  readonly strangers: number;
  readonly strangerReportMs: number;
}

export class Strangers {
  readonly #report: (report: StrangerReport) => void;
  readonly #limits: StrangerLimits;
  readonly #seen = new Map<string, { count: number; readonly reportedMs: number }>();
  #total = 0;

  constructor(report: (report: StrangerReport) => void, limits: StrangerLimits) {
    this.#report = report;
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** Counts a datagram. An address above the number remembered is counted only: spoofed sources cannot fill the log. */
  knock(address: string, port: number, nowMs: number): void {
    this.#total += 1;
    const seen = this.#seen.get(address);
    if (seen !== undefined && nowMs - seen.reportedMs < this.#limits.strangerReportMs) {
      seen.count += 1;
      return;
    }
    if (seen === undefined && !this.#hasRoom(nowMs)) return;
    this.#seen.set(address, { count: 0, reportedMs: nowMs });
    this.#report({ address, port, count: (seen?.count ?? 0) + 1 });
  }

  #hasRoom(nowMs: number): boolean {
    if (this.#seen.size < this.#limits.strangers) return true;
    for (const [address, { reportedMs }] of this.#seen) {
      if (nowMs - reportedMs >= this.#limits.strangerReportMs) this.#seen.delete(address);
    }
    return this.#seen.size < this.#limits.strangers;
  }
}
