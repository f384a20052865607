/** The WebSocket of open pages: who may open one, how a slow one is cut, and the beat that shows it is alive. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { UpgradeWebSocket, WSContext } from 'hono/ws';
import type { AlarmDesk } from '../alarms.ts';
import type { Flows } from '../flows.ts';
import type { LogDesk } from '../log-desk.ts';
import type { Monitor } from '../monitor.ts';
import { languageOf } from './console-language.ts';
import type { RecentLog } from '../recent-log.ts';
import { isOwnOrigin, openSession, type SessionGuard } from './guard.ts';
import { LiveFeed, type LiveRenderer, type Page, type Topic } from './live-feed.ts';
import { LiveList, type ListRenderer, readShown } from './live-list.ts';
import { LiveLog, type LogRenderer } from './live-log.ts';

export interface LiveDeps extends SessionGuard {
  readonly flows: Flows;
  readonly monitor: Monitor;
  readonly recent: RecentLog;
  readonly log: LogDesk;
  readonly renderer: LiveRenderer & ListRenderer & LogRenderer;
  readonly alarms: Pick<AlarmDesk, 'subscribe'>;
  /** The platform's upgrade: for Node, that of @hono/node-server. */
  readonly upgrade: UpgradeWebSocket;
  /** Hears of what went wrong while nobody was waiting for an answer: a bug. */
  readonly onError: (error: unknown) => void;
  /** Epoch ms. */
  readonly now: () => number;
  /** A page hears at least this often: 5 s. Three missed beats tell the browser that the line is dead (web/client/line.ts). */
  readonly beatMs?: number;
}

export interface Live {
  readonly routes: Hono;
  /** Sends every page away with 1001, after which it comes back by itself, and stops. Safe to call twice. */
  close(): void;
}

const BEAT_MS = 5000;
const SESSION_CHECK_MS = 60_000;
/** A browser that is this far behind would show the past; it is cut and comes back to the present. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** Not JSON with `content`, so that htmx swaps nothing: a sign of life. */
const BEAT = '{"beat":true}';

interface Socket extends Page {
  readonly ws: WSContext;
  readonly isOpenSession: () => Promise<boolean>;
  checkedAt: number;
}

export function createLive(deps: LiveDeps): Live {
  const feed = new LiveFeed(deps);
  const list = new LiveList(deps);
  const log = new LiveLog(deps);
  const sockets = new Set<Socket>();
  const beat = setInterval(() => {
    for (const socket of sockets) tend(socket, deps).catch(deps.onError);
    feed.refresh();
    list.refresh();
  }, deps.beatMs ?? BEAT_MS);

  const open = (topicOf: (c: Context) => Topic) =>
    deps.upgrade((c) => {
      let socket: Socket | undefined;
      return {
        onOpen: (_event, ws) => {
          socket = createSocket(c, ws, { deps, topic: topicOf(c) });
          sockets.add(socket);
          feed.add(socket);
        },
        onMessage: ({ data }) => {
          const said = typeof data === 'string' && data.length <= LONGEST_SAYING ? data : '';
          if (socket?.topic.kind === 'flow') {
            const asked = readAsk(said);
            if (asked) log.follow(socket, socket.topic.flowId, asked.follow);
          } else if (socket?.topic.kind === 'list') {
            const shown = readShown(said);
            if (shown) list.show(socket, shown);
          }
        },
        onClose: () => {
          if (!socket) return;
          sockets.delete(socket);
          feed.remove(socket);
          list.remove(socket);
          log.remove(socket);
        },
      };
    });

  const routes = new Hono();
  routes.get('/live/flows', admit(deps), open(listTopic));
  routes.get('/live/flows/:id', admit(deps), open(flowTopic));
  routes.get('/live/alarms', admit(deps), open(alarmsTopic));
  return {
    routes,
    close: () => {
      clearInterval(beat);
      feed.close();
      list.close();
      log.close();
      for (const { ws } of sockets) ws.close(1001, 'restart');
      sockets.clear();
    },
  };
}

/** Before the upgrade: WebSockets know no same-origin policy, so the origin is checked here; then the session. */
const admit =
  (deps: LiveDeps): MiddlewareHandler =>
  async (c, next) => {
    if (!isOwnOrigin(c)) return c.text('The origin is not this console.', 403);
    if (!(await openSession(c, deps))) return c.text('Log in first.', 401);
    return next();
  };

/** More than any page of ours says: a list names its hundred flows. */
const LONGEST_SAYING = 8192;
/** More than any form of ours asks. */
const LONGEST_ASK = 4096;

/** A page of a flow says which query of the log it follows, or that it follows none. Anything else is nobody's. */
function readAsk(said: string): { readonly follow: string | undefined } | undefined {
  const [, query] = said.length > LONGEST_ASK ? [] : (/^follow-log (.*)$/.exec(said) ?? []);
  return query === undefined ? undefined : { follow: query || undefined };
}

const listTopic = (): Topic => ({ kind: 'list' });

const flowTopic = (c: Context): Topic => ({
  kind: 'flow',
  flowId: c.req.param('id') ?? '',
  seen: c.req.query('seen') ?? '',
});

const alarmsTopic = (): Topic => ({ kind: 'alarms' });

function createSocket(c: Context, ws: WSContext, { deps, topic }: { deps: LiveDeps; topic: Topic }): Socket {
  return {
    ws,
    topic,
    language: languageOf(c),
    checkedAt: deps.now(),
    isOpenSession: async () => (await openSession(c, deps)) !== undefined,
    send: (markup) => send(ws, markup),
  };
}

/** Sends a beat, and from time to time asks whether its session is still open. 1008 tells the browser not to come back. */
async function tend(socket: Socket, deps: LiveDeps): Promise<void> {
  send(socket.ws, BEAT);
  if (deps.now() - socket.checkedAt < SESSION_CHECK_MS) return;
  socket.checkedAt = deps.now();
  if (!(await socket.isOpenSession())) socket.ws.close(1008, 'session ended');
}

function send(ws: WSContext, data: string): void {
  if (ws.readyState !== 1) return;
  if (bufferedBytes(ws.raw) > MAX_BUFFERED_BYTES) return cut(ws);
  ws.send(data);
}

/** `bufferedAmount` is in the WebSocket standard, but Hono's face of a socket does not show it. */
const bufferedBytes = (raw: unknown): number =>
  isObject(raw) && 'bufferedAmount' in raw && typeof raw.bufferedAmount === 'number' ? raw.bufferedAmount : 0;

/** A polite close would wait behind all that is buffered, so it is cut where the platform can. */
function cut(ws: WSContext): void {
  const { raw } = ws;
  if (isTerminable(raw)) raw.terminate();
  else ws.close(1013, 'too slow');
}

const isTerminable = (raw: unknown): raw is { terminate(): void } =>
  isObject(raw) && 'terminate' in raw && typeof raw.terminate === 'function';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
