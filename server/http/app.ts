/** Mounts the ways in: health checks, JSON API, console, live feed, relay door. Whatever is not named here is not found. */
import { upgradeWebSocket } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { HTTPException } from 'hono/http-exception';
import { bodyLimit } from 'hono/body-limit';
import type { PublicPlaces } from '../addresses.ts';
import type { Health } from '../../relay/contract/health.ts';
import type { ApiKeys } from '../api-keys.ts';
import type { Fleet } from '../fleet.ts';
import type { Flows } from '../flows.ts';
import type { HealthDesk } from '../health.ts';
import type { Idempotency } from '../idempotency.ts';
import type { LogBook } from '../log-book.ts';
import type { LogDesk } from '../log-desk.ts';
import type { Monitor } from '../monitor.ts';
import type { Previews } from '../previews.ts';
import { createRecentLog } from '../recent-log.ts';
import type { Sessions } from '../sessions.ts';
import type { SettingsDesk } from '../settings-desk.ts';
import { documentSchema } from './api-document.ts';
import { sentenceOf } from './console-log.tsx';
import type { TrackKinds } from '../track-kinds.ts';
import type { WaitingFlows } from '../waiting-flows.ts';
import type { StorageWatch } from '../storage-watch.ts';
import { createConsole } from './console.tsx';
import { IMPORT_PATH } from './console-transfer.tsx';
import { createApiPage } from './console-api.tsx';
import { createLiveRenderer } from './console-push.tsx';
import { createLive } from './live.ts';
import { type MetricsDeps, mountMetrics } from './metrics.ts';
import { createRelayDoor } from './relays.ts';
import { problem } from './problem.ts';
import { apiDocument, createRest } from './rest.ts';
import { createVendorDoor } from './streamlink/door.ts';
import type { RestAlarmsDeps } from './rest-alarms.ts';

/** A file of the console, held in memory. */
export interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same, compressed once for all; absent where that makes it no smaller. */
  readonly gzip?: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

export interface AppDeps extends PublicPlaces, RestAlarmsDeps, Pick<MetricsDeps, 'metrics'> {
  /** Whether the history can be written: `failed` is true while writes are held back. */
  readonly storage: Pick<StorageWatch, 'failed'>;
  readonly flows: Flows;
  readonly monitor: Monitor;
  readonly fleet: Fleet;
  readonly health: HealthDesk;
  readonly log: LogDesk;
  readonly previews: Previews;
  readonly logBook: Pick<LogBook, 'take'>;
  readonly waiting: WaitingFlows;
  readonly trackKinds: TrackKinds;
  readonly apiKeys: ApiKeys;
  readonly idempotency: Idempotency;
  readonly sessions: Sessions;
  readonly settings: SettingsDesk;
  readonly relayOf: (token: string) => string | undefined;
  readonly staticFiles: ReadonlyMap<string, StaticFile>;
  readonly publicUrl: string | undefined;
  readonly version: string;
  /** Stands in the addresses of static files: another one where any of them is another. */
  readonly assets: string;
  /** Rejects while the database cannot be read. */
  readonly checkReady: () => Promise<void>;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
}

const MOST_BODY_BYTES = 65_536;
/** Some thousand flows. */
const MOST_FILE_BYTES = 8_000_000;
/** Where files of flows are taken in. */
const filePaths: ReadonlySet<string> = new Set(['/api/v1/import', IMPORT_PATH]);
/** Names of static files carry the version, so a browser may keep them. */
const KEEP = 'public, max-age=31536000, immutable';

export interface App {
  readonly fetch: (request: Request, env?: object) => Response | Promise<Response>;
  /** Ends event streams and sends open pages away, so that both come back to the next server by themselves. */
  readonly close: () => void;
}

export function createApp(deps: AppDeps): App {
  const { complain } = deps;
  const recent = createRecentLog(deps.log, Date.now);
  const guard = { ...deps, recent, secureCookies: deps.publicUrl?.startsWith('https:') ?? false };
  const live = createLive({
    ...guard,
    renderer: createLiveRenderer(deps),
    upgrade: upgradeWebSocket,
    onError: (error) => complain('live feed failed', { error: wordsOf(error) }),
    now: Date.now,
  });
  const closing = new AbortController();
  const app = new Hono();
  // Before the limits and guards of others: its clients understand nothing but its own answers.
  app.route('/', createVendorDoor({ ...deps, sentenceOf, now: Date.now }));
  const usual = bodyLimit({ maxSize: MOST_BODY_BYTES, onError: tooLarge });
  const ofFiles = bodyLimit({ maxSize: MOST_FILE_BYTES, onError: tooLarge });
  app.use((c, next) => (filePaths.has(c.req.path) ? ofFiles : usual)(c, next));
  app.get('/healthz', (c) => c.json({ status: 'ok', version: deps.version }));
  app.get('/readyz', (c) => ready(c, deps));
  mountMetrics(app, deps);
  app.get('/static/:name', (c) => serveFile(c, deps.staticFiles.get(c.req.param('name'))));
  app.get('/favicon.ico', (c) => c.redirect('/static/favicon.svg', 301));
  app.route(
    '/relay',
    createRelayDoor({
      ...deps,
      keepHealth: (health) => keepHealth(health, deps),
      keepEvents: (relayId, events) => deps.logBook.take(relayId, events),
    }),
  );
  const rest = createRest({ ...deps, sentenceOf, now: Date.now, closing: closing.signal });
  const document = documentSchema.parse(JSON.parse(JSON.stringify(apiDocument(rest, deps.version))));
  app.route('/', createApiPage({ ...guard, document }));
  app.route('/api/v1', rest);
  app.all('/api/*', (c) =>
    problem(c, 404, 'no-such-route', 'There is no such route. GET /api/v1/openapi.json lists them.'),
  );
  app.route('/', live.routes);
  app.route(
    '/',
    createConsole({ ...guard, version: deps.assets, addressOf: (c) => addressOf(c, deps.publicUrl !== undefined) }),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    complain('request failed', { path: c.req.path, error: wordsOf(error) });
    return c.text('This is a fault of the server. Its log has the details.', 500);
  });
  const close = (): void => {
    closing.abort();
    live.close();
  };
  return { fetch: (request, env) => app.fetch(request, env), close };
}

async function keepHealth(health: Health, deps: AppDeps): Promise<void> {
  deps.trackKinds.note(health);
  await deps.health.take(health);
}

function tooLarge(c: Context): Response | Promise<Response> {
  const words = `The request is larger than ${filePaths.has(c.req.path) ? '8 MB' : '64 kB'}.`;
  return c.req.path.startsWith('/api/') ? problem(c, 413, 'too-large', words) : c.text(words, 413);
}

async function ready(c: Context, deps: AppDeps): Promise<Response> {
  try {
    await deps.checkReady();
    const isHistoryFailing = Object.values(deps.storage.failed()).some(Boolean);
    // Flows are served all the same, so that it is ready: whoever watches sees the field, and the alarm.
    return c.json({ status: 'ready', history: isHistoryFailing ? 'failing' : 'ok' });
  } catch (error) {
    deps.complain('not ready', { reason: wordsOf(error) });
    return c.json({ status: 'not ready', reason: 'The database cannot be read.' }, 503);
  }
}

function serveFile(c: Context, file: StaticFile | undefined): Response | Promise<Response> {
  if (!file) return c.notFound();
  const gzip = accepts(c, { header: 'Accept-Encoding', supports: ['gzip'], default: '' }) ? file.gzip : undefined;
  return c.body(gzip ?? file.body, 200, {
    ...(file.gzip && { vary: 'Accept-Encoding' }),
    ...(gzip && { 'content-encoding': 'gzip' }),
    'content-type': file.type,
    'cache-control': KEEP,
    'x-content-type-options': 'nosniff',
  });
}

/** Behind a proxy it is the address that the proxy saw, which is the last of the list: the others can be made up. */
function addressOf(c: Context, behindProxy: boolean): string {
  const forwarded = behindProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  return forwarded || (getConnInfo(c).remote.address ?? 'unknown');
}

const wordsOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
