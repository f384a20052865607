/** A network between two UDP ports that loses, delays, shuffles and doubles datagrams: by a seed, so the same each time. */
import { createSocket, type Socket } from 'node:dgram';
import { randomNumbers } from '../relay/formats/packets.ts';

/** Ratios are 0 to 1. Nothing given: a wire. */
export interface Impairment {
  readonly loss?: number;
  readonly duplicate?: number;
  readonly delayMs?: number;
  /** Up to so much more delay, the order kept. */
  readonly jitterMs?: number;
  /** So many datagrams are overtaken by those of the next `reorderMs`, 10 where it is not given. */
  readonly reorder?: number;
  readonly reorderMs?: number;
}

export interface LossyUdpOptions {
  /** The port on 127.0.0.1 that it leads to. */
  readonly to: number;
  readonly seed: number;
  readonly there?: Impairment;
  readonly back?: Impairment;
}

/** Exact counts of one direction. */
export interface PathCounts {
  readonly passed: number;
  /** By chance and in cuts. */
  readonly lost: number;
  readonly doubled: number;
  /** Held back, so that others may overtake it; `overtaken` are those that really were. */
  readonly reordered: number;
  readonly overtaken: number;
  /** How long each datagram that was delivered had been held, in ms, summed. */
  readonly heldMs: number;
  readonly delivered: number;
  /** Of SRT's data packets: those sent for the first time, and repeats. */
  readonly originals: { readonly passed: number; readonly lost: number };
  readonly repeats: { readonly passed: number; readonly lost: number };
}

export interface LossyUdp {
  /** Send here instead. */
  readonly port: number;
  /** On the way there. */
  counts(): PathCounts;
  back(): PathCounts;
  /** Nothing goes through in these directions until `mend`. */
  cut(...ways: readonly ('there' | 'back')[]): void;
  mend(): void;
  /** What a round trip took, on average. */
  rttMs(): number;
  close(): Promise<void>;
}

const host = '127.0.0.1';

/** One caller at a time: what comes back goes to whoever sent last. */
export async function openLossyUdp({ to, seed, there = {}, back = {} }: LossyUdpOptions): Promise<LossyUdp> {
  const [near, far] = await Promise.all([openSocket(), openSocket()]);
  const random = randomNumbers(seed);
  const [out, home] = [new Path(there, random), new Path(back, random)];
  let caller = 0;
  near.on('message', (datagram, { port }) => {
    caller = port;
    out.carry(datagram, () => far.send(datagram, to, host));
  });
  far.on('message', (datagram) => home.carry(datagram, () => near.send(datagram, caller, host)));
  // "Nobody listens there" is what the ends would hear of a real network too.
  for (const socket of [near, far]) socket.on('error', () => {});
  return {
    port: near.address().port,
    counts: () => out.counts,
    back: () => home.counts,
    cut: (...ways) => {
      out.isCut = ways.includes('there');
      home.isCut = ways.includes('back');
    },
    mend: () => {
      out.isCut = false;
      home.isCut = false;
    },
    rttMs: () => [out, home].reduce((sum, { counts }) => sum + counts.heldMs / counts.delivered, 0),
    close: async () => {
      for (const path of [out, home]) path.close();
      await Promise.all([near, far].map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
    },
  };
}

const openSocket = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.once('error', reject);
    socket.bind(0, host, () => resolve(socket));
  });

/** One direction. */
class Path {
  readonly counts = {
    ...{ passed: 0, lost: 0, doubled: 0, reordered: 0, overtaken: 0, heldMs: 0, delivered: 0 },
    originals: { passed: 0, lost: 0 },
    repeats: { passed: 0, lost: 0 },
  };
  isCut = false;
  #number = 0;
  #newest = 0;
  readonly #impairment: Impairment;
  readonly #random: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #lastDueMs = 0;

  constructor(impairment: Impairment, random: () => number) {
    this.#impairment = impairment;
    this.#random = random;
  }

  carry(datagram: Uint8Array, send: () => void): void {
    const { loss = 0, duplicate = 0, delayMs = 0, jitterMs = 0, reorder = 0, reorderMs = 10 } = this.#impairment;
    const isLost = this.#random() < loss || this.isCut;
    const fate = isLost ? 'lost' : 'passed';
    this.counts[fate]++;
    const kind = srtKind(datagram);
    if (kind) this.counts[kind][fate]++;
    if (isLost) return;
    const now = performance.now();
    const number = this.#number++;
    const deliver = (): void => {
      if (number < this.#newest) this.counts.overtaken++;
      this.#newest = Math.max(this.#newest, number);
      this.counts.heldMs += performance.now() - now;
      this.counts.delivered++;
      send();
    };
    const dueMs = Math.max(now + delayMs + this.#random() * jitterMs, this.#lastDueMs);
    const isLate = this.#random() < reorder;
    if (isLate) this.counts.reordered++;
    else this.#lastDueMs = dueMs;
    this.#at(dueMs - now + (isLate ? reorderMs : 0), deliver);
    if (this.#random() >= duplicate) return;
    this.counts.doubled++;
    this.#at(dueMs - now, send);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** What is due at once keeps its order with what was. */
  #at(ms: number, deliver: () => void): void {
    if (ms < 1 && this.#timers.size === 0) return deliver();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      deliver();
    }, ms);
    this.#timers.add(timer);
  }
}

/** SRT's data packets have a 0 first; the bit R of their second word says "retransmitted". Source: SRT internet draft, 3.1. */
function srtKind(datagram: Uint8Array): 'originals' | 'repeats' | undefined {
  const [first = 0x80, , , , flags = 0] = datagram;
  if (first >= 0x80) return undefined;
  return (flags & 0x04) === 0 ? 'originals' : 'repeats';
}
