/** The console's port: opened with bounds on slow and silent clients, and closed for good. */
import { type ServerType, serve } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { type Config, ConfigError } from './config.ts';
import type { App } from './http/app.ts';

export const LOOPBACK = '127.0.0.1';
/** Browsers and scripts that do not let go are cut off after this. */
const CLOSE_MS = 2000;
const SILENT_MS = 20_000;
const MOST_CONNECTIONS = 2000;

/** Rejects with a ConfigError where the port is taken. Slow clients are cut: a request has 15 s, its head 10 s. */
export function listen(config: Config, fetch: App['fetch']): Promise<{ server: ServerType; sockets: WebSocketServer }> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 4_000_000, perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch,
        hostname: config.host,
        port: config.port,
        websocket: { server: sockets },
        serverOptions: { requestTimeout: 15_000, headersTimeout: 10_000, connectionsCheckingInterval: 2000 },
      },
      () => resolve({ server, sockets }),
    );
    // A connection that sends nothing is not for ever; upgraded ones are cared for by their own doors.
    server.setTimeout(SILENT_MS);
    server.maxConnections = MOST_CONNECTIONS;
    server.once('error', (error: Error) =>
      reject(
        new ConfigError(
          `STREAMLINK_HOST and STREAMLINK_PORT (${config.host}, ${config.port}) cannot be listened on: ${error.message}`,
        ),
      ),
    );
  });
}

/** Where this machine reaches its own console. */
export function consoleUrl({ host, port }: Config): string {
  const reachable = host === '0.0.0.0' || host === '::' ? LOOPBACK : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** `server.close` waits for WebSockets too, and `closeAllConnections` does not know them: relays that stay would hold us up. */
export function closeServer(server: ServerType, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), CLOSE_MS);
  return new Promise((resolve) =>
    server.close(() => {
      clearTimeout(cut);
      resolve();
    }),
  );
}
