/** The one face of libsrt: listen, dial, receive batches, send batches, stats. Only this file loads the addon. */

import { lookup } from 'node:dns';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type { PacketBatch } from '../media.ts';
import { packageFile } from '../package-folder.ts';
import { type CloseCause, type RefusalCause, refusalCauses } from './causes.ts';
import {
  type LinkOptions,
  type Native,
  type Peer,
  Session,
  type SlabLayout,
  type SrtSession,
  toNative,
} from './session.ts';

export type { CloseCause, RefusalCause } from './causes.ts';
export type { Encryption, KeyLength, Link, LinkOptions, Peer, SrtSession } from './session.ts';
export type { SrtStats } from './stats.ts';

export interface ListenOptions extends LinkOptions {
  /** Numeric; `::` takes IPv4 too. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** CIDR networks or single addresses, IPv4 and IPv6. Nobody else passes; an empty list admits nobody. */
  readonly allowlist: readonly string[];
  /** A session that delivered nothing for so long is replaced by the next caller that passes every check. */
  readonly giveWayMs: number;
}

export interface DialOptions extends LinkOptions {
  /** Numeric, or a name that is looked up. */
  readonly host: string;
  readonly port: number;
}

export interface SrtListener {
  readonly port: number;
  /** Acts at once: a session whose address is no longer allowed is closed. */
  setAllowlist(networks: readonly string[]): void;
  /** Closes its session too. Safe to call twice. */
  close(): void;
}

export interface ListenHandlers {
  accepted(session: SrtSession): void;
  /** The batch is on loan until this returns. */
  data(session: SrtSession, batch: PacketBatch): void;
  /** Once for each accepted session. */
  closed(session: SrtSession, cause: CloseCause): void;
  /** Once for each refused caller; those of a flood past 64 at a time are only counted (`refusalsUnreported`). */
  refused(peer: Peer, cause: RefusalCause): void;
}

export interface DialHandlers {
  connected(session: SrtSession): void;
  /** Once, whether it ever connected or not. */
  closed(session: SrtSession, cause: CloseCause): void;
}

/** Totals of the process. */
export interface SrtCounters {
  /** Rounds of the I/O thread. */
  readonly wakes: number;
  /** Messages received. */
  readonly messages: number;
  /** Rounds in which a stream had to wait in libsrt's buffer, because JS held every slab. */
  readonly stalls: number;
  /** Messages that `send` did not take. */
  readonly sendRefused: number;
  /** Messages sent as of now, being due before their output was connected. */
  readonly sentUntimed: number;
  readonly refusalsUnreported: number;
}

export interface Srt {
  /**
   * Throws an Error with a `code`: SRT_PORT_IN_USE, SRT_BAD_OPTION, SRT_BAD_ADDRESS, SRT_BAD_NETWORK, SRT_CLOSED or
   * SRT_FAILED.
   */
  listen(options: ListenOptions, on: ListenHandlers): SrtListener;
  /** Returns at once; throws as `listen` does, but what is wrong with a looked-up address comes through `closed`. */
  dial(options: DialOptions, on: DialHandlers): SrtSession;
  counters(): SrtCounters;
  /** Closes everything and joins libsrt's threads, which blocks for some 30 ms. Safe to call twice. */
  close(): Promise<void>;
}

export interface SrtSettings {
  /** How often the sockets are read, 10. Less costs CPU, more makes larger batches; due times keep the spacing. */
  readonly tickMs?: number;
  /** Batches in flight between the I/O thread and JS, 128: 12 MB of address space, of which only those in use count. */
  readonly slabs?: number;
}

/** Starts libsrt and its I/O thread. One owner per process: a second one, in a Worker too, fails with SRT_BUSY. */
export const openSrt = (settings: SrtSettings = {}): Srt => new OpenSrt(settings);

/**
 * The file as memory: what is stored there is in the file although the process is killed. Here because only native code
 * can, and only this file loads it. Throws an Error with the code MAP_FAILED.
 */
export const mapFile = (path: string, bytes: number): Uint8Array => new Uint8Array(loadAddon().mapFile(path, bytes));

/**
 * True once this process alone has the file; the system lets go of it when the process ends, however it ends. False where
 * another process has it. Throws an Error with the code LOCK_FAILED.
 */
export const lockFile = (path: string): boolean => loadAddon().lockFile(path);

/** `enum class EventKind` of addon/core.hpp. */
const EVENT = { accepted: 1, connected: 2, closed: 3, refused: 4 } as const;

class OpenSrt implements Srt {
  readonly #native: Native = loadAddon();
  readonly #slabs: SlabLayout;
  readonly #listeners = new Map<number, Listening>();
  readonly #sessions = new Map<number, Session>();
  /** Dialled by a name that is still being looked up. */
  readonly #pending = new Set<Session>();
  #open = true;

  constructor({ tickMs = 10, slabs = 128 }: SrtSettings) {
    this.#slabs = this.#native.start(
      tickMs,
      slabs,
      (socket, slab, bytes, messages) => this.#sessions.get(socket)?.data(toBatch(this.#slabs, slab, bytes, messages)),
      (kind, socket, a, b, address, port) => this.#happened(kind, socket, a, b, { address, port }),
    );
  }

  listen(options: ListenOptions, on: ListenHandlers): SrtListener {
    const { host, port, allowlist, streamId, giveWayMs } = options;
    const link = toNative({ ...options, streamId: undefined });
    const socket = this.#native.listen(host, port, link, allowlist, streamId, giveWayMs);
    this.#listeners.set(socket, { on, encrypted: options.encryption !== undefined });
    return {
      port: this.#native.port(socket),
      setAllowlist: (networks) => {
        if (this.#listeners.has(socket)) this.#native.setAllowlist(socket, networks);
      },
      close: () => this.#closeListener(socket),
    };
  }

  dial(options: DialOptions, on: DialHandlers): SrtSession {
    const { host, port } = options;
    const link = toNative(options);
    const handlers = { up: on.connected.bind(on), closed: on.closed.bind(on) };
    const session = new Session({ address: host, port }, options.encryption !== undefined, handlers);
    const connect = (address: string): void =>
      this.#keep(this.#native.dial(address, port, link), session, { address, port });
    if (isIP(host) !== 0) connect(host);
    else this.#lookUp(host, session, connect);
    return session;
  }

  counters(): SrtCounters {
    return this.#native.counters();
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    for (const socket of this.#listeners.keys()) this.#closeListener(socket);
    for (const session of [...this.#sessions.values(), ...this.#pending]) session.close();
    this.#native.stop();
  }

  #closeListener(socket: number): void {
    if (!this.#listeners.delete(socket)) return;
    for (const session of this.#sessions.values()) if (session.listener === socket) session.close();
    this.#native.close(socket);
  }

  #keep(socket: number, session: Session, peer: Peer): void {
    this.#sessions.set(socket, session);
    session.attach({ native: this.#native, socket, forget: () => this.#sessions.delete(socket) }, peer);
  }

  #lookUp(host: string, session: Session, connect: (address: string) => void): void {
    this.#pending.add(session);
    lookup(host, (failure, address) => {
      this.#pending.delete(session);
      if (session.over) return;
      if (failure) return session.end('unknown-host');
      try {
        connect(address);
      } catch {
        // No route, or no IPv6 here: one of the ways in which a dial comes to nothing, told like the others.
        session.end('cannot-dial');
      }
    });
  }

  #happened(kind: number, socket: number, a: number, b: number, peer: Peer): void {
    if (kind === EVENT.accepted) this.#accept(socket, a, peer);
    else if (kind === EVENT.connected) this.#sessions.get(socket)?.up();
    else if (kind === EVENT.closed) this.#sessions.get(socket)?.ended(a, b);
    else if (kind === EVENT.refused)
      this.#listeners.get(socket)?.on.refused(peer, refusalCauses[a - 1] ?? 'handshake-failed');
  }

  #accept(socket: number, listener: number, peer: Peer): void {
    const listening = this.#listeners.get(listener);
    if (!listening) return; // Closed since, and the addon closed the session with it.
    const { on } = listening;
    const handlers = { up: on.accepted.bind(on), data: on.data.bind(on), closed: on.closed.bind(on) };
    const session = new Session(peer, listening.encrypted, handlers, listener);
    this.#keep(socket, session, peer);
    session.up();
  }
}

interface Listening {
  readonly on: ListenHandlers;
  readonly encrypted: boolean;
}

/** Views on the slab, no copy. */
function toBatch(slabs: SlabLayout, slab: number, bytes: number, messages: number): PacketBatch {
  const base = slab * slabs.slabBytes;
  return {
    container: 'ts',
    data: new Uint8Array(slabs.pool, base, bytes),
    lengths: new Uint16Array(slabs.pool, base + slabs.lengthsAt, messages),
    dues: new BigInt64Array(slabs.pool, base + slabs.duesAt, messages),
    at: Math.round(performance.now() * 1000),
  };
}

/** Built where its sources lie: scripts/addon.mjs. */
function loadAddon(): Native {
  const path = packageFile('relay/srt/addon/build/Release/srt.node');
  if (!existsSync(path)) throw new Error(`The SRT addon is not built (${path}): run "npm run addon".`);
  const load: (path: string) => Native = createRequire(import.meta.url);
  return load(path);
}
