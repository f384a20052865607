/**
 * Puts packets back in order: bounded in packets and in time, duplicates dropped, losses counted, restarts noticed.
 * The time is an argument. Source: RFC 3550 §A.1 (sequence numbers, dropouts, restarts), adapted to a waiting window.
 */

export interface ReorderLimits {
  /** How long a packet may wait for an earlier one, in ms. */
  readonly reorderMs: number;
  /** How many packets may wait. */
  readonly reorderPackets: number;
}

/** What one packet is to the buffer; `item` is handed back untouched. */
export interface Numbered<T> {
  readonly ssrc: number;
  readonly sequence: number;
  readonly item: T;
}

/** All counts only rise. `lost` counts what never came in time; a packet that came too late is in `lost` and in `late`. */
export interface ReorderFigures {
  readonly received: number;
  readonly delivered: number;
  readonly lost: number;
  /** Came after a later one, but in time. */
  readonly reordered: number;
  readonly duplicates: number;
  readonly late: number;
  readonly restarts: number;
  /** Of another source while ours was alive, or one that jumped and did not go on from there. */
  readonly strays: number;
}

interface Held<T> {
  readonly packet: Numbered<T>;
  readonly atMs: number;
}

/** A larger step forward is a restart, not a loss (RFC 3550 MAX_DROPOUT). */
const longestGap = 3_000;
/** A larger step back is a restart, not a late packet. RFC 3550 says 100; two legs of one stream may lie further apart. */
const longestStepBack = 1_000;
/** Sequence numbers whose delivery is remembered, to tell a duplicate from a late packet. */
const memory = 2_048;

export class ReorderBuffer<T> {
  readonly #deliver: (packet: Numbered<T>) => void;
  readonly #restarted: (ssrc: number) => void;
  readonly #limits: ReorderLimits;
  readonly #held = new Map<number, Held<T>>();
  readonly #wasDelivered = new Uint8Array(memory);
  #ssrc: number | undefined;
  #next = 0;
  #newest = 0;
  /** The first packet of what may be a restarted source: the second, in sequence, proves it. */
  #newcomer: Held<T> | undefined;
  #received = 0;
  #delivered = 0;
  #lost = 0;
  #reordered = 0;
  #duplicates = 0;
  #late = 0;
  #restarts = 0;
  #strays = 0;

  /**
   * `deliver` gets each packet once, in order. `restarted` is called before the first packet of a source, the very
   * first included: the packets that follow have nothing to do with those before.
   */
  constructor(deliver: (packet: Numbered<T>) => void, restarted: (ssrc: number) => void, limits: ReorderLimits) {
    this.#deliver = deliver;
    this.#restarted = restarted;
    this.#limits = limits;
  }

  /** Takes a packet at `nowMs` and delivers what is in order now. */
  push(packet: Numbered<T>, nowMs: number): void {
    this.#received += 1;
    if (this.#ssrc === undefined) this.#begin(packet);
    const step = signed16(packet.sequence - this.#next);
    if (packet.ssrc !== this.#ssrc || step > longestGap || step < -longestStepBack) {
      this.#suspect(packet, nowMs);
      return;
    }
    this.#acquit();
    if (step < 0) this.#comesLate(packet);
    else this.#comesInTime(packet, nowMs);
  }

  /** Gives up waiting for what has not come by `nowMs`. Call it when `deadlineMs` has passed. */
  poll(nowMs: number): void {
    for (let due = this.deadlineMs(); due !== undefined && nowMs >= due; due = this.deadlineMs()) this.#skipGap();
  }

  /** Delivers all that waits and forgets the source: the next packet begins anew, whatever it is. */
  reset(): void {
    while (this.#held.size > 0) this.#skipGap();
    this.#acquit();
    this.#ssrc = undefined;
  }

  /** When the longest-waiting packet has waited enough; undefined while none waits. */
  deadlineMs(): number | undefined {
    // A map keeps the order of arrival.
    for (const { atMs } of this.#held.values()) return atMs + this.#limits.reorderMs;
    return undefined;
  }

  figures(): ReorderFigures {
    return {
      received: this.#received,
      delivered: this.#delivered,
      lost: this.#lost,
      reordered: this.#reordered,
      duplicates: this.#duplicates,
      late: this.#late,
      restarts: this.#restarts,
      strays: this.#strays,
    };
  }

  #begin({ ssrc, sequence }: Numbered<T>): void {
    this.#ssrc = ssrc;
    this.#next = sequence;
    this.#newest = sequence;
    this.#wasDelivered.fill(0);
    this.#restarted(ssrc);
  }

  #comesLate(packet: Numbered<T>): void {
    if (this.#wasDelivered[packet.sequence % memory] === 1) this.#duplicates += 1;
    else this.#late += 1;
  }

  #comesInTime(packet: Numbered<T>, nowMs: number): void {
    if (this.#held.has(packet.sequence)) {
      this.#duplicates += 1;
      return;
    }
    if (signed16(this.#newest - packet.sequence) > 0) this.#reordered += 1;
    else this.#newest = packet.sequence;
    this.#held.set(packet.sequence, { packet, atMs: nowMs });
    this.#release();
    while (this.#held.size > this.#limits.reorderPackets) this.#skipGap();
  }

  #release(): void {
    for (let held = this.#held.get(this.#next); held !== undefined; held = this.#held.get(this.#next)) {
      this.#held.delete(this.#next);
      this.#wasDelivered[this.#next % memory] = 1;
      this.#next = (this.#next + 1) & 0xffff;
      this.#delivered += 1;
      this.#deliver(held.packet);
    }
  }

  /** Counts the packets up to the first that waits as lost, and goes on from there. */
  #skipGap(): void {
    let gap = 0x10000;
    for (const sequence of this.#held.keys()) gap = Math.min(gap, (sequence - this.#next) & 0xffff);
    for (let i = 0; i < gap; i += 1) this.#wasDelivered[(this.#next + i) % memory] = 0;
    this.#lost += gap;
    this.#next = (this.#next + gap) & 0xffff;
    this.#release();
  }

  /** A packet of our source clears any newcomer: two senders at once do not take turns. */
  #acquit(): void {
    if (this.#newcomer === undefined) return;
    this.#newcomer = undefined;
    this.#strays += 1;
  }

  #suspect(packet: Numbered<T>, nowMs: number): void {
    const first = this.#newcomer;
    const isProven =
      first !== undefined &&
      first.packet.ssrc === packet.ssrc &&
      signed16(packet.sequence - first.packet.sequence) === 1;
    if (!isProven) {
      this.#acquit();
      this.#newcomer = { packet, atMs: nowMs };
      return;
    }
    this.#newcomer = undefined;
    while (this.#held.size > 0) this.#skipGap();
    this.#restarts += 1;
    this.#begin(first.packet);
    this.#comesInTime(first.packet, first.atMs);
    this.#comesInTime(packet, nowMs);
  }
}

/** A difference of sequence numbers as −32768 … 32767: the nearest reading mod 2¹⁶. */
const signed16 = (difference: number): number => (difference << 16) >> 16;
