/** One carrier of the contract: requests and publications as JSON text over any message socket, either way. */
import { z } from 'zod';

/** The bare socket under a link: a WebSocket, or a pair of functions in a test. */
export interface Wire {
  send(text: string): void;
  close(): void;
}

/** What this end answers: a request's value goes back to the asker, a publication's is dropped. */
export type Serves = Readonly<Record<string, (body: unknown) => unknown>>;

/** No more than this many requests wait for an answer at once; a peer that never answers costs bounded memory. */
const MOST_PENDING = 4096;

const frameSchema = z.union([
  z.object({ kind: z.string(), id: z.int().optional(), body: z.unknown() }),
  z.object({ re: z.int(), body: z.unknown() }),
  z.object({ re: z.int(), error: z.string() }),
]);

interface Pending {
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class Link {
  readonly #wire: Wire;
  readonly #serves: Serves;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #open = true;

  constructor(wire: Wire, serves: Serves) {
    this.#wire = wire;
    this.#serves = serves;
  }

  /** Rejects when the peer answers with an error, when `timeoutMs` has passed, or when the link closes. */
  request(kind: string, body: unknown, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.#open) return reject(new Error(`${kind}: the link is closed`));
      if (this.#pending.size >= MOST_PENDING)
        return reject(new Error(`${kind}: ${MOST_PENDING} requests already wait`));
      const id = ++this.#lastId;
      const timer = setTimeout(
        () => this.#settle(id)?.reject(new Error(`${kind}: no answer in ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#pending.set(id, { resolve, reject, timer });
      this.#wire.send(JSON.stringify({ kind, id, body: body ?? null }));
    });
  }

  publish(kind: string, body: unknown): void {
    if (this.#open) this.#wire.send(JSON.stringify({ kind, body: body ?? null }));
  }

  /** A message came in. Text that is no frame is the peer's fault and ends the link. */
  receive(text: string): void {
    if (!this.#open) return;
    const frame = parseFrame(text);
    if (!frame) return this.close();
    if ('kind' in frame) void this.#serve(frame.kind, frame.id, frame.body);
    else if ('error' in frame) this.#settle(frame.re)?.reject(new Error(frame.error));
    else this.#settle(frame.re)?.resolve(frame.body);
  }

  /** The socket is gone: whoever waits is told. */
  closed(): void {
    this.#open = false;
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new Error('the link closed'));
  }

  close(): void {
    if (!this.#open) return;
    this.closed();
    this.#wire.close();
  }

  async #serve(kind: string, id: number | undefined, body: unknown): Promise<void> {
    try {
      const serve = Object.hasOwn(this.#serves, kind) ? this.#serves[kind] : undefined;
      if (!serve) throw new Error(`unknown message: ${kind.slice(0, 40)}`);
      const answer = await serve(body);
      if (id !== undefined && this.#open) this.#wire.send(JSON.stringify({ re: id, body: answer ?? null }));
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (id !== undefined && this.#open) this.#wire.send(JSON.stringify({ re: id, error: words }));
      else this.close();
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    return pending;
  }
}

function parseFrame(text: string): z.infer<typeof frameSchema> | undefined {
  try {
    return frameSchema.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON: the same as not a frame.
    return undefined;
  }
}
