/** One SRT link: what is agreed about it, its session, and what the addon is told. */

import type { Encryption, KeyLength } from '../contract/settings.ts';
import type { PacketBatch, Peer } from '../media.ts';
import { type CloseCause, dialFailure } from './causes.ts';
import { type RawStats, type SrtStats, statsSum } from './stats.ts';

export type { Encryption, KeyLength } from '../contract/settings.ts';
export type { Peer } from '../media.ts';

/** Options are named as in libsrt's docs/API/API-socket-options.md. */
export interface LinkOptions {
  /** The larger of both ends' wishes is used: SRTO_LATENCY. */
  readonly latencyMs: number;
  /** bit/s; sizes the buffers (SRTO_FC, SRTO_RCVBUF, SRTO_SNDBUF) and limits nothing. */
  readonly maxBitrate: number;
  readonly encryption?: Encryption | undefined;
  /** A dialler presents it; a listener that has one admits only callers that present exactly it: SRTO_STREAMID. */
  readonly streamId?: string | undefined;
  /** The peer is gone after so long without a packet: SRTO_PEERIDLETIMEO, 5000. libsrt waits 5 s at the least. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long to dial; a dead target always takes the whole of it: SRTO_CONNTIMEO, 3000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Packets that may overtake one before it counts as lost: SRTO_LOSSMAXTTL, 0. */
  readonly reorderTolerance?: number | undefined;
}

export interface Link {
  /** Negotiated, of the direction that data flows. */
  readonly latencyMs: number;
  /** 0 when not encrypted. */
  readonly keyLength: KeyLength | 0;
  readonly encrypted: boolean;
}

/** One peer. A session from a listener receives, a dialled one sends. */
export interface SrtSession {
  readonly peer: Peer;
  /**
   * Copies the batch into the send buffer and returns how many messages that took, always the first ones unless some
   * are longer than 1456 bytes. The rest is gone: the buffer is full, or the link not up. The caller counts them.
   */
  send(batch: PacketBatch): number;
  /** Undefined while the link is not up, and once it is broken: keep the last ones. */
  stats(): SrtStats | undefined;
  /** Undefined while the link is not up. */
  link(): Link | undefined;
  /** The peer learns at once. `closed` follows with `local`. Safe to call twice. */
  close(): void;
}

/** The addon, addon/addon.cc. A socket is libsrt's SRTSOCKET; a failure throws an Error with a `code`. */
export interface Native {
  start(
    tickMs: number,
    slabs: number,
    onData: (socket: number, slab: number, bytes: number, messages: number) => void,
    onEvent: (kind: number, socket: number, a: number, b: number, address: string, port: number) => void,
  ): SlabLayout;
  stop(): void;
  listen(
    host: string,
    port: number,
    link: NativeLink,
    allowlist: readonly string[],
    streamId: string | undefined,
    giveWayMs: number,
  ): number;
  dial(address: string, port: number, link: NativeLink): number;
  setAllowlist(listener: number, allowlist: readonly string[]): void;
  send(socket: number, data: Uint8Array, lengths: Uint16Array, dues: BigInt64Array | undefined): number;
  stats(socket: number): RawStats | undefined;
  option(socket: number, name: 'RCVLATENCY' | 'PEERLATENCY' | 'PBKEYLEN' | 'KMSTATE'): number | undefined;
  port(socket: number): number;
  close(socket: number): void;
  mapFile(path: string, bytes: number): ArrayBuffer;
  lockFile(path: string): boolean;
  counters(): Record<'wakes' | 'messages' | 'stalls' | 'sendRefused' | 'sentUntimed' | 'refusalsUnreported', number>;
}

/** Slab i begins at i × `slabBytes` of `pool`: data, then int64 due times at `duesAt`, uint16 lengths at `lengthsAt`. */
export interface SlabLayout {
  readonly pool: ArrayBuffer;
  readonly slabBytes: number;
  readonly duesAt: number;
  readonly lengthsAt: number;
}

export interface NativeLink {
  readonly latencyMs: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly bufferPackets: number;
  readonly reorderTolerance: number;
  readonly keyBytes: number;
  readonly passphrase: string;
  readonly streamId: string;
}

/** Throws an Error with code SRT_BAD_OPTION. */
export function toNative(options: LinkOptions): NativeLink {
  const passphrase = options.encryption?.passphrase ?? '';
  const length = Buffer.byteLength(passphrase);
  if (options.encryption && (length < 10 || length > 79)) throw badOption('A passphrase has 10 to 79 bytes.');
  const streamId = options.streamId ?? '';
  if (Buffer.byteLength(streamId) > 512) throw badOption('A stream id has at most 512 bytes.');
  return {
    latencyMs: options.latencyMs,
    connectTimeoutMs: options.connectTimeoutMs ?? 3000,
    idleTimeoutMs: options.idleTimeoutMs ?? 5000,
    bufferPackets: bufferPackets(options.latencyMs, options.maxBitrate),
    reorderTolerance: options.reorderTolerance ?? 0,
    keyBytes: (options.encryption?.keyLength ?? 0) / 8,
    passphrase,
    streamId,
  };
}

/** Session of a listener (`listener` is its socket) or of a dial; the addon's events come in through the methods. */
export class Session implements SrtSession {
  peer: Peer;
  readonly listener: number | undefined;
  readonly #on: SessionHandlers;
  readonly #encrypted: boolean;
  readonly #sum = statsSum();
  #wire: Wire | undefined;
  #up = false;
  #over = false;

  constructor(peer: Peer, encrypted: boolean, on: SessionHandlers, listener?: number) {
    this.peer = peer;
    this.listener = listener;
    this.#encrypted = encrypted;
    this.#on = on;
  }

  get over(): boolean {
    return this.#over;
  }

  send(batch: PacketBatch): number {
    if (!this.#up || !this.#wire) return 0;
    return this.#wire.native.send(this.#wire.socket, batch.data, batch.lengths, batch.dues);
  }

  stats(): SrtStats | undefined {
    const raw = this.#up ? this.#wire?.native.stats(this.#wire.socket) : undefined;
    return raw && this.#sum(raw);
  }

  link(): Link | undefined {
    if (!this.#up || !this.#wire) return undefined;
    const { native, socket } = this.#wire;
    const latencyMs = native.option(socket, this.listener === undefined ? 'PEERLATENCY' : 'RCVLATENCY');
    if (latencyMs === undefined) return undefined;
    // SRT_KM_S_SECURED of SRT_KM_STATE in srt.h.
    const encrypted = native.option(socket, 'KMSTATE') === 2;
    return { latencyMs, encrypted, keyLength: encrypted ? toKeyLength(native.option(socket, 'PBKEYLEN')) : 0 };
  }

  close(): void {
    if (this.#over) return;
    const wire = this.#wire;
    this.#finish();
    wire?.native.close(wire.socket);
    // Not from within the caller's own call: it has yet to note that it closed us.
    queueMicrotask(() => this.#on.closed(this, 'local'));
  }

  /** From here on the session has a socket, and `forget` is called when it ends. */
  attach(wire: Wire, peer: Peer): void {
    this.#wire = wire;
    this.peer = peer;
  }

  up(): void {
    this.#up = true;
    this.#on.up(this);
  }

  data(batch: PacketBatch): void {
    this.#on.data?.(this, batch);
  }

  end(cause: CloseCause): void {
    if (this.#over) return;
    this.#finish();
    this.#on.closed(this, cause);
  }

  /** `ending` is `enum class Ending` of addon/core.hpp, `reason` libsrt's reject reason when it never connected. */
  ended(ending: number, reason: number): void {
    this.end(endings[ending] ?? dialFailure(reason, this.#encrypted));
  }

  #finish(): void {
    this.#over = true;
    this.#up = false;
    this.#wire?.forget();
    this.#wire = undefined;
  }
}

export interface SessionHandlers {
  up(session: SrtSession): void;
  data?(session: SrtSession, batch: PacketBatch): void;
  closed(session: SrtSession, cause: CloseCause): void;
}

export interface Wire {
  readonly native: Native;
  readonly socket: number;
  forget(): void;
}

const endings: readonly CloseCause[] = ['peer-closed', 'peer-silent', 'gave-way', 'address-not-allowed'];

/** ms of round trip and of our own stalls that the buffers hold on top of the latency. */
const ALLOWANCE_MS = 1000;
const MIN_PACKETS = 2048;
/** SRTO_RCVBUF is an int32 of bytes. */
const MAX_PACKETS = 1_400_000;

/** Too small buffers lose data on a perfect link: 7.8 % at latency 8 s and 20 Mbit/s with libsrt's own 8192 packets. */
function bufferPackets(latencyMs: number, maxBitrate: number): number {
  const packets = (maxBitrate / 8 / 1316) * ((latencyMs + ALLOWANCE_MS) / 1000) * 1.3;
  return Math.min(MAX_PACKETS, Math.max(MIN_PACKETS, Math.ceil(packets)));
}

function toKeyLength(bytes: number | undefined): KeyLength {
  return bytes === 32 ? 256 : bytes === 24 ? 192 : 128;
}

function badOption(words: string): Error {
  return Object.assign(new Error(words), { code: 'SRT_BAD_OPTION' });
}
