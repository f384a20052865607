/** Mounts the ways in: health checks, JSON API, console, live feed, relay door. Whatever is not named here is not found. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ApiKeys } from '../api-keys.ts';
import type { Fleet } from '../fleet.ts';
import type { Flows } from '../flows.ts';
import type { Monitor } from '../monitor.ts';
import type { Sessions } from '../sessions.ts';
import { createRelayDoor } from './relays.ts';
import { createRest } from './rest.ts';

/** A file of the console, held in memory. */
export interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

export interface AppDeps {
  readonly flows: Flows;
  readonly monitor: Monitor;
  readonly fleet: Fleet;
  readonly apiKeys: ApiKeys;
  readonly sessions: Sessions;
  readonly relayOf: (token: string) => string | undefined;
  readonly staticFiles: ReadonlyMap<string, StaticFile>;
  readonly publicHost: string;
  readonly publicUrl: string | undefined;
  readonly version: string;
  /** Rejects while the database cannot be read. */
  readonly checkReady: () => Promise<void>;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
}

const MOST_BODY_BYTES = 65_536;

export interface App {
  readonly fetch: (request: Request, env?: unknown) => Response | Promise<Response>;
  /** Sends open pages away, so that they come back to the next server by themselves. */
  readonly close: () => void;
}

export function createApp(deps: AppDeps): App {
  const app = new Hono();
  app.use(bodyLimit({ maxSize: MOST_BODY_BYTES, onError: (c) => c.text('The request is larger than 64 kB.', 413) }));
  app.get('/healthz', (c) => c.json({ status: 'ok', version: deps.version }));
  app.get('/readyz', async (c) => {
    try {
      await deps.checkReady();
      return c.json({ status: 'ready' });
    } catch (error) {
      deps.complain('not ready', { reason: error instanceof Error ? error.message : String(error) });
      return c.json({ status: 'not ready', reason: 'The database cannot be read.' }, 503);
    }
  });
  app.route('/relay', createRelayDoor(deps));
  app.route('/api/v1', createRest(deps));
  return { fetch: (request, env) => app.fetch(request, env as object), close: () => {} };
}
