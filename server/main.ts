/** Wires the house: settings, database, relays of this host, ways in. The only file that starts and stops things. */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type ServerType, serve } from '@hono/node-server';
import { WebSocketServer } from 'ws';
import { checkReadable, readFact, writeFact } from '../db/access.ts';
import { type History, openHistory } from '../db/history.ts';
import { migrationsBeside, type OpenedDatabase, openDatabase } from '../db/open.ts';
import { openApiKeys } from './api-keys.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { claimFolder, FolderInUse, replaceFile } from './data-folder.ts';
import { type Demo, startDemo } from './demo.ts';
import { ensureCredentials, type Made } from './first-start.ts';
import { Fleet } from './fleet.ts';
import { createFlows, type FlowStore, type Flows, portsOf } from './flows.ts';
import { type App, createApp } from './http/app.ts';
import { createHealthDesk } from './health.ts';
import { LocalRelays } from './local-relays.ts';
import { createLogBook, type LogBook } from './log-book.ts';
import { createLogDesk } from './log-desk.ts';
import { createLog } from './log.ts';
import { createMonitor } from './monitor.ts';
import { place } from './placement.ts';
import { createPreviews } from './previews.ts';
import { findPorts, isTcpFree, type PortSearch } from './ports.ts';
import { createProcessLoad } from './process-load.ts';
import { createDrain } from './relay-drain.ts';
import { readRegions } from './regions.ts';
import { createRtmpPorts, type RtmpPorts } from './rtmp-ports.ts';
import { createSessions } from './sessions.ts';
import { createSettingsDesk } from './settings-desk.ts';
import { fingerprint, readStaticFiles } from './static-files.ts';
import { createStorageWatch } from './storage-watch.ts';
import { kept, openStore } from './store.ts';
import { tellingFlows } from './told.ts';
import { openVault, type Vault } from './vault.ts';

const VERSION = '0.1.0';
/** The start script runs us in the package's folder, where the built files and the migrations lie. */
const PACKAGE = process.cwd();
const BAD_SETTINGS = 2;
const FLEET_TICK_MS = 1000;
const DRAIN_LOOK_MS = 100;
const WEIGH_MS = 5000;
const historyFiles = ['health', 'log'] as const;
const PRUNE_MS = 3_600_000;
const LAST_PORT_FACT = 'last-port';
const RTMP_PORTS_FACT = 'rtmp-ports';
const DEMO_FACT = 'demo-flow';
const MOST_PORT = 65_535;
const LOOPBACK = '127.0.0.1';
/** Browsers and scripts that do not let go are cut off after this. */
const CLOSE_MS = 2000;
const SILENT_MS = 20_000;
const MOST_CONNECTIONS = 2000;

const log = createLog();
const say = (what: string, detail: Record<string, unknown>): void => log.info(detail, what);
const complain = (what: string, detail: Record<string, unknown>): void => log.error(detail, what);

try {
  await run(readConfig());
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof FolderInUse)) throw error;
  process.stderr.write(`StreamLink cannot start:\n${error.message}\n`);
  process.exit(BAD_SETTINGS);
}

async function run(config: Config): Promise<void> {
  endOnBugs();
  const letGo = claimFolder(config.dataFolder);
  const database = await openDatabase(config.databaseUrl, migrationsBeside(pathToFileURL(`${PACKAGE}/`)), dieBusy);
  const vault = openVault(config.dataFolder);
  const store = await openStore(database, vault);
  const apiKeys = await openApiKeys(database, vault);
  const { passwordHash, made } = await ensureCredentials(database, apiKeys, config.firstStart);
  // At once: whatever fails from here on, what was made now is never shown again.
  showMade(made);
  const rtmpPorts = await openRtmpPorts(config, database);
  const storage = createStorageWatch(Date.now);
  const history = openHistory({
    folder: config.dataFolder,
    workers: join(PACKAGE, 'dist/db'),
    retentionDays: config.retentionDays,
    onFault: (fault) => {
      storage.hear(fault);
      complain('history', { ...fault });
    },
  });
  const logDesk = createLogDesk(history, config.retentionDays, Date.now);
  const regions = readRegions(join(config.dataFolder, 'regions.json'), regionsInUse(store));
  const logBook = createLogBook({
    desk: logDesk,
    flow: (flowId) => store.get(flowId),
    regions: () => regions,
    boot: randomUUID(),
    now: Date.now,
    complain,
  });
  const { fleet, relays } = openFleet(config, { store, vault, rtmpPorts, logBook });
  const takePorts = portTaker(config, database, store);
  const doings = createFlows({
    store,
    regions,
    bandwidths: config.bandwidths,
    publicHost: config.publicHost,
    findPorts: takePorts,
    ensureRtmpPorts: (relayIds) => rtmpPorts.ensure(relayIds),
    stateOf: (flow) => fleet.state(flow),
    settle: (flowId) => fleet.settle(flowId),
    now: Date.now,
  });
  const flows = tellingFlows(doings, { say, note: (event) => logBook.note(event), now: Date.now });
  const staticFiles = readStaticFiles(join(PACKAGE, 'dist/web'));
  const monitor = createMonitor(fleet);
  const load = createProcessLoad(() => performance.now());
  const drain = createDrain({
    relays: () => fleet.relays(),
    end: (relayId) => relays.end(relayId),
    now: () => performance.now(),
    pause: () => sleep(DRAIN_LOOK_MS),
    log: say,
  });
  const app = createApp({
    settings: createSettingsDesk({
      regions,
      relays: () => fleet.relays(),
      pids: () => relays.pids(),
      loadOf: (pid) => load.of(pid),
      drain,
      retentionDays: config.retentionDays,
      files: () =>
        historyFiles.map((name) => ({
          name,
          bytes: bytesOf(join(config.dataFolder, `${name}.db`)),
          failingSince: storage.failingSince(name),
        })),
      version: VERSION,
      startedAt: Date.now(),
    }),
    flows,
    monitor,
    previews: createPreviews({
      monitor,
      ask: (flow, pipeline, ticket) => fleet.askInput(flow, pipeline, 'preview', { flowId: flow.id, pipeline, ticket }),
      say,
    }),
    fleet,
    log: logDesk,
    logBook,
    health: createHealthDesk({
      history,
      retentionDays: config.retentionDays,
      failingSince: () => storage.failingSince('health'),
      now: Date.now,
      ticks: () => performance.now(),
    }),
    apiKeys,
    sessions: createSessions(database, passwordHash, Date.now),
    relayOf: (token) => relays.relayOf(token),
    staticFiles,
    assets: fingerprint(staticFiles),
    publicHost: config.publicHost,
    rtmpPort: (relayId) => rtmpPorts.of(relayId),
    publicUrl: config.publicUrl,
    version: VERSION,
    checkReady: () => checkReadable(database.db),
    complain,
  });
  const { server, sockets } = await listen(config, app.fetch);
  replaceFile(join(config.dataFolder, 'relay-door'), `${consoleUrl(config).replace('http', 'ws')}/relay`);
  const ticking = setInterval(() => fleet.tick(), FLEET_TICK_MS);
  const weighing = setInterval(() => load.look(relays.pids().values()), WEIGH_MS);
  const pruning = setInterval(() => void prune(history), PRUNE_MS);
  fleet.reconcile();
  process.stdout.write(`StreamLink console: ${config.publicUrl ?? consoleUrl(config)}\n`);
  const demo = process.argv.includes('--demo') ? await openDemo(config, database, flows) : undefined;

  onSignals(async () => {
    clearInterval(ticking);
    clearInterval(weighing);
    clearInterval(pruning);
    await demo?.close();
    app.close();
    // Relays first: what they tell as they leave stands in the log.
    await relays.close(!config.leaveRelays);
    await closeServer(server, sockets);
    await logBook.close();
    await history.close();
    database.close();
    letGo();
  });
}

interface Ground {
  readonly store: FlowStore;
  readonly vault: Vault;
  readonly rtmpPorts: RtmpPorts;
  readonly logBook: LogBook;
}

function openFleet(
  config: Config,
  { store, vault, rtmpPorts, logBook }: Ground,
): { fleet: Fleet; relays: LocalRelays } {
  const relays = new LocalRelays({
    folder: join(config.dataFolder, 'relays'),
    program: join(PACKAGE, 'dist/relay/main.js'),
    serverFile: join(config.dataFolder, 'relay-door'),
    died: (relayId) => fleet.died(relayId),
    mayStart: () => fleet.reconcile(),
    now: () => performance.now(),
    log: say,
  });
  const ground = {
    listenHost: '0.0.0.0',
    hopHost: LOOPBACK,
    hopKey: (place: string) => vault.derive(place),
    rtmpPort: (relayId: string) => rtmpPorts.of(relayId),
  };
  const fleet: Fleet = new Fleet({
    flows: () => store.all(),
    place: (flow) => place(flow, ground),
    launcher: relays,
    now: () => performance.now(),
    log: say,
    note: (event) => logBook.note(event),
  });
  return { fleet, relays };
}

/** A demo that cannot start is no reason to keep operators from their console. */
async function openDemo(config: Config, { db, write }: OpenedDatabase, flows: Flows): Promise<Demo | undefined> {
  try {
    return await startDemo({
      flows,
      receiverPorts: (count) => findPorts(beyond(config.ports), count),
      made: await readFact(db, DEMO_FACT),
      remember: (flowId) => write(() => writeFact(db, DEMO_FACT, flowId)),
      program: join(PACKAGE, 'dist/relay/demo.js'),
      say,
    });
  } catch (error) {
    complain('the demo did not start', { reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

/** Ports just above the range of inputs: never given to a flow. */
function beyond({ last }: Config['ports']): PortSearch {
  return {
    first: Math.min(last + 1, MOST_PORT - 1),
    last: Math.min(last + 100, MOST_PORT),
    after: last,
    isOurs: () => false,
  };
}

/** Where the last search ended is remembered, so that a port just given back is the last to be given again. */
function portTaker(
  config: Config,
  { db, write }: OpenedDatabase,
  store: FlowStore,
): (count: number) => Promise<number[]> {
  return async (count) => {
    const ours = new Set(store.all().flatMap(portsOf));
    const after = Number((await readFact(db, LAST_PORT_FACT)) ?? 0);
    const found = await findPorts({ ...config.ports, after, isOurs: (port) => ours.has(port) }, count);
    await kept(write(() => writeFact(db, LAST_PORT_FACT, String(found.at(-1)))));
    return found;
  };
}

/** With what waits beside it to be written into it; undefined where there is no such file. */
function bytesOf(path: string): number | undefined {
  const sizes = [path, `${path}-wal`].flatMap((file) => statSync(file, { throwIfNoEntry: false })?.size ?? []);
  return sizes.length === 0 ? undefined : sizes.reduce((sum, size) => sum + size, 0);
}

/** What fails is told by the history itself, and tried again an hour later. */
async function prune(history: History): Promise<void> {
  await history.prune(Date.now()).catch(() => undefined);
}

function openRtmpPorts(config: Config, { db, write }: OpenedDatabase): Promise<RtmpPorts> {
  return readFact(db, RTMP_PORTS_FACT).then((saved) =>
    createRtmpPorts({
      range: config.rtmpPorts,
      saved,
      save: (text) => write(() => writeFact(db, RTMP_PORTS_FACT, text)),
      isFree: isTcpFree,
    }),
  );
}

function regionsInUse(store: FlowStore): Set<string> {
  return new Set(
    store.all().flatMap(({ regionId, outputs }) => [regionId, ...outputs.map((output) => output.regionId)]),
  );
}

/** Rejects with a ConfigError where the port is taken. Slow clients are cut: a request has 15 s, its head 10 s. */
function listen(config: Config, fetch: App['fetch']): Promise<{ server: ServerType; sockets: WebSocketServer }> {
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
function consoleUrl({ host, port }: Config): string {
  const reachable = host === '0.0.0.0' || host === '::' ? LOOPBACK : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

function showMade({ password, key }: Made): void {
  const lines: string[] = [];
  if (password) lines.push(`  Password:       ${password}`);
  if (key) lines.push(`  API key id:     ${key.id}`);
  if (key?.secret) lines.push(`  API key secret: ${key.secret}`);
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n  Keep these: they are shown this once only.\n`);
}

/** `server.close` waits for WebSockets too, and `closeAllConnections` does not know them: relays that stay would hold us up. */
function closeServer(server: ServerType, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), CLOSE_MS);
  return new Promise((resolve) =>
    server.close(() => {
      clearTimeout(cut);
      resolve();
    }),
  );
}

/** The first signal lets everything go in order, a second one ends at once. */
function onSignals(leave: () => Promise<void>): void {
  let leaving = false;
  const hear = (signal: NodeJS.Signals): void => {
    if (leaving) process.exit(1);
    leaving = true;
    log.info({ signal }, 'leaving');
    leave().then(
      () => process.exit(0),
      (error: unknown) => {
        complain('leaving failed', { reason: String(error) });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', hear);
  process.on('SIGINT', hear);
}

function endOnBugs(): void {
  const end = (error: unknown): never => {
    log.fatal(
      { error: error instanceof Error ? error.stack : String(error) },
      'a bug: the server ends, to be started anew',
    );
    process.exit(70);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** After one SQLITE_BUSY libSQL may lose later writes: only a new process can be trusted. */
function dieBusy(error: unknown): void {
  log.fatal({ error: String(error) }, 'the database was busy; the server ends, to be started anew');
  process.exit(1);
}
