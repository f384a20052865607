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

export interface LossyUdp {
  /** Send here instead. */
  readonly port: number;
  /** On the way there. */
  counts(): { readonly passed: number; readonly lost: number; readonly doubled: number; readonly reordered: number };
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
    out.carry(() => far.send(datagram, to, host));
  });
  far.on('message', (datagram) => home.carry(() => near.send(datagram, caller, host)));
  // "Nobody listens there" is what the ends would hear of a real network too.
  for (const socket of [near, far]) socket.on('error', () => {});
  return {
    port: near.address().port,
    counts: () => out.counts,
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
  readonly counts = { passed: 0, lost: 0, doubled: 0, reordered: 0 };
  readonly #impairment: Impairment;
  readonly #random: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #lastDueMs = 0;

  constructor(impairment: Impairment, random: () => number) {
    this.#impairment = impairment;
    this.#random = random;
  }

  carry(deliver: () => void): void {
    const { loss = 0, duplicate = 0, delayMs = 0, jitterMs = 0, reorder = 0, reorderMs = 10 } = this.#impairment;
    if (this.#random() < loss) {
      this.counts.lost++;
      return;
    }
    this.counts.passed++;
    const now = performance.now();
    const dueMs = Math.max(now + delayMs + this.#random() * jitterMs, this.#lastDueMs);
    const isLate = this.#random() < reorder;
    if (isLate) this.counts.reordered++;
    else this.#lastDueMs = dueMs;
    this.#at(dueMs - now + (isLate ? reorderMs : 0), deliver);
    if (this.#random() >= duplicate) return;
    this.counts.doubled++;
    this.#at(dueMs - now, deliver);
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
