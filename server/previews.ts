/** Previews: one ticket, one viewer, one socket from the relay. Bytes pass through, and nothing is kept. */
import { randomBytes } from 'node:crypto';
import type { Flow } from '../db/model.ts';
import type { EndpointStatus } from '../relay/contract/messages.ts';
import type { Pipeline } from '../relay/contract/settings.ts';
import type { Monitor } from './monitor.ts';
import { Refusal } from './refusal.ts';

/** A ticket that nobody has used by then is void. */
const TICKET_MS = 30_000;
/** Whoever wants to see more opens it anew: a forgotten page must not cost bandwidth all night. */
export const LONGEST_MS = 600_000;
/** A viewer that is this far behind loses what comes, and goes on with the present. */
const MOST_QUEUED_BYTES = 4_000_000;
const MOST_OPEN = 16;

export interface PreviewDeps {
  readonly monitor: Pick<Monitor, 'live'>;
  /** Tells the relay of the input that a viewer waits; rejects where it cannot show it. */
  readonly ask: (flow: Flow, pipeline: Pipeline, ticket: string) => Promise<unknown>;
  readonly say: (what: string, detail: Record<string, unknown>) => void;
}

/** The relay's side of a preview. */
export interface Feed {
  take(bytes: Uint8Array): void;
  /** The relay has no more. */
  ended(): void;
}

export interface Previews {
  /** A ticket for one viewer. Throws a Refusal where nothing arrives, or too many look already. */
  open(flow: Flow, pipeline: Pipeline): string;
  /** TS as it arrives, until either side ends it or ten minutes have passed. A Refusal where the ticket is void. */
  watch(ticket: string): ReadableStream<Uint8Array>;
  /** The relay's socket has come; `hangUp` ends it. Undefined where nobody waits for it. */
  join(ticket: string, hangUp: () => void): Feed | undefined;
}

interface Asked {
  readonly flow: Flow;
  readonly pipeline: Pipeline;
  readonly timer: NodeJS.Timeout;
}

interface Watching {
  readonly feed: Feed;
  hangUp: (() => void) | undefined;
}

export function createPreviews({ monitor, ask, say }: PreviewDeps): Previews {
  const asked = new Map<string, Asked>();
  const watching = new Map<string, Watching>();

  return {
    open: (flow, pipeline) => {
      // What a relay last said of a flow that was stopped is not what it would say now.
      const { state, endpoints } = monitor.live(flow);
      const isInput = (end: EndpointStatus): boolean => end.id === 'input' && end.pipeline === pipeline;
      const isHere = endpoints.some((end) => isInput(end) && end.state === 'connected');
      if (!isHere || state !== 'running') throw new Refusal('preview-without-media');
      if (asked.size + watching.size >= MOST_OPEN) throw new Refusal('preview-limit');
      const ticket = randomBytes(16).toString('base64url');
      const timer = setTimeout(() => asked.delete(ticket), TICKET_MS);
      asked.set(ticket, { flow, pipeline, timer });
      return ticket;
    },
    watch: (ticket) => {
      const wish = asked.get(ticket);
      if (!wish) throw new Refusal('preview-over');
      clearTimeout(wish.timer);
      asked.delete(ticket);
      return streamOf(ticket, wish);
    },
    join: (ticket, hangUp) => {
      const found = watching.get(ticket);
      if (!found || found.hangUp) return undefined;
      found.hangUp = hangUp;
      return found.feed;
    },
  };

  function streamOf(ticket: string, { flow, pipeline }: Asked): ReadableStream<Uint8Array> {
    let dropped = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      const found = watching.get(ticket);
      if (!watching.delete(ticket)) return;
      found?.hangUp?.();
      say('preview ended', { flowId: flow.id, pipeline, droppedBytes: dropped });
    };
    const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      const finish = (): void => {
        if (!watching.has(ticket)) return;
        end();
        controller.close();
      };
      const take = (bytes: Uint8Array): void => {
        if (!watching.has(ticket)) return;
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(bytes);
        else dropped += bytes.length;
      };
      watching.set(ticket, { feed: { take, ended: finish }, hangUp: undefined });
      timer = setTimeout(finish, LONGEST_MS);
      say('preview began', { flowId: flow.id, pipeline });
      ask(flow, pipeline, ticket).catch((error: unknown) => {
        say('preview failed', { flowId: flow.id, pipeline, reason: String(error) });
        finish();
      });
    };
    return new ReadableStream(
      { start, cancel: end },
      new ByteLengthQueuingStrategy({ highWaterMark: MOST_QUEUED_BYTES }),
    );
  }
}
