/** Sends MPEG-TS to one destination by UDP: as RTP, or bare when told so; unicast or multicast; paced. */

import { createSocket, type Socket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { plainAddress } from '../address.ts';
import type { PacketBatch } from '../media.ts';
import { isRtpBatch } from './batch.ts';
import { rtpSendLimits, type RtpSendLimits } from './limits.ts';
import { Pacer } from './pacer.ts';
import { buildRtp, stampRtp, tsPacketBytes, tsPacketsPerDatagram } from './packet.ts';

export interface RtpSenderOptions {
  /** Name or address. Looked up once, here. */
  readonly host: string;
  readonly port: number;
  /** Routers a datagram may pass. Absent: the system's, which for multicast is 1. */
  readonly ttl?: number;
  /** Address of the interface that multicast leaves by. */
  readonly interfaceAddress?: string;
  /** Sends bare TS over UDP instead of RTP. */
  readonly bareTs?: boolean;
  /** Whether an address may be sent to. */
  permits?(address: string): boolean;
  readonly limits?: Partial<RtpSendLimits>;
}

export interface RtpSenderFigures {
  readonly sentPackets: number;
  readonly sentBytes: number;
  /** Not sent: too many waited. */
  readonly droppedPackets: number;
  /** Sent, but the kernel or the destination's host said no. */
  readonly failedPackets: number;
  /** Node's code of the last such no, as ECONNREFUSED when nobody listens there. */
  readonly lastError: string | undefined;
  readonly waitingPackets: number;
}

export interface RtpSender {
  /** Copies the batch and sends it over the time it stands for. Never blocks. */
  send(batch: PacketBatch): void;
  figures(): RtpSenderFigures;
  /** Drops what waits. Safe to call twice; resolves when the socket is gone. */
  close(): Promise<void>;
}

/** The destination is one that this relay must not send to. */
export class AddressNotPermitted extends Error {}

/** Looks the host up and opens a socket to it. Rejects with Node's own error, or AddressNotPermitted. */
export async function openRtpSender(options: RtpSenderOptions): Promise<RtpSender> {
  const { address, family } = await lookup(options.host);
  if (options.permits?.(plainAddress(address)) === false)
    throw new AddressNotPermitted(`${options.host} may not be sent to.`);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(options.port, address, resolve);
  });
  socket.removeAllListeners('error');
  const isMulticast = /^(22[4-9]|23\d)\.|^ff/i.test(address);
  if (options.ttl !== undefined && isMulticast) socket.setMulticastTTL(options.ttl);
  else if (options.ttl !== undefined) socket.setTTL(options.ttl);
  if (options.interfaceAddress !== undefined && isMulticast) socket.setMulticastInterface(options.interfaceAddress);
  return new Sender(socket, options.bareTs === true, { ...rtpSendLimits, ...options.limits });
}

/** How often waiting datagrams are looked at, in ms: at 20 Mbit/s four of them go out together. */
const tickMs = 2;
/** RTP's clock for MPEG-TS is 90 kHz (RFC 2250 §2). */
const ticksPerUs = 0.09;
const datagramBytes = tsPacketBytes * tsPacketsPerDatagram;

/** `isOurs`: numbered by us, so that its time is to be written when it leaves. */
interface Datagram {
  readonly bytes: Uint8Array;
  readonly isOurs: boolean;
}

class Sender implements RtpSender {
  readonly #socket: Socket;
  readonly #isBare: boolean;
  readonly #limits: RtpSendLimits;
  readonly #pacer: Pacer<Datagram>;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  readonly #clockStart = randomBytes(4).readUInt32BE();
  #sequence = randomBytes(2).readUInt16BE();
  #timer: NodeJS.Timeout | undefined;
  #sentPackets = 0;
  #sentBytes = 0;
  #droppedPackets = 0;
  #failedPackets = 0;
  #lastError: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, isBare: boolean, limits: RtpSendLimits) {
    this.#socket = socket;
    this.#isBare = isBare;
    this.#limits = limits;
    this.#pacer = new Pacer(limits.spreadMs);
    // What a host's ICMP says about an earlier datagram comes here.
    socket.on('error', (error) => this.#countFailure(error));
  }

  send(batch: PacketBatch): void {
    if (this.#closing !== undefined) return;
    const pieces = isRtpBatch(batch) && !this.#isBare ? wholeMessages(batch) : cutMessages(batch);
    const waiting = this.#pacer.waiting + this.#socket.getSendQueueCount();
    if (waiting + pieces.length > this.#limits.waitingDatagrams) {
      this.#droppedPackets += pieces.length;
      return;
    }
    const nowUs = performance.now() * 1_000;
    const datagrams = pieces.map((piece) => this.#pack(batch, piece));
    this.#pacer.put(datagrams, nowUs, offsetsOf(batch, pieces));
    this.#pump();
  }

  figures(): RtpSenderFigures {
    return {
      sentPackets: this.#sentPackets,
      sentBytes: this.#sentBytes,
      droppedPackets: this.#droppedPackets,
      failedPackets: this.#failedPackets,
      lastError: this.#lastError,
      waitingPackets: this.#pacer.waiting,
    };
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      clearTimeout(this.#timer);
      this.#socket.close(() => resolve());
    });
    return this.#closing;
  }

  #pack(batch: PacketBatch, { from, to, message }: Piece): Datagram {
    const payload = batch.data.subarray(from, to);
    if (this.#isBare) return { bytes: new Uint8Array(payload), isOurs: false };
    if (isRtpBatch(batch)) {
      const { ssrc, sequences, timestamps } = batch.rtp;
      const header = { ssrc, sequence: sequences[message] ?? 0, timestamp: timestamps[message] ?? 0 };
      return { bytes: buildRtp(header, payload), isOurs: false };
    }
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return { bytes: buildRtp({ ssrc: this.#ssrc, sequence: this.#sequence, timestamp: 0 }, payload), isOurs: true };
  }

  #pump(): void {
    for (const { dueUs, item } of this.#pacer.take(performance.now() * 1_000)) {
      if (item.isOurs) stampRtp(item.bytes, this.#clockStart + Math.round(dueUs * ticksPerUs));
      this.#sentPackets += 1;
      this.#sentBytes += item.bytes.length;
      this.#socket.send(item.bytes, (error) => {
        if (error !== null) this.#countFailure(error);
      });
    }
    if (this.#timer !== undefined || this.#pacer.waiting === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, tickMs);
  }

  #countFailure(error: Error): void {
    this.#failedPackets += 1;
    this.#lastError = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  }
}

/** Bytes `from` … `to` of a batch, which are (part of) its message of that index. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly message: number;
}

/** Each message as the datagram it came as. */
function wholeMessages({ lengths }: PacketBatch): Piece[] {
  let from = 0;
  return Array.from(lengths, (length, message) => {
    const piece = { from, to: from + length, message };
    from += length;
    return piece;
  });
}

/** No piece above 7 TS packets; a message at or below that stays whole. */
const cutMessages = (batch: PacketBatch): Piece[] =>
  wholeMessages(batch).flatMap(({ from, to, message }) =>
    Array.from({ length: Math.ceil((to - from) / datagramBytes) }, (_, i) => {
      const start = from + i * datagramBytes;
      return { from: start, to: Math.min(start + datagramBytes, to), message };
    }),
  );

/** When each piece is due after the first, in µs, where the source says so. */
function offsetsOf({ dues }: PacketBatch, pieces: readonly Piece[]): number[] | undefined {
  const first = dues?.[0];
  if (dues === undefined || first === undefined) return undefined;
  return pieces.map(({ message }) => Number((dues[message] ?? first) - first));
}
