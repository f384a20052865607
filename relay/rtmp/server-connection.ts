/** One encoder's connection: the socket around a ServerSession, its deadlines, and the telling of its end. */

import type { Socket } from 'node:net';
import { RtmpFault, type RtmpFaultCode } from './fault.ts';
import type { RtmpLimits } from './limits.ts';
import { refusals, type RefusalCause } from './refusal.ts';
import { ServerSession, type SessionEnd, type SessionHost } from './server-session.ts';
import type { StreamName } from './stream-name.ts';
import type { FlvTag } from '../formats/flv-tag.ts';

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

interface Peer {
  readonly address: string;
  readonly port: number;
}

/** `app` is as the encoder sent it and may hold the key. */
export interface ConnectRequest extends Peer {
  readonly app: string;
}

/** What a connection needs of the server it belongs to. */
export interface ConnectionHall {
  readonly limits: RtmpLimits;
  readonly now: () => number;
  connecting(request: ConnectRequest): RefusalCause | undefined;
  authorize(request: PublishRequest): PublishVerdict;
  /** Gives the slot to the connection, or says no. */
  claim(slot: string, connection: Connection): boolean;
  vacate(slot: string, connection: Connection): void;
  refuse(caller: RefusedCaller): void;
  countFault(code: RtmpFaultCode): void;
}

/** One socket and its session. Whatever the peer or a handler does ends here, never above. */
export class Connection implements SessionHost, RtmpPublisher {
  readonly address: string;
  readonly port: number;
  readonly #hall: ConnectionHall;
  readonly #socket: Socket;
  readonly #session: ServerSession;
  #deadline: NodeJS.Timeout;
  #accepted: Extract<PublishVerdict, { accept: true }> | undefined;
  #mediaAt = 0;
  #isOver = false;

  constructor(hall: ConnectionHall, socket: Socket, { address, port }: Peer) {
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
    return this.#hall.connecting({ app, address, port });
  }

  publishing(names: readonly StreamName[]): RefusalCause | undefined {
    const { address, port } = this;
    const causes: RefusalCause[] = [];
    for (const name of names) {
      const verdict = this.#hall.authorize({ ...name, address, port, tls: false });
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
