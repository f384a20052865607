/** What happens to a flow: as a list, or as a live stream of server-sent events. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiKeys } from '../api-keys.ts';
import { tail, type TailItem, type TailWish } from '../event-tail.ts';
import type { Flows } from '../flows.ts';
import type { LogDesk, LogEvent } from '../log-desk.ts';
import { problem } from './problem.ts';
import { always, callerOf, flowParam, missing, refused, security } from './rest-answers.ts';
import { eventSchema, toEventView } from './shapes.ts';

/** Well below the time after which a silent connection is cut, by us (20 s) or by a proxy (60 s as a rule). */
const HEARTBEAT_MS = 10_000;
const MOST_STREAMS = 200;
/** Of the list: a little less than the longest range that may be asked for. */
const LIST_SPAN_MS = 86_340_000;
const MOST_LISTED = 200;

const route = createRoute({
  method: 'get',
  path: '/flows/{flowId}/events',
  tags: ['Flows'],
  summary: 'What happened to a flow in the last 24 hours, newest first; with Accept: text/event-stream, as it happens',
  description:
    'The stream has an event "log" for each line of the log, with an id to resume from by Last-Event-ID; "gap" where the ' +
    'reader was away for more than a day; and a comment each 10 s. An event may come twice, with the same id.',
  security,
  request: {
    params: flowParam,
    headers: z.object({
      accept: z.string().optional().describe('text/event-stream for the live stream'),
      'last-event-id': z.string().max(400).optional().describe('Stream: the id of the last event that was seen'),
    }),
  },
  responses: {
    200: {
      description: 'At most 200 events, or the stream',
      content: {
        'application/json': { schema: z.object({ events: z.array(eventSchema) }) },
        'text/event-stream': { schema: z.string() },
      },
    },
    ...always,
    ...missing,
    422: refused('Last-Event-ID is none of ours'),
    503: refused('200 streams are open'),
    507: refused('The log cannot be read'),
  },
});

export interface RestEventsDeps {
  readonly flows: Flows;
  readonly log: LogDesk;
  /** The words of an event. */
  readonly sentenceOf: (event: LogEvent) => string;
  readonly apiKeys: Pick<ApiKeys, 'onRemoved'>;
  /** Epoch ms. */
  readonly now: () => number;
  /** Aborted when the server ends. */
  readonly closing: AbortSignal;
  readonly heartbeatMs?: number;
}

export function mountEvents(app: OpenAPIHono, deps: RestEventsDeps): void {
  const { flows, sentenceOf } = deps;
  const streams = createStreams(deps);
  app.openapi(route, async (c) => {
    const { id: flowId } = await flows.get(c.req.valid('param').flowId);
    const { accept = '', 'last-event-id': after } = c.req.valid('header');
    // Nobody would read the stream that a HEAD opens.
    const isStream = accept.includes('text/event-stream') && c.req.method === 'GET';
    if (!isStream) {
      const events = await listed(deps, flowId);
      return c.json({ events: events.map((event) => toEventView(event, sentenceOf)) }, 200);
    }
    const stream = streams.open(callerOf(c), { flowId, after });
    if (!stream) {
      c.header('retry-after', '30');
      return problem(c, 503, 'too-many-streams', `${MOST_STREAMS} streams are open. Close one, or ask for the list.`);
    }
    return c.body(stream, 200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // A proxy that gathers what it passes on would hold events back.
      'x-accel-buffering': 'no',
    });
  });
}

async function listed({ log, now }: RestEventsDeps, flowId: string): Promise<readonly LogEvent[]> {
  const at = now();
  // A relay whose clock is a little ahead tells of the near future.
  const { events } = await log.read({ flowId, from: at - LIST_SPAN_MS, to: at + 10_000, limit: MOST_LISTED });
  return events;
}

interface Streams {
  /** None where too many are open. Throws a Refusal where `after` is no id. */
  open(caller: string, wish: Pick<TailWish, 'flowId' | 'after'>): ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
}

/** Each stream ends with the server, its API key, its flow and its reader. */
function createStreams(deps: RestEventsDeps): Streams {
  const { flows, log, sentenceOf, apiKeys, now, closing, heartbeatMs = HEARTBEAT_MS } = deps;
  const open = new Map<AbortController, string>();
  const endAll = (isMeant: (caller: string) => boolean): void => {
    for (const [stream, caller] of open) if (isMeant(caller)) stream.abort();
  };
  closing.addEventListener('abort', () => endAll(() => true));
  apiKeys.onRemoved((id) => endAll((caller) => caller === id));
  return {
    open: (caller, { flowId, after }) => {
      if (open.size >= MOST_STREAMS || closing.aborted) return undefined;
      const ending = new AbortController();
      const items = tail(log, { flowId, after, now, quietMs: heartbeatMs, ended: ending.signal });
      open.set(ending, caller);
      const end = (): void => {
        open.delete(ending);
        ending.abort();
      };
      return streamOf(items, { sentenceOf, isThere: () => isThere(flows, flowId), end });
    },
  };
}

interface Source extends Pick<RestEventsDeps, 'sentenceOf'> {
  readonly isThere: () => Promise<boolean>;
  readonly end: () => void;
}

/** Nothing is read ahead of the reader: what waits for it waits in the tail, which is bounded. */
function streamOf(
  items: AsyncGenerator<TailItem, void>,
  { sentenceOf, isThere, end }: Source,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (controller) => controller.enqueue(encoder.encode('retry: 2000\n: open\n\n')),
      pull: async (controller) => {
        try {
          const { value, done } = await items.next();
          if (!done && (value.kind !== 'quiet' || (await isThere())))
            return controller.enqueue(encoder.encode(framed(value, sentenceOf)));
        } catch (error) {
          // The reader comes back, and is refused with the reason then.
          end();
          return controller.error(error);
        }
        end();
        await items.return(undefined);
        controller.close();
      },
      cancel: async () => {
        end();
        await items.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

/** WHATWG HTML, section 9.2. JSON has no line break. */
function framed(item: TailItem, sentenceOf: Source['sentenceOf']): string {
  switch (item.kind) {
    case 'quiet':
      return ': still here\n\n';
    case 'gap':
      return `event: gap\ndata: ${JSON.stringify({ from: item.from })}\n\n`;
    case 'event':
      return `event: log\nid: ${item.id}\ndata: ${JSON.stringify(toEventView(item.event, sentenceOf))}\n\n`;
  }
}

const isThere = (flows: Flows, flowId: string): Promise<boolean> =>
  flows.get(flowId).then(
    () => true,
    () => false,
  );
