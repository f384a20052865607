/** The relay process: takes its place from the environment, dials its server, runs what it is told, drains on SIGTERM. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { afterReading } from './catch-up.ts';
import { applySchema, previewSchema } from './contract/messages.ts';
import { readVitals } from './contract/process-vitals.ts';
import { type Blamed, openCrashNotes } from './crash-notes.ts';
import { EventBuffer } from './event-buffer.ts';
import type { RelayHappening } from './happening.ts';
import { HealthBuffer } from './health-buffer.ts';
import { openLog } from './log.ts';
import { tellFall } from './pipeline-keeper.ts';
import { createPreviewLines } from './preview-line.ts';
import { openProtocols } from './protocols.ts';
import { Relay } from './relay.ts';
import { RtmpIngest } from './rtmp/ingest.ts';
import { ServerLink } from './server-link.ts';
import { lockFile, openSrt } from './srt/socket.ts';
import { StandstillWatch } from './standstill-watch.ts';
import { msToNextSecond, WallClock } from './wall-clock.ts';

const TICK_MS = 100;
const LINES_A_SECOND = 20;
/** How long a relay that leaves waits for its last events to be kept. */
const LAST_WORDS_MS = 500;
/** The exit code that says: another process of this relay still runs. */
const HELD = 75;

/** `STREAMLINK_RELAY_DIR` holds the relay's token and its log; the id is the folder's name for people. */
const environment = z
  .object({
    STREAMLINK_RELAY_ID: z.string().min(1),
    STREAMLINK_RELAY_DIR: z.string().min(1),
    STREAMLINK_SERVER_FILE: z.string().min(1),
  })
  .parse(process.env);

const relayId = environment.STREAMLINK_RELAY_ID;
const log = openLog(join(environment.STREAMLINK_RELAY_DIR, 'relay.log'), { relayId, pid: process.pid });
leaveToAnother();
const boot = randomUUID();
const now = (): number => performance.now();

const clock = new WallClock();
clock.set(now(), Date.now());
let changed = false;
const srt = openSrt();
const ingest = new RtmpIngest();
const events = new EventBuffer();
const health = new HealthBuffer();
const vitals = readVitals();
/** A flood of callers must not fill the relay's own log: some lines each second, the operator's log has the counts. */
const told = { left: LINES_A_SECOND, add: () => told.left-- > 0 };
/** What happened to the media, for the log here and for the server. */
const tell = (happening: RelayHappening): void => {
  if (told.add()) log.info(happening, happening.code);
  events.add(happening, clock.toEpoch(now()));
};
const { box, quarantine, last } = openCrashNotes(environment.STREAMLINK_RELAY_DIR, log);
const relay = new Relay(openProtocols(srt, ingest), {
  now,
  random: Math.random,
  box,
  quarantine,
  fault: (error, of) =>
    log.error({ ...of, error: error instanceof Error ? error.stack : String(error) }, 'a bug: the pipeline is closed'),
  changed: () => {
    changed = true;
  },
  tell,
});
if (last) blame(last);

const place = {
  urlFile: environment.STREAMLINK_SERVER_FILE,
  token: readFileSync(join(environment.STREAMLINK_RELAY_DIR, 'token'), 'utf8').trim(),
};
const showPreview = createPreviewLines({ ...place, watch: (wish, viewer) => relay.watch(wish, viewer) });
const server = new ServerLink({
  ...place,
  hello: () => ({ relayId, boot, pid: process.pid, applied: relay.applied() }),
  serves: {
    apply: (body) => {
      const wish = applySchema.parse(body);
      relay.apply(wish);
      log.info({ flowId: wish.flowId, revision: wish.revision, plans: wish.plans.length }, 'applied');
    },
    preview: (body) => showPreview(previewSchema.parse(body)),
  },
  log: (what, detail) => log.info(detail, what),
});

const report = (): void => {
  changed = false;
  const state = relay.report(now(), (at) => clock.toEpoch(at));
  server.publish('report', { ...state, process: vitals.read() });
};

/** Two processes of one relay would run every pipeline twice: only the one that holds the folder's lock goes on. */
function leaveToAnother(): void {
  try {
    if (lockFile(join(environment.STREAMLINK_RELAY_DIR, 'lock'))) return;
  } catch (error) {
    // A folder that cannot be written is no reason to stop media.
    return log.warn({ reason: String(error) }, 'not locked: nothing keeps a second process of this relay away');
  }
  log.fatal('another process of this relay still runs: this one ends');
  process.exit(HELD);
}

/** The process before ended in this pipeline's work. */
function blame({ falls, ...of }: Blamed): void {
  tellFall((happening) => tell({ ...of, ...happening }), 'input', { falls, fault: 'crash' });
}

const standstill = new StandstillWatch();
/**
 * Samples lie on the seconds grid of the wall clock, so that those of all relays lie beside each other, and each second
 * that is kept holds the media of just that second.
 */
let second = 0;
let seq = 0;
let stopTicking = tickIn(TICK_MS);

/** What is measured is what has come: a tick that is late reads the sockets first. */
function tickIn(ms: number): () => void {
  const due = now() + ms;
  const timer = setTimeout(() => {
    stopTicking = afterReading(now() - due, tick);
  }, ms);
  return () => clearTimeout(timer);
}

function tick(): void {
  const at = now();
  relay.tick(at);
  clock.set(at, Date.now());
  const epoch = clock.toEpoch(at);
  const passed = Math.floor(epoch / 1000);
  const isNew = passed !== second;
  if (isNew) {
    sample(at, at - (epoch % 1000));
    told.left = LINES_A_SECOND;
    events.second(passed * 1000);
    if (standstill.look(srt.counters().wakes)) endStuck();
  }
  second = passed;
  if (changed || isNew) report();
  if (server.isJoined) void deliver();
  stopTicking = tickIn(Math.min(TICK_MS, msToNextSecond(clock.toEpoch(now()))));
}

const deliver = (): Promise<void> => events.flush((some) => server.request('events', { boot, events: some }));

/** `edge` is the full second that has passed, on the clock of `at`. */
function sample(at: number, edge: number): void {
  relay.sample(at, edge);
  vitals.sample();
  health.add({ seq: seq++, at: clock.toEpoch(edge), endpoints: relay.health() });
  void health.flush((seconds) => server.request('health', { boot, seconds }));
}

/** Not by exit, which would wait for the very thread that stands still. */
function endStuck(): never {
  log.fatal('the SRT I/O thread stands still: the relay ends, its server starts it anew');
  process.abort();
}

/** Closes every socket, so that peers learn at once; a second signal ends the process as it stands. */
let leaving = false;
async function leave(signal: NodeJS.Signals): Promise<void> {
  if (leaving) process.exit(1);
  leaving = true;
  log.info({ signal }, 'leaving');
  stopTicking();
  relay.close();
  await Promise.race([deliver(), wait(LAST_WORDS_MS)]);
  server.close();
  await Promise.all([srt.close(), ingest.close()]);
  process.exit(0);
}
process.on('SIGTERM', (signal) => void leave(signal));
process.on('SIGINT', (signal) => void leave(signal));
process.on('uncaughtException', (error) => {
  log.fatal({ error: error.stack }, 'a bug: the relay ends, its server starts it anew');
  process.exit(70);
});
log.info({ boot }, 'started');
