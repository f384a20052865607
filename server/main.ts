/** Wires the house: settings, database, relays of this host, ways in. The only file that starts and stops things. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkReadable, readFact, writeFact } from '../db/access.ts';
import { type History, openHistory } from '../db/history.ts';
import type { Flow, WaitingFlow } from '../db/model.ts';
import { DatabaseDamaged, migrationsBeside, type OpenedDatabase, openDatabase } from '../db/open.ts';
import { openApiKeys } from './api-keys.ts';
import { backupOf, DamagedStore, damagedWords, keepBackups } from './backup.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { claimFolder, FolderInUse, replaceFile } from './data-folder.ts';
import { type Demo, startDemo } from './demo.ts';
import { ensureCredentials, type Made } from './first-start.ts';
import { Fleet } from './fleet.ts';
import { createFlows, type FlowStore, type Flows, type FlowsDeps, portsOf } from './flows.ts';
import { createApp } from './http/app.ts';
import { createHealthDesk } from './health.ts';
import { createIdempotency } from './idempotency.ts';
import { openWatch, type Watching, withAlarms } from './watch.ts';
import { closeServer, consoleUrl, listen, LOOPBACK } from './listen.ts';
import { LocalRelays } from './local-relays.ts';
import { createLogBook, type LogBook } from './log-book.ts';
import { createLogDesk } from './log-desk.ts';
import { createLog } from './log.ts';
import { createMonitor } from './monitor.ts';
import { place } from './placement.ts';
import { areFree, findPorts, isTcpFree, type PortSearch } from './ports.ts';
import { createPreviews } from './previews.ts';
import { readRegions } from './regions.ts';
import { createRtmpPorts, type RtmpPorts } from './rtmp-ports.ts';
import { createSessions } from './sessions.ts';
import { openSettings } from './settings-desk.ts';
import { fingerprint, readStaticFiles } from './static-files.ts';
import { createStorageWatch } from './storage-watch.ts';
import { tellingFlows, tellingKeys } from './told.ts';
import { kept, openStore, openWaitingStore } from './store.ts';
import { createTrackKinds, type TrackKinds } from './track-kinds.ts';
import { openVault, type Vault } from './vault.ts';
import { createWaitingFlows } from './waiting-flows.ts';

const VERSION = '0.1.0';
/** The start script runs us in the package's folder, where the built files and the migrations lie. */
const PACKAGE = process.cwd();
const BAD_SETTINGS = 2;
const FLEET_TICK_MS = 1000;
const PRUNE_MS = 3_600_000;
const LAST_PORT_FACT = 'last-port';
const RTMP_PORTS_FACT = 'rtmp-ports';
const TRACK_KINDS_FACT = 'track-kinds';
const DEMO_FACT = 'demo-flow';
const MOST_PORT = 65_535;

const log = createLog();
const say = (what: string, detail: Record<string, unknown>): void => log.info(detail, what);
const complain = (what: string, detail: Record<string, unknown>): void => log.error(detail, what);

try {
  await run(readConfig());
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof FolderInUse || error instanceof DamagedStore)) throw error;
  process.stderr.write(`StreamLink cannot start:\n${error.message}\n`);
  process.exit(BAD_SETTINGS);
}

async function run(config: Config): Promise<void> {
  endOnBugs();
  const claim = claimFolder(config.dataFolder);
  const database = await openConfigured(config);
  const vault = openVault(config.dataFolder);
  const store = await openStore(database, vault);
  const waitingStore = await openWaitingStore(database);
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
  const regions = readRegions(
    join(config.dataFolder, 'regions.json'),
    regionsInUse([...store.all(), ...waitingStore.all()]),
  );
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
  const { bandwidths } = config;
  const waiting = createWaitingFlows({ store: waitingStore, flows, regions, bandwidths, now: Date.now, say });
  const health = createHealthDesk({
    history,
    retentionDays: config.retentionDays,
    failingSince: () => storage.failingSince('health'),
    now: Date.now,
    ticks: () => performance.now(),
  });
  const seen = createMonitor(fleet);
  const ground = {
    database,
    seals: vault,
    store,
    fleet,
    monitor: seen,
    storage,
    vitals: health.vitals,
    version: VERSION,
    say,
    complain,
  };
  const watched = await openWatch({ ...ground, metricsToken: config.metricsToken });
  const staticFiles = readStaticFiles(join(PACKAGE, 'dist/web'));
  const monitor = withAlarms(seen, watched.alarms);
  const app = createApp({
    settings: openSettings({ config, regions, fleet, relays, storage, version: VERSION, say }),
    flows,
    monitor,
    previews: createPreviews({
      monitor,
      ask: (flow, pipeline, ticket) => fleet.askInput(flow, pipeline, 'preview', { flowId: flow.id, pipeline, ticket }),
      say,
    }),
    waiting,
    trackKinds: await openTrackKinds(database, store),
    fleet,
    log: logDesk,
    logBook,
    health,
    apiKeys: tellingKeys(apiKeys, say),
    idempotency: createIdempotency(database, vault, { now: Date.now, complain }),
    ...watched,
    storage,
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
  const ticking = setInterval(() => {
    if (!claim.holds()) endUsurped();
    fleet.tick();
  }, FLEET_TICK_MS);
  const pruning = setInterval(() => void prune(history, watched), PRUNE_MS);
  const backup = backupOf(config);
  const keeping = backup && keepBackups(database, backup, complain);
  fleet.reconcile();
  process.stdout.write(`StreamLink console: ${config.publicUrl ?? consoleUrl(config)}\n`);
  const demo = process.argv.includes('--demo') ? await openDemo(config, database, flows) : undefined;

  onSignals(async () => {
    clearInterval(ticking);
    clearInterval(pruning);
    clearInterval(keeping);
    await demo?.close();
    app.close();
    // Alarms first: nobody hears of relays that were asked to go. Then relays: what they tell as they leave stands in the log.
    await watched.close();
    await relays.close(!config.leaveRelays);
    await closeServer(server, sockets);
    await logBook.close();
    await history.close();
    database.close();
    claim.release();
  });
}

async function openConfigured(config: Config): Promise<OpenedDatabase> {
  try {
    return await openDatabase(config.databaseUrl, migrationsBeside(pathToFileURL(`${PACKAGE}/`)), dieBusy);
  } catch (error) {
    throw error instanceof DatabaseDamaged ? new DamagedStore(damagedWords(config, error.message)) : error;
  }
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
    died: (relayId, death) => fleet.died(relayId, death),
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
function portTaker(config: Config, { db, write }: OpenedDatabase, store: FlowStore): FlowsDeps['findPorts'] {
  return async (count, wished) => {
    const ours = new Set(store.all().flatMap(portsOf));
    const after = Number((await readFact(db, LAST_PORT_FACT)) ?? 0);
    const search = { ...config.ports, after, isOurs: (port: number) => ours.has(port) };
    if (wished && (await areFree(search, wished))) return [...wished];
    const found = await findPorts(search, count);
    await kept(write(() => writeFact(db, LAST_PORT_FACT, String(found.at(-1)))));
    return found;
  };
}

/** What fails is told by the history itself, and tried again an hour later. */
async function prune(history: History, watching: Watching): Promise<void> {
  await history.prune(Date.now()).catch(() => undefined);
  await watching.prune().catch((error: unknown) => complain('old alarms stay', { reason: String(error) }));
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

async function openTrackKinds({ db, write }: OpenedDatabase, store: FlowStore): Promise<TrackKinds> {
  return createTrackKinds({
    saved: await readFact(db, TRACK_KINDS_FACT),
    save: (text) => write(() => writeFact(db, TRACK_KINDS_FACT, text)),
    isKnown: (flowId) => store.get(flowId) !== undefined,
    complain,
  });
}

function regionsInUse(flows: readonly (Flow | WaitingFlow)[]): Set<string> {
  return new Set(
    flows.flatMap((flow) => [
      flow.regionId,
      ...('outputs' in flow ? flow.outputs.map((output) => output.regionId) : []),
    ]),
  );
}

function showMade({ password, key }: Made): void {
  const lines: string[] = [];
  if (password) lines.push(`  Password:       ${password}`);
  if (key) lines.push(`  API key id:     ${key.id}`);
  if (key?.secret) lines.push(`  API key secret: ${key.secret}`);
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n  Keep these: they are shown this once only.\n`);
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

/** Another server has taken the data folder: two would pull the relays to and fro, and spoil the database. */
function endUsurped(): never {
  log.fatal({}, 'another server has taken the data folder over; this one ends');
  process.exit(BAD_SETTINGS);
}

/** After one SQLITE_BUSY libSQL may lose later writes: only a new process can be trusted. */
function dieBusy(error: unknown): void {
  log.fatal({ error: String(error) }, 'the database was busy; the server ends, to be started anew');
  process.exit(1);
}
