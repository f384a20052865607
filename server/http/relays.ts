/** The door of the relays: one WebSocket each, proved by the relay's own token. */
import { upgradeWebSocket } from '@hono/node-server';
import { Hono } from 'hono';
import type { WSContext, WSEvents } from 'hono/ws';
import { type Health, healthSchema } from '../../relay/contract/health.ts';
import { Link } from '../../relay/contract/link.ts';
import { type Events, eventsSchema, helloSchema, reportSchema } from '../../relay/contract/messages.ts';
import { checkVersion } from '../contract-version.ts';
import type { Fleet } from '../fleet.ts';
import type { Feed, Previews } from '../previews.ts';

/** A relay that misses three of these pings is not there. */
const PING_MS = 2000;
const MISSED_PINGS = 3;

export interface RelayDoorDeps {
  readonly fleet: Fleet;
  readonly previews: Previews;
  /** Resolves once it is kept. */
  readonly keepHealth: (health: Health) => Promise<void>;
  /** Resolves once they are kept. */
  readonly keepEvents: (relayId: string, events: Events) => Promise<void>;
  /** The id of the relay that a token was made for. */
  readonly relayOf: (token: string) => string | undefined;
}

/** The bare socket of the `ws` package, as far as it is needed here. */
interface RawSocket {
  ping(): void;
  terminate(): void;
  on(event: 'pong', listener: () => void): void;
}

/** Mounted at /relay. A second connection of one relay ends the first (Fleet.join). */
export function createRelayDoor(deps: RelayDoorDeps): Hono {
  const { fleet, relayOf } = deps;
  const app = new Hono();
  app.get(
    '/',
    async (c, next) => (relayIdOf(c.req.header('authorization')) ? next() : c.text('Unknown relay token', 401)),
    upgradeWebSocket((c) => {
      const relayId = relayIdOf(c.req.header('authorization')) ?? '';
      let link: Link | undefined;
      let stopPinging = (): void => {};
      return {
        onOpen: (_event, ws) => {
          link = serveRelay(deps, relayId, ws);
          stopPinging = keepPinging(ws);
        },
        onMessage: ({ data }: { data: unknown }) => {
          if (typeof data === 'string') link?.receive(data);
        },
        onClose: () => {
          stopPinging();
          link?.closed();
          if (link) fleet.left(relayId, link);
        },
      };
    }),
  );
  app.get(
    '/preview/:ticket',
    async (c, next) => (relayIdOf(c.req.header('authorization')) ? next() : c.text('Unknown relay token', 401)),
    upgradeWebSocket((c) => takePreview(deps.previews, c.req.param('ticket') ?? '')),
  );
  return app;

  function relayIdOf(authorization: string | undefined): string | undefined {
    const token = /^Bearer ([\w-]{20,200})$/.exec(authorization ?? '')?.[1];
    return token && relayOf(token);
  }
}

function serveRelay({ fleet, keepHealth, keepEvents }: RelayDoorDeps, relayId: string, ws: WSContext): Link {
  const link: Link = new Link(
    { send: (text) => ws.send(text), close: () => ws.close(1008) },
    {
      hello: (body) => {
        checkVersion(helloSchema.pick({ relayId: true, version: true }).parse(body));
        const hello = helloSchema.parse(body);
        if (hello.relayId !== relayId) throw new Error(`This token is not that of relay ${hello.relayId}.`);
        fleet.join(link, hello);
      },
      events: (body) => keepEvents(relayId, eventsSchema.parse(body)),
      health: (body) => keepHealth(healthSchema.parse(body)),
      report: (body) => fleet.reported(relayId, link, reportSchema.parse(body)),
    },
  );
  return link;
}

/** Binary messages only, from the relay to whoever waits for them. */
function takePreview(previews: Previews, ticket: string): WSEvents {
  let feed: Feed | undefined;
  return {
    onOpen: (_event, ws) => {
      feed = previews.join(ticket, () => ws.close(1000));
      if (!feed) ws.close(1008, 'nobody waits for this');
    },
    onMessage: ({ data }) => {
      if (data instanceof ArrayBuffer) feed?.take(new Uint8Array(data));
    },
    onClose: () => feed?.ended(),
  };
}

function keepPinging(ws: WSContext): () => void {
  const raw = isRawSocket(ws.raw) ? ws.raw : undefined;
  let missed = 0;
  raw?.on('pong', () => {
    missed = 0;
  });
  const timer = setInterval(() => {
    if (missed++ >= MISSED_PINGS) raw?.terminate();
    else raw?.ping();
  }, PING_MS);
  return () => clearInterval(timer);
}

const isRawSocket = (raw: unknown): raw is RawSocket =>
  typeof raw === 'object' && raw !== null && 'ping' in raw && 'terminate' in raw;
