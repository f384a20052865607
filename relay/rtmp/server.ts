/** One RTMP port for many flows: accepts encoders, tells them apart by app and stream key, hands their media on. */

import { createServer, type AddressInfo, type Socket } from 'node:net';
import { RtmpFault, type RtmpFaultCode } from './fault.ts';
import { rtmpLimits, type RtmpLimits } from './limits.ts';
import { refusals, type RefusalCause } from './refusal.ts';
import { ServerSession, type SessionEnd, type SessionHost } from './server-session.ts';
import type { StreamName } from './stream-name.ts';
import type { FlvTag } from './tag.ts';

/** One reading of what an encoder asks for. `key` and `query` are secrets. `address` is never an IPv4-mapped IPv6 one. */
export interface PublishRequest extends StreamName {
  readonly address: string;
  readonly port: number;
  readonly tls: false;
}

/** `slot` names the pipeline: one publisher at a time holds it. */
export type PublishVerdict =
  | { readonly accept: true; readonly slot: string; readonly handlers: PublishHandlers }
  | { readonly accept: false; readonly cause: RefusalCause };

export interface PublishHandlers {
  /** The encoder has been told Publish.Start; tags follow. */
  opened(publisher: RtmpPublisher): void;
  /** The tag's bytes belong to the receiver. Must not block. */
  tag(tag: FlvTag): void;
  /** Once, last. */
  closed(cause: ConnectionEnd): void;
}

/** How a connection came to its end, before publish (as a refusal) or after (as the end of a stream). */
export type ConnectionEnd =
  | RefusalCause
  | RtmpFaultCode
  | 'handshake-timeout'
  | 'publish-timeout'
  | 'publisher-silent'
  | 'unpublished'
  | 'displaced'
  | 'peer-closed'
  | 'connection-lost'
  | 'closed-by-relay'
  | 'internal-error';

/** `words` are ours, never the peer's. `error` is set for 'internal-error' alone: a bug, to be shown to developers. */
export interface RefusedCaller {
  readonly address: string;
  readonly port: number;
  readonly cause: ConnectionEnd;
  readonly words: string;
  readonly error?: unknown;
}

export interface RtmpPublisher {
  readonly address: string;
  readonly port: number;
  /** What the encoder calls itself: foreign text. */
  readonly encoder: string;
  /** Bytes received on the connection so far. */
  receivedBytes(): number;
  /** Lets the encoder go; `closed` follows at once with 'closed-by-relay'. */
  close(): void;
}

export interface RtmpServerOptions {
  readonly host: string;
  readonly port: number;
  /**
   * May be asked several times for one publish, once for each reading of the name: a look-up without side effects.
   * The caller compares keys in constant time and checks the pipeline's allowlist.
   */
  authorize(request: PublishRequest): PublishVerdict;
  /** May be given to refuse an app at connect; the app is as the encoder sent it and may hold the key. */
  connecting?(request: {
    readonly app: string;
    readonly address: string;
    readonly port: number;
  }): RefusalCause | undefined;
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
  readonly faults: ReadonlyMap<RtmpFaultCode, number>;
}

export interface RtmpServer {
  readonly host: string;
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
  const { address: host, port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    host,
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

const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** What all connections of one server share: who is here, who holds which slot, and the counts. */
class Hall {
  readonly options: RtmpServerOptions;
  readonly limits: RtmpLimits;
  readonly now: () => number;
  readonly #slots = new Map<string, Connection>();
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #faults = new Map<RtmpFaultCode, number>();
  #accepted = 0;
  #refused = 0;

  constructor(options: RtmpServerOptions) {
    this.options = options;
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

  acceptFailed(): void {
    this.#refused += 1;
  }

  refuse(caller: RefusedCaller): void {
    this.#refused += 1;
    this.options.refused(caller);
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
    const { size: connections } = this.#connections;
    const { size: publishers } = this.#slots;
    return { connections, publishers, accepted: this.#accepted, refused: this.#refused, faults: new Map(this.#faults) };
  }

  #unwelcome(address: string): RefusalCause | undefined {
    if (this.options.admits?.(address) === false) return 'address-not-allowed';
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

interface Peer {
  readonly address: string;
  readonly port: number;
}

/** One socket and its session. Whatever the peer or a handler does ends here, never above. */
class Connection implements SessionHost, RtmpPublisher {
  readonly address: string;
  readonly port: number;
  readonly #hall: Hall;
  readonly #socket: Socket;
  readonly #session: ServerSession;
  #deadline: NodeJS.Timeout;
  #accepted: Extract<PublishVerdict, { accept: true }> | undefined;
  #mediaAt = 0;
  #isOver = false;

  constructor(hall: Hall, socket: Socket, { address, port }: Peer) {
    this.address = address;
    this.port = port;
    this.#hall = hall;
    this.#socket = socket;
    this.#session = new ServerSession(this, hall.limits);
    this.#deadline = setTimeout(() => this.#handshakeDue(), hall.limits.handshakeMs);
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('timeout', () => this.#give('publisher-silent', 'The publisher fell silent.'));
    socket.on('error', () => this.#over('connection-lost', 'The connection broke.'));
    socket.on('close', () => this.#over('peer-closed', 'The peer closed the connection.'));
  }

  get encoder(): string {
    return this.#session.encoder;
  }

  receivedBytes(): number {
    return this.#socket.bytesRead;
  }

  isSilent(): boolean {
    return this.#hall.now() - this.#mediaAt >= this.#hall.limits.yieldMs;
  }

  displace(): void {
    this.#session.release();
    this.#over('displaced', 'A new publisher took over.');
    this.#closeSoon();
  }

  close(): void {
    this.#session.release();
    this.#over('closed-by-relay', refusals['server-closing'].words);
    this.#closeSoon();
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  connecting(app: string): RefusalCause | undefined {
    const { address, port } = this;
    return this.#hall.options.connecting?.({ app, address, port });
  }

  publishing(names: readonly StreamName[]): RefusalCause | undefined {
    const { address, port } = this;
    const causes: RefusalCause[] = [];
    for (const name of names) {
      const verdict = this.#hall.options.authorize({ ...name, address, port, tls: false });
      if (verdict.accept) return this.#claim(verdict);
      causes.push(verdict.cause);
    }
    return causes.find((cause) => cause !== 'stream-key-wrong' && cause !== 'app-unknown') ?? causes[0];
  }

  published(): void {
    clearTimeout(this.#deadline);
    this.#socket.setTimeout(this.#hall.limits.idleMs);
    this.#accepted?.handlers.opened(this);
  }

  tag(tag: FlvTag): void {
    this.#mediaAt = this.#hall.now();
    this.#accepted?.handlers.tag(tag);
  }

  ended(end: SessionEnd): void {
    if (end.kind === 'refused') {
      this.#over(end.cause, refusals[end.cause].words);
      this.#closeSoon();
      return;
    }
    this.#over('unpublished', 'The encoder ended its stream.');
    // The encoder closes by itself: GStreamer's rtmp2sink takes it for an error when we are first.
    this.#destroyAfter(this.#hall.limits.lingerMs);
  }

  #claim(verdict: Extract<PublishVerdict, { accept: true }>): RefusalCause | undefined {
    if (!this.#hall.claim(verdict.slot, this)) return 'already-in-use';
    this.#accepted = verdict;
    this.#mediaAt = this.#hall.now();
    return undefined;
  }

  #handshakeDue(): void {
    if (this.#session.phase === 'handshake') return this.#give('handshake-timeout', 'No RTMP handshake in time.');
    const { handshakeMs, publishMs } = this.#hall.limits;
    const leftMs = publishMs - handshakeMs;
    this.#deadline = setTimeout(() => this.#give('publish-timeout', 'Nothing published in time.'), leftMs);
  }

  #receive(bytes: Uint8Array): void {
    try {
      this.#session.push(bytes);
      if (this.#socket.writableLength > this.#hall.limits.unreadReplyBytes) {
        throw new RtmpFault('replies-not-read', 'The peer does not read our replies.');
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof RtmpFault) {
      this.#hall.countFault(error.code);
      this.#give(error.code, error.message);
    } else {
      this.#give('internal-error', 'The relay failed on this connection.', error);
    }
  }

  #give(cause: ConnectionEnd, words: string, error?: unknown): void {
    this.#over(cause, words, error);
    this.#socket.destroy();
  }

  /** Tells the end, once: to the pipeline when the peer was its publisher, else as a refusal. */
  #over(cause: ConnectionEnd, words: string, error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    const accepted = this.#accepted;
    if (accepted === undefined) {
      const { address, port } = this;
      this.#hall.refuse({ address, port, cause, words, error });
      return;
    }
    this.#hall.vacate(accepted.slot, this);
    accepted.handlers.closed(cause);
  }

  /** Lets the last reply out, but does not wait for ever. */
  #closeSoon(): void {
    this.#destroyAfter(this.#hall.limits.lingerMs);
    this.#socket.end();
  }

  #destroyAfter(ms: number): void {
    const timer = setTimeout(() => this.#socket.destroy(), ms);
    this.#socket.once('close', () => clearTimeout(timer));
  }
}
