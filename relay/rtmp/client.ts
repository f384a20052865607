/** Pushes one stream to an RTMP server: one try, told in full how it went. Whoever wants another try calls again. */

import type { Socket } from 'node:net';
import { ClientSession, type ServerNo } from './client-session.ts';
import { DialFault, type DialEnd } from './dial-fault.ts';
import { dialSocket } from './dial-socket.ts';
import { RtmpFault } from './fault.ts';
import { dialLimits, rtmpLimits, type DialLimits } from './limits.ts';
import { SendQueue, type QueueFigures } from './send-queue.ts';
import { parseDestination, type RtmpDestination } from './stream-name.ts';
import type { FlvTag } from '../formats/flv-tag.ts';

export interface DialOptions {
  /** `rtmp[s]://host[:port]/app[/name]`. Its last segment is the stream name, unless `streamName` is given. */
  readonly url: string;
  /** The stream key with its query, as the platform showed it. Secret. */
  readonly streamName?: string;
  /** Certificates, as PEM, to trust instead of the system's. */
  readonly ca?: string | readonly string[];
  /** Whether an address may be sent to; asked for each address the host stands for. */
  permits?(address: string): boolean;
  readonly limits?: Partial<DialLimits>;
}

export interface DialHandlers {
  /** The server takes media: sequence headers first, then from a key frame on. `fourCcs`: codecs it named, if any. */
  publishing(server: { readonly fourCcs: readonly string[] }): void;
  /** Once, last. */
  closed(end: DialEnd): void;
}

export interface PushFigures extends QueueFigures {
  /** Bytes given to the operating system, or about to be. */
  readonly sentBytes: number;
  readonly sentTags: number;
  /** What the server says it received, mod 2³²; 0 from a server that acknowledges nothing. */
  readonly acknowledgedBytes: number;
}

export interface RtmpPush {
  /**
   * Copies the tag and sends or queues it: 'sent'. 'dropped' before publishing, after the end, and while the peer is
   * too slow (until the next key frame). Never blocks.
   */
  send(tag: FlvTag): 'sent' | 'dropped';
  figures(): PushFigures;
  /** Hands over what waits, for a second at most, takes the stream back and closes. Safe to call twice. */
  close(): Promise<void>;
}

/** Dials at once; the outcome comes through the handlers, never before this function returns. */
export function dialRtmp(options: DialOptions, handlers: DialHandlers): RtmpPush {
  return new Push(options, handlers);
}

/** Media the socket may hold before it waits in the queue, where it can still be dropped whole. */
const socketBytes = 64 * 1024;

const urlInvalid: DialEnd = { cause: 'url-invalid', words: 'The URL is not rtmp[s]://host[:port]/app/key.' };
const closedByUs: DialEnd = { cause: 'closed', words: 'Closed by this relay.' };
const stalled: DialEnd = { cause: 'stalled', words: 'The server stopped taking data.' };

class Push implements RtmpPush {
  readonly #options: DialOptions;
  readonly #handlers: DialHandlers;
  readonly #limits: DialLimits;
  readonly #queue: SendQueue;
  readonly #abort = new AbortController();
  readonly #gone: Promise<void>;
  #socket: Socket | undefined;
  #session: ClientSession | undefined;
  /** Of the stage under way: handshake, publish, or the last second. */
  #deadline: NodeJS.Timeout | undefined;
  #stallTimer: NodeJS.Timeout | undefined;
  #unreadReplyBytes = 0;
  #sentTags = 0;
  #isClosing = false;
  #isOver = false;

  constructor(options: DialOptions, handlers: DialHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#limits = { ...dialLimits, ...options.limits };
    this.#queue = new SendQueue(this.#limits);
    this.#gone = this.#run();
  }

  send(tag: FlvTag): 'sent' | 'dropped' {
    const session = this.#session;
    if (session?.phase !== 'publishing' || this.#isClosing || !this.#queue.admit(tag)) return 'dropped';
    if (!this.#queue.isEmpty || !this.#hasRoom()) {
      return this.#queue.put({ ...tag, body: new Uint8Array(tag.body) }) ? 'sent' : 'dropped';
    }
    this.#writeTag(session, tag);
    return 'sent';
  }

  figures(): PushFigures {
    const queued = this.#queue.figures();
    return {
      ...queued,
      waitingBytes: queued.waitingBytes + (this.#socket?.writableLength ?? 0),
      sentBytes: this.#socket?.bytesWritten ?? 0,
      sentTags: this.#sentTags,
      acknowledgedBytes: this.#session?.peerHasBytes ?? 0,
    };
  }

  close(): Promise<void> {
    if (this.#isClosing) return this.#gone;
    this.#isClosing = true;
    if (this.#session?.phase === 'publishing') {
      this.#deadline = setTimeout(() => this.#over(closedByUs), this.#limits.lingerMs);
      this.#flush();
    } else {
      this.#over(closedByUs);
    }
    return this.#gone;
  }

  async #run(): Promise<void> {
    try {
      const destination = parseDestination(this.#options.url, this.#options.streamName);
      if (destination === undefined) throw new DialFault(urlInvalid);
      const { ca } = this.#options;
      const permits = (address: string): boolean => this.#options.permits?.(address) ?? true;
      const { connectMs, tlsMs } = this.#limits;
      const socket = await dialSocket(destination, { ca, permits, connectMs, tlsMs, signal: this.#abort.signal });
      await this.#talk(socket, destination);
    } catch (error) {
      // Handlers hear nothing before dialRtmp has returned.
      await Promise.resolve();
      this.#fail(error);
    }
  }

  /** Runs the session on an open socket until the socket is gone. */
  #talk(socket: Socket, destination: RtmpDestination): Promise<void> {
    const session = new ClientSession(
      {
        send: (bytes) => this.#reply(bytes),
        publishing: (server) => this.#published(server),
        refused: (no) => this.#refused(no),
      },
      destination,
    );
    this.#socket = socket;
    this.#session = session;
    this.#deadline = setTimeout(() => this.#handshakeDue(), this.#limits.handshakeMs);
    socket.on('data', (bytes: Uint8Array) => this.#receive(session, bytes));
    socket.on('drain', () => this.#drained());
    socket.on('error', (error) => this.#over({ ...this.#endOf('connection-lost'), code: nodeCode(error) }));
    socket.on('end', () => this.#over(this.#endOf('peer-closed')));
    return new Promise((resolve) => {
      socket.on('close', () => {
        this.#over(this.#endOf('connection-lost'));
        resolve();
      });
      session.start();
    });
  }

  #receive(session: ClientSession, bytes: Uint8Array): void {
    if (this.#isOver) return;
    const before = session.phase;
    try {
      session.push(bytes);
      if (this.#unreadReplyBytes > rtmpLimits.unreadReplyBytes) {
        throw new RtmpFault('replies-not-read', 'The server does not read our replies.');
      }
      if (before === 'handshake' && session.phase === 'connecting') this.#armPublish();
    } catch (error) {
      this.#fail(error);
    }
  }

  #handshakeDue(): void {
    this.#over({ cause: 'handshake-timeout', words: 'The server did not complete the RTMP handshake in time.' });
  }

  #armPublish(): void {
    clearTimeout(this.#deadline);
    const late: DialEnd = { cause: 'publish-timeout', words: 'The server did not answer the publish request in time.' };
    this.#deadline = setTimeout(() => this.#over(late), this.#limits.publishMs);
  }

  #published(server: { readonly fourCcs: readonly string[] }): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#handlers.publishing(server);
  }

  #refused({ cause, code, words }: ServerNo): void {
    this.#over({ cause, code, words: words === '' ? 'The server gave no reason.' : words });
  }

  #reply(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket?.writable !== true) return;
    if (socket.writableNeedDrain) this.#unreadReplyBytes += bytes.length;
    this.#write(socket, bytes);
  }

  #writeTag(session: ClientSession, tag: FlvTag): void {
    if (this.#socket?.writable !== true) return;
    this.#sentTags += 1;
    this.#write(this.#socket, session.encode(tag));
  }

  #write(socket: Socket, bytes: Uint8Array): void {
    if (socket.write(bytes) || this.#stallTimer !== undefined) return;
    this.#stallTimer = setTimeout(() => this.#over(stalled), this.#limits.stallMs);
  }

  #hasRoom(): boolean {
    return (this.#socket?.writableLength ?? 0) < socketBytes;
  }

  #drained(): void {
    clearTimeout(this.#stallTimer);
    this.#stallTimer = undefined;
    this.#unreadReplyBytes = 0;
    this.#flush();
  }

  /** Gives the socket what it has room for; when all is given and we are closing, takes the stream back. */
  #flush(): void {
    const session = this.#session;
    if (session === undefined || this.#isOver) return;
    while (this.#hasRoom()) {
      const tag = this.#queue.take();
      if (tag === undefined) break;
      this.#writeTag(session, tag);
    }
    if (this.#isClosing && this.#queue.isEmpty) this.#over(closedByUs);
  }

  #fail(error: unknown): void {
    if (error instanceof DialFault) return this.#over(error.end);
    if (error instanceof RtmpFault) {
      const cause = this.#session?.phase === 'handshake' ? 'handshake-failed' : 'protocol-fault';
      return this.#over({ cause, code: error.code, words: error.message });
    }
    this.#over({ cause: 'internal-error', words: 'The relay failed on this connection.', error });
  }

  /** How a connection that ended by itself is told: by the stage it had reached. */
  #endOf(cause: 'peer-closed' | 'connection-lost'): DialEnd {
    const phase = this.#session?.phase;
    if (phase === 'handshake')
      return { cause: 'handshake-failed', words: 'The server closed during the RTMP handshake.' };
    if (phase === 'connecting' || phase === 'creating') {
      return { cause: 'closed-before-publish', words: 'The server closed before it accepted the stream.' };
    }
    const words = cause === 'peer-closed' ? 'The server closed the connection.' : 'The connection broke.';
    return { cause, words };
  }

  /** Ends the push, once: says goodbye where that is owed, closes the socket, and tells the handler. */
  #over(end: DialEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#stallTimer);
    clearTimeout(this.#deadline);
    this.#abort.abort();
    if (end.cause === 'closed') this.#session?.finish();
    this.#hangUp();
    this.#handlers.closed(end);
  }

  /** Lets what was written out, but does not wait for ever. */
  #hangUp(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    const timer = setTimeout(() => socket.destroy(), this.#limits.lingerMs);
    socket.once('close', () => clearTimeout(timer));
    socket.end();
  }
}

const nodeCode = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : 'unknown');
