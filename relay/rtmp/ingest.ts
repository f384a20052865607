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
  readonly server: Promise<RtmpServer | undefined>;
  /** Which route a connection asked for, by its address and port, until it is refused or let in. */
  readonly asked: Map<string, Route>;
}

/** Connections whose wish is remembered; more are a flood, whose refusals are only counted by the server. */
const MOST_ASKED = 1024;

export class RtmpIngest {
  readonly #doors = new Map<string, Door>();

  /** Routes pushes of `route.app` on this port to it until the returned function is called. */
  open(host: string, port: number, route: Route): () => void {
    const place = `${host}:${port}`;
    const door = this.#doors.get(place) ?? this.#openDoor(place, host, port);
    door.routes.set(route.app, route);
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
    const server = openRtmpServer({
      host,
      port,
      authorize: (request) => authorize(routes, asked, request),
      refused: (caller) => {
        const from = placeOf(caller);
        asked.get(from)?.refused(caller.cause, caller);
        asked.delete(from);
      },
    });
    const door = { routes, server, asked };
    this.#doors.set(place, door);
    // A door that did not open is tried again by the next source that asks.
    server.catch(() => this.#doors.get(place) === door && this.#doors.delete(place));
    return door;
  }

  #leave(place: string, door: Door, route: Route): void {
    if (door.routes.get(route.app) === route) door.routes.delete(route.app);
    if (door.routes.size > 0 || this.#doors.get(place) !== door) return;
    this.#doors.delete(place);
    void closeServer(door);
  }
}

/** A look-up without side effects but for the note of who asked: it may be asked several times for one publish. */
function authorize(routes: Map<string, Route>, asked: Map<string, Route>, request: PublishRequest): PublishVerdict {
  const route = routes.get(request.app);
  if (!route) return { accept: false, cause: 'stream-key-wrong' };
  if (asked.size < MOST_ASKED) asked.set(placeOf(request), route);
  if (!route.allows(request.address)) return { accept: false, cause: 'address-not-allowed' };
  if (!isEqual(request.key, route.key)) return { accept: false, cause: 'stream-key-wrong' };
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

async function closeServer({ server }: Door): Promise<void> {
  // One that never opened needs no closing.
  const opened = await server.catch(() => undefined);
  await opened?.close();
}

const placeOf = ({ address, port }: { address: string; port: number }): string => `${address}:${port}`;
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isEqual = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));
