/** A UDP port that takes MPEG-TS by RTP, or bare when told so, from the addresses that may send. */

import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { plainAddress } from '../address.ts';
import type { PacketBatch } from '../media.ts';
import type { RtpBatch } from './batch.ts';
import { rtpReceiveLimits, type RtpReceiveLimits } from './limits.ts';
import { isRtcp, isTs, parseRtp, type RtpFaultCode, type RtpPacket } from './packet.ts';
import { ReorderBuffer, type ReorderFigures } from './reorder.ts';
import { Strangers, type StrangerReport } from './strangers.ts';

export interface RtpReceiverOptions {
  readonly host: string;
  readonly port: number;
  /**
   * Whether an address may send; asked for each datagram, before anything else is looked at. Must be cheap.
   * An IPv4 address is never given in its IPv6 spelling.
   */
  allows(address: string): boolean;
  /** Takes bare TS over UDP instead of RTP. */
  readonly bareTs?: boolean;
  /** Group to join, and the address of the interface to join it on. */
  readonly multicast?: { readonly group: string; readonly interfaceAddress?: string };
  readonly limits?: Partial<RtpReceiveLimits>;
}

export interface RtpReceiverHandlers {
  /** In order. An RtpBatch when it came by RTP. On loan: the memory is used again when this returns. */
  batch(batch: PacketBatch | RtpBatch): void;
  /** A source began, or began anew: what follows has nothing to do with what came before. */
  began(source: { readonly address: string; readonly port: number; readonly ssrc: number | undefined }): void;
  /** No accepted datagram for `idleMs`. Told once; `began` follows when media comes again. */
  idle(): void;
  refused(report: StrangerReport & { readonly cause: 'address-not-allowed' | 'already-in-use' }): void;
  /** The socket broke; the receiver is closed. */
  failed(error: Error): void;
}

export interface RtpReceiverFigures extends ReorderFigures {
  readonly receivedBytes: number;
  /** Datagrams from addresses that may not send. */
  readonly foreign: number;
  readonly malformed: ReadonlyMap<RtpFaultCode, number>;
}

export interface RtpReceiver {
  readonly port: number;
  figures(): RtpReceiverFigures;
  /** Safe to call twice; resolves when the socket is gone. No handler is called afterwards. */
  close(): Promise<void>;
}

/** Binds and listens. Rejects with Node's own error when the port or the group cannot be had. */
export async function openRtpReceiver(
  options: RtpReceiverOptions,
  handlers: RtpReceiverHandlers,
): Promise<RtpReceiver> {
  const limits = { ...rtpReceiveLimits, ...options.limits };
  const type = isIPv6(options.host) ? 'udp6' : 'udp4';
  const socket = createSocket({ type, reuseAddr: options.multicast !== undefined });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: options.host, port: options.port }, resolve);
  });
  socket.removeAllListeners('error');
  const { multicast } = options;
  if (multicast !== undefined) socket.addMembership(multicast.group, multicast.interfaceAddress);
  // Linux gives as much of it as its administrator allows (net.core.rmem_max), without an error.
  socket.setRecvBufferSize(limits.kernelBytes);
  return new Receiver(socket, { options, handlers, limits });
}

interface Setup {
  readonly options: RtpReceiverOptions;
  readonly handlers: RtpReceiverHandlers;
  readonly limits: RtpReceiveLimits;
}

interface Peer {
  readonly address: string;
  readonly port: number;
}

/** Room for a batch of Ethernet-sized datagrams; a jumbo one ends the batch early. */
const bytesPerDatagram = 1_500;
/** Who sends now owns the port until silent for so long: the bursts of a second sender must not take turns with it. */
const holdMs = 1_000;

class Receiver implements RtpReceiver {
  readonly port: number;
  readonly #socket: Socket;
  readonly #handlers: RtpReceiverHandlers;
  readonly #options: RtpReceiverOptions;
  readonly #limits: RtpReceiveLimits;
  readonly #reorder: ReorderBuffer<RtpPacket>;
  readonly #strangers: Strangers;
  readonly #rivals: Strangers;
  readonly #malformed = new Map<RtpFaultCode, number>();
  readonly #data: Uint8Array;
  readonly #lengths: Uint16Array;
  readonly #sequences: Uint16Array;
  readonly #timestamps: Uint32Array;
  #filledBytes = 0;
  #count = 0;
  #batchAtUs = 0;
  #ssrc: number | undefined;
  #peer: Peer = { address: '', port: 0 };
  #isIdle = true;
  #heardMs = 0;
  #receivedBytes = 0;
  #bareReceived = 0;
  #bareStrays = 0;
  #rivalPackets = 0;
  #flushing: NodeJS.Immediate | undefined;
  #gapTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, { options, handlers, limits }: Setup) {
    this.#socket = socket;
    this.#options = options;
    this.#handlers = handlers;
    this.#limits = limits;
    this.port = socket.address().port;
    this.#data = new Uint8Array(limits.batchDatagrams * bytesPerDatagram);
    this.#lengths = new Uint16Array(limits.batchDatagrams);
    this.#sequences = new Uint16Array(limits.batchDatagrams);
    this.#timestamps = new Uint32Array(limits.batchDatagrams);
    this.#reorder = new ReorderBuffer(
      ({ item }) => this.#append(item.payload, item),
      (ssrc) => this.#begin(ssrc),
      limits,
    );
    this.#strangers = new Strangers((report) => handlers.refused({ ...report, cause: 'address-not-allowed' }), limits);
    this.#rivals = new Strangers((report) => handlers.refused({ ...report, cause: 'already-in-use' }), limits);
    this.#idleTimer = setTimeout(() => this.#checkIdle(), limits.idleMs);
    socket.on('message', (datagram, { address, port }) =>
      this.#take(datagram, { address: plainAddress(address), port }),
    );
    socket.on('error', (error) => this.#fail(error));
  }

  figures(): RtpReceiverFigures {
    const figures = this.#reorder.figures();
    return {
      ...figures,
      received: figures.received + this.#bareReceived,
      delivered: figures.delivered + this.#bareReceived - this.#bareStrays,
      strays: figures.strays + this.#bareStrays + this.#rivalPackets,
      receivedBytes: this.#receivedBytes,
      foreign: this.#strangers.total,
      malformed: new Map(this.#malformed),
    };
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      clearTimeout(this.#idleTimer);
      clearTimeout(this.#gapTimer);
      clearImmediate(this.#flushing);
      this.#socket.removeAllListeners('message');
      this.#socket.close(() => resolve());
    });
    return this.#closing;
  }

  #take(datagram: Uint8Array, from: Peer): void {
    const nowMs = performance.now();
    if (!this.#options.allows(from.address)) return this.#strangers.knock(from.address, from.port, nowMs);
    if (this.#options.bareTs === true) return this.#takeBare(datagram, from, nowMs);
    if (isRtcp(datagram)) return;
    const packet = parseRtp(datagram);
    if (typeof packet === 'string') return this.#countMalformed(packet);
    const { ssrc, sequence } = packet;
    if (ssrc !== this.#ssrc && this.#isOwnedByAnother(from, nowMs)) {
      this.#rivalPackets += 1;
      return this.#rivals.knock(from.address, from.port, nowMs);
    }
    this.#hear(datagram, from, nowMs);
    this.#reorder.push({ ssrc, sequence, item: packet }, nowMs);
    this.#armGap(nowMs);
  }

  #takeBare(datagram: Uint8Array, from: Peer, nowMs: number): void {
    if (!isTs(datagram)) return this.#countMalformed('ts-misaligned');
    this.#bareReceived += 1;
    if (this.#isOwnedByAnother(from, nowMs)) {
      this.#bareStrays += 1;
      return this.#rivals.knock(from.address, from.port, nowMs);
    }
    const begins = this.#isIdle || !this.#isPeer(from);
    this.#hear(datagram, from, nowMs);
    if (begins) this.#begin(undefined);
    this.#append(datagram);
  }

  /** An encoder that restarts may come from another port: it is taken once the old one has been silent for a while. */
  #isOwnedByAnother(from: Peer, nowMs: number): boolean {
    return !this.#isIdle && !this.#isPeer(from) && nowMs - this.#heardMs < holdMs;
  }

  #isPeer({ address, port }: Peer): boolean {
    return address === this.#peer.address && port === this.#peer.port;
  }

  #hear(datagram: Uint8Array, from: Peer, nowMs: number): void {
    this.#receivedBytes += datagram.length;
    this.#heardMs = nowMs;
    this.#peer = from;
    this.#isIdle = false;
  }

  #begin(ssrc: number | undefined): void {
    this.#flush();
    this.#ssrc = ssrc;
    this.#handlers.began({ ...this.#peer, ssrc });
  }

  #countMalformed(code: RtpFaultCode): void {
    this.#malformed.set(code, (this.#malformed.get(code) ?? 0) + 1);
  }

  /** Copies a payload into the batch. What the kernel holds now is read before the batch goes out, so few are small. */
  #append(payload: Uint8Array, packet?: RtpPacket): void {
    if (this.#count === this.#lengths.length || this.#filledBytes + payload.length > this.#data.length) this.#flush();
    if (this.#count === 0) this.#batchAtUs = performance.now() * 1_000;
    this.#data.set(payload, this.#filledBytes);
    this.#lengths[this.#count] = payload.length;
    this.#sequences[this.#count] = packet?.sequence ?? 0;
    this.#timestamps[this.#count] = packet?.timestamp ?? 0;
    this.#filledBytes += payload.length;
    this.#count += 1;
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const count = this.#count;
    if (count === 0) return;
    const batch: PacketBatch = {
      container: 'ts',
      data: this.#data.subarray(0, this.#filledBytes),
      lengths: this.#lengths.subarray(0, count),
      at: this.#batchAtUs,
    };
    this.#count = 0;
    this.#filledBytes = 0;
    this.#handlers.batch(this.#ssrc === undefined ? batch : { ...batch, rtp: this.#numbers(this.#ssrc, count) });
  }

  #numbers(ssrc: number, count: number): RtpBatch['rtp'] {
    return { ssrc, sequences: this.#sequences.subarray(0, count), timestamps: this.#timestamps.subarray(0, count) };
  }

  /** One timer while a gap is open. */
  #armGap(nowMs: number): void {
    if (this.#gapTimer !== undefined) return;
    const due = this.#reorder.deadlineMs();
    if (due === undefined) return;
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = undefined;
      const laterMs = performance.now();
      this.#reorder.poll(laterMs);
      this.#armGap(laterMs);
    }, due - nowMs);
  }

  #checkIdle(): void {
    const quietMs = performance.now() - this.#heardMs;
    if (!this.#isIdle && quietMs >= this.#limits.idleMs) {
      this.#isIdle = true;
      this.#reorder.reset();
      this.#flush();
      this.#handlers.idle();
    }
    const leftMs = this.#isIdle ? this.#limits.idleMs : this.#limits.idleMs - quietMs;
    this.#idleTimer = setTimeout(() => this.#checkIdle(), Math.max(1, leftMs));
  }

  #fail(error: Error): void {
    void this.close();
    this.#handlers.failed(error);
  }
}
