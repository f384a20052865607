/** The relay's way to its server: dials, says hello, and dials again for ever. Media does not depend on it. */
import { readFile } from 'node:fs/promises';
import { type RawData, WebSocket } from 'ws';
import { Link, type Serves } from './contract/link.ts';
import { CONTRACT_VERSION, type Hello } from './contract/messages.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;
const HELLO_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 10_000;
/** A server that has not been heard of for this long is not there: the socket is given up. */
const SILENCE_MS = 10_000;
/** Reports that the server does not read are not piled up. */
const MOST_UNSENT_BYTES = 4_000_000;

export interface ServerLinkOptions {
  /** The file in which the server writes its relay door's URL at each start. */
  readonly urlFile: string;
  readonly token: string;
  readonly hello: () => Omit<Hello, 'version'>;
  readonly serves: Serves;
  readonly log: (what: string, detail: Record<string, unknown>) => void;
}

export class ServerLink {
  readonly #options: ServerLinkOptions;
  #link: Link | undefined;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait = FIRST_WAIT_MS;
  #closed = false;

  constructor(options: ServerLinkOptions) {
    this.#options = options;
    void this.#dial();
  }

  get isJoined(): boolean {
    return this.#link !== undefined;
  }

  /** Dropped while no server listens: a report is the whole state, the next one says it all. */
  publish(kind: string, body: unknown): void {
    if (this.#socket && this.#socket.bufferedAmount < MOST_UNSENT_BYTES) this.#link?.publish(kind, body);
  }

  /** Rejects at once while no server listens. */
  request(kind: string, body: unknown): Promise<unknown> {
    return this.#link?.request(kind, body, REQUEST_TIMEOUT_MS) ?? Promise.reject(new Error('no server'));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
  }

  async #dial(): Promise<void> {
    const url = await readFile(this.#options.urlFile, 'utf8').catch(() => undefined);
    if (this.#closed) return;
    if (!url) return this.#again('no server address yet');
    if (!URL.canParse(url)) return this.#again('no server address yet');
    const socket = new WebSocket(url.trim(), {
      headers: { authorization: `Bearer ${this.#options.token}` },
      handshakeTimeout: 3000,
      maxPayload: 4_000_000,
      perMessageDeflate: false,
    });
    this.#watch(socket);
  }

  #watch(socket: WebSocket): void {
    const link = new Link({ send: (text) => socket.send(text), close: () => socket.terminate() }, this.#options.serves);
    let silence: NodeJS.Timeout | undefined;
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => socket.terminate(), SILENCE_MS);
    };
    let fault = 'closed';
    socket.on('open', () => void this.#greet(socket, link));
    socket.on('message', (data) => link.receive(textOf(data)));
    socket.on('ping', heard);
    socket.on('message', heard);
    socket.on('error', (error) => {
      fault = error.message;
    });
    socket.on('close', () => {
      clearTimeout(silence);
      link.closed();
      this.#link = this.#socket = undefined;
      this.#again(fault);
    });
  }

  async #greet(socket: WebSocket, link: Link): Promise<void> {
    try {
      await link.request('hello', { version: CONTRACT_VERSION, ...this.#options.hello() }, HELLO_TIMEOUT_MS);
      this.#link = link;
      this.#socket = socket;
      this.#wait = FIRST_WAIT_MS;
      this.#options.log('joined the server', {});
    } catch (error) {
      this.#options.log('the server did not take our hello', {
        reason: error instanceof Error ? error.message : String(error),
      });
      socket.terminate();
    }
  }

  #again(reason: string): void {
    if (this.#closed) return;
    if (this.#wait === FIRST_WAIT_MS)
      this.#options.log('no server; media goes on, dialling until one answers', { reason });
    this.#timer = setTimeout(() => void this.#dial(), this.#wait * (0.8 + 0.4 * Math.random()));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }
}

/** A message as text, however the socket cut it. */
const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
