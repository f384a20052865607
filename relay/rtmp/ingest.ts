/** The relay's RTMP ports: opened when the first source needs one, shared by all that name it, told apart by app and key. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { openRtmpServer, type RtmpServer } from './server.ts';
import type {
  ConnectionEnd,
  PublishHandlers,
  PublishRequest,
  PublishVerdict,
  RefusedCaller,
} from './server-connection.ts';

/** One pipeline that takes pushes. */
export interface Route {
  readonly app: string;
  readonly key: string;
  readonly allows: (address: string) => boolean;
  readonly handlers: PublishHandlers;
  /** A caller that named this app was refused. */
  readonly refused: (cause: ConnectionEnd, caller: RefusedCaller) => void;
  /** The port cannot be had. */
  readonly failed: () => void;
}

interface Door {
  readonly routes: Map<string, Route>;
  /** Those that left, by app: their encoders are told that the flow is stopped, not that their key is wrong. */
  readonly stopped: Map<string, Route>;
  readonly server: Promise<RtmpServer | undefined>;
  /** Which route a connection asked for, by its address and port, until it is refused or let in. */
  readonly asked: Map<string, Route>;
}

/** Stopped flows whose apps are remembered. */
const MOST_STOPPED = 256;
/** Connections whose wish is remembered; more are a flood, whose refusals are only counted by the server. */
const MOST_ASKED = 1024;

export class RtmpIngest {
  readonly #doors = new Map<string, Door>();

  /** Routes pushes of `route.app` on this port to it until the returned function is called. */
  open(host: string, port: number, route: Route): () => void {
    const place = `${host}:${port}`;
    const door = this.#doors.get(place) ?? this.#openDoor(place, host, port);
    door.routes.set(route.app, route);
    door.stopped.delete(route.app);
    door.server.catch(() => route.failed());
    return () => this.#leave(place, door, route);
  }

  async close(): Promise<void> {
    const doors = [...this.#doors.values()];
    this.#doors.clear();
    await Promise.all(doors.map(closeServer));
  }

  #openDoor(place: string, host: string, port: number): Door {
    const routes = new Map<string, Route>();
    const asked = new Map<string, Route>();
    const stopped = new Map<string, Route>();
    const server = openRtmpServer({
      host,
      port,
      authorize: (request) => authorize({ routes, stopped, asked }, request),
      refused: (caller) => {
        const from = placeOf(caller);
        asked.get(from)?.refused(caller.cause, caller);
        asked.delete(from);
        // It was refused before it could say where it wanted to go: any of those who share the port may miss it.
        if (caller.cause === 'over-caller-limit')
          for (const route of routes.values()) route.refused(caller.cause, caller);
      },
    });
    const door = { routes, stopped, server, asked };
    this.#doors.set(place, door);
    // A door that did not open is tried again by the next source that asks.
    server.catch(() => this.#doors.get(place) === door && this.#doors.delete(place));
    return door;
  }

  #leave(place: string, door: Door, route: Route): void {
    if (door.routes.get(route.app) === route) {
      door.routes.delete(route.app);
      remember(door.stopped, route);
    }
    if (door.routes.size > 0 || this.#doors.get(place) !== door) return;
    this.#doors.delete(place);
    void closeServer(door);
  }
}

/** A look-up without side effects but for the note of who asked: it may be asked several times for one publish. */
function authorize({ routes, stopped, asked }: Omit<Door, 'server'>, request: PublishRequest): PublishVerdict {
  const route = routes.get(request.app) ?? stopped.get(request.app);
  if (!route) return { accept: false, cause: 'stream-key-wrong' };
  if (asked.size < MOST_ASKED) asked.set(placeOf(request), route);
  if (!route.allows(request.address)) return { accept: false, cause: 'address-not-allowed' };
  if (!isEqual(request.key, route.key)) return { accept: false, cause: 'stream-key-wrong' };
  if (!routes.has(request.app)) return { accept: false, cause: 'flow-stopped' };
  return {
    accept: true,
    slot: route.app,
    handlers: {
      ...route.handlers,
      opened: (publisher) => {
        asked.delete(placeOf(publisher));
        route.handlers.opened(publisher);
      },
    },
  };
}

/** The oldest gives way: beyond the bound, an encoder hears that there is no such key. */
function remember(stopped: Map<string, Route>, route: Route): void {
  const [oldest] = stopped.keys();
  if (stopped.size >= MOST_STOPPED && oldest !== undefined) stopped.delete(oldest);
  stopped.set(route.app, route);
}

async function closeServer({ server }: Door): Promise<void> {
  // One that never opened needs no closing.
  const opened = await server.catch(() => undefined);
  await opened?.close();
}

const placeOf = ({ address, port }: { address: string; port: number }): string => `${address}:${port}`;
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isEqual = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
