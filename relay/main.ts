/** The relay process: takes its place from the environment, dials its server, runs what it is told, drains on SIGTERM. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { applySchema } from './contract/messages.ts';
import { type Blamed, openCrashNotes } from './crash-notes.ts';
import { EventBuffer } from './event-buffer.ts';
import { HealthBuffer } from './health-buffer.ts';
import { openLog } from './log.ts';
import { tellFall } from './pipeline-keeper.ts';
import { openProtocols } from './protocols.ts';
import { Relay, type RelayEvent } from './relay.ts';
import { RtmpIngest } from './rtmp/ingest.ts';
import { ServerLink } from './server-link.ts';
import { lockFile, openSrt } from './srt/socket.ts';
import { StandstillWatch } from './standstill-watch.ts';
import { WallClock } from './wall-clock.ts';

const TICK_MS = 100;
const LINES_A_SECOND = 20;
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
let changed = false;
const srt = openSrt();
const ingest = new RtmpIngest();
const events = new EventBuffer();
const health = new HealthBuffer();
/** A flood of callers must not fill the log: some lines each second, the rest is counted in the states. */
const told = { left: LINES_A_SECOND, add: () => told.left-- > 0 };
/** What happened to the media, for the log here and for the server. */
const tell = (event: RelayEvent): void => {
  log.info(event, 'media event');
  events.add({ ...event, at: Date.now() });
  changed = true;
};
const { box, quarantine, last } = openCrashNotes(environment.STREAMLINK_RELAY_DIR, log);
const relay = new Relay(openProtocols(srt, ingest), {
  now,
  random: Math.random,
  box,
  quarantine,
  fault: (error, of) =>
    log.error({ ...of, error: error instanceof Error ? error.stack : String(error) }, 'a bug: the pipeline is closed'),
  changed: (happening) => {
    changed = true;
    if (happening && told.add()) log.info(happening, 'peer');
  },
  event: tell,
});
if (last) blame(last);

const server = new ServerLink({
  urlFile: environment.STREAMLINK_SERVER_FILE,
  token: readFileSync(join(environment.STREAMLINK_RELAY_DIR, 'token'), 'utf8').trim(),
  hello: () => ({ relayId, boot, pid: process.pid, applied: relay.applied() }),
  serves: {
    apply: (body) => {
      const wish = applySchema.parse(body);
      relay.apply(wish);
      log.info({ flowId: wish.flowId, revision: wish.revision, plans: wish.plans.length }, 'applied');
    },
  },
  log: (what, detail) => log.info(detail, what),
});

const report = (): void => {
  changed = false;
  if (server.isJoined && !events.isEmpty) server.publish('events', { events: events.take() });
  server.publish(
    'report',
    relay.report(now(), (at) => clock.toEpoch(at)),
  );
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
  tellFall((code, facts) => tell({ ...of, endpoint: 'input', code, facts }), falls, 'crash');
}

/** Samples lie on the seconds grid of the wall clock, so that those of all relays lie beside each other. */
const standstill = new StandstillWatch();
let second = 0;
let seq = 0;
const ticking = setInterval(() => {
  const at = now();
  relay.tick(at);
  clock.set(at, Date.now());
  const passed = Math.floor(clock.toEpoch(at) / 1000);
  const isNew = passed !== second;
  if (isNew) {
    sample(at, passed * 1000);
    told.left = LINES_A_SECOND;
    if (standstill.look(srt.counters().wakes)) endStuck();
  }
  second = passed;
  if (changed || isNew) report();
}, TICK_MS);

function sample(at: number, epoch: number): void {
  relay.sample(at);
  health.add({ seq: seq++, at: epoch, endpoints: relay.health() });
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
  clearInterval(ticking);
  relay.close();
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
