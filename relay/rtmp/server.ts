/** One RTMP port for many flows: accepts encoders, tells them apart by app and stream key, hands their media on. */

import { createServer, type Socket } from 'node:net';
import { plainAddress } from '../address.ts';
import type { RtmpFaultCode } from './fault.ts';
import { rtmpLimits, type RtmpLimits } from './limits.ts';
import { refusals, type RefusalCause } from './refusal.ts';
import {
  Connection,
  type ConnectionHall,
  type ConnectRequest,
  type PublishRequest,
  type PublishVerdict,
  type RefusedCaller,
} from './server-connection.ts';

export interface RtmpServerOptions {
  readonly host: string;
  readonly port: number;
  /**
   * May be asked several times for one publish, once for each reading of the name: a look-up without side effects.
   * The caller compares keys in constant time and checks the pipeline's allowlist.
   */
  authorize(request: PublishRequest): PublishVerdict;
  /** May be given to refuse an app at connect; the app is as the encoder sent it and may hold the key. */
  connecting?(request: ConnectRequest): RefusalCause | undefined;
  /** Whether any flow lets this address in; checked at accept. Absent: all may knock. */
  admits?(address: string): boolean;
  /** Called exactly once for each connection that ends without having been a publisher. */
  refused(caller: RefusedCaller): void;
  readonly limits?: Partial<RtmpLimits>;
  /** Monotonic ms. */
  readonly now?: () => number;
}

export interface RtmpServerCounters {
  readonly connections: number;
  readonly publishers: number;
  readonly accepted: number;
  readonly refused: number;
  /** Connections the operating system could not give us, as when files run out. */
  readonly failedAccepts: number;
  readonly faults: ReadonlyMap<RtmpFaultCode, number>;
}

export interface RtmpServer {
  /** The port that is bound, also when 0 was asked for. */
  readonly port: number;
  counters(): RtmpServerCounters;
  /** Stops listening and lets everybody go; resolves when the sockets are closed. Safe to call twice. */
  close(): Promise<void>;
}

/** Listens. Rejects with Node's own error (EADDRINUSE, EACCES…) when the port cannot be had. */
export async function openRtmpServer(options: RtmpServerOptions): Promise<RtmpServer> {
  const hall = new Hall(options);
  const server = createServer({ noDelay: true }, (socket) => hall.enter(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port }, resolve);
  });
  // From here on only accept can fail (EMFILE): that caller is lost, the next may be let in.
  server.removeAllListeners('error').on('error', () => hall.acceptFailed());
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
  let closing: Promise<void> | undefined;
  return {
    port,
    counters: () => hall.counters(),
    close: () => {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        hall.empty();
      });
      return closing;
    },
  };
}

/** What all connections of one server share: who is here, who holds which slot, and the counts. */
class Hall implements ConnectionHall {
  readonly limits: RtmpLimits;
  readonly now: () => number;
  readonly #options: RtmpServerOptions;
  readonly #slots = new Map<string, Connection>();
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #faults = new Map<RtmpFaultCode, number>();
  #accepted = 0;
  #refused = 0;
  #failedAccepts = 0;

  constructor(options: RtmpServerOptions) {
    this.#options = options;
    this.limits = { ...rtmpLimits, ...options.limits };
    this.now = options.now ?? (() => performance.now());
  }

  enter(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    const port = socket.remotePort ?? 0;
    const cause = this.#unwelcome(address);
    if (cause !== undefined) {
      socket.on('error', () => socket.destroy());
      socket.destroy();
      this.refuse({ address, port, cause, words: refusals[cause].words });
      return;
    }
    this.#perAddress.set(address, this.#countAt(address) + 1);
    const connection = new Connection(this, socket, { address, port });
    this.#connections.add(connection);
    socket.once('close', () => this.#leave(connection, address));
  }

  connecting(request: ConnectRequest): RefusalCause | undefined {
    return this.#options.connecting?.(request);
  }

  authorize(request: PublishRequest): PublishVerdict {
    return this.#options.authorize(request);
  }

  acceptFailed(): void {
    this.#failedAccepts += 1;
  }

  refuse(caller: RefusedCaller): void {
    this.#refused += 1;
    this.#options.refused(caller);
  }

  countFault(code: RtmpFaultCode): void {
    this.#faults.set(code, (this.#faults.get(code) ?? 0) + 1);
  }

  /** Gives the slot to `connection` unless a living publisher holds it; one that fell silent gives way. */
  claim(slot: string, connection: Connection): boolean {
    const holder = this.#slots.get(slot);
    if (holder !== undefined && !holder.isSilent()) return false;
    holder?.displace();
    this.#slots.set(slot, connection);
    this.#accepted += 1;
    return true;
  }

  vacate(slot: string, connection: Connection): void {
    if (this.#slots.get(slot) === connection) this.#slots.delete(slot);
  }

  empty(): void {
    for (const connection of this.#connections) connection.close();
  }

  counters(): RtmpServerCounters {
    return {
      connections: this.#connections.size,
      publishers: this.#slots.size,
      accepted: this.#accepted,
      refused: this.#refused,
      failedAccepts: this.#failedAccepts,
      faults: new Map(this.#faults),
    };
  }

  #unwelcome(address: string): RefusalCause | undefined {
    if (this.#options.admits?.(address) === false) return 'address-not-allowed';
    const isFull = this.#connections.size >= this.limits.connections;
    return isFull || this.#countAt(address) >= this.limits.connectionsPerAddress ? 'over-caller-limit' : undefined;
  }

  #countAt(address: string): number {
    return this.#perAddress.get(address) ?? 0;
  }

  #leave(connection: Connection, address: string): void {
    this.#connections.delete(connection);
    const left = this.#countAt(address) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}
