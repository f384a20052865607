/** The relay processes of this host: started detached, found again after a restart of the server, started anew when they die. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Launcher } from './fleet.ts';
import { type Death, LOOP_MS } from './relay-deaths.ts';

/** How often the life of adopted processes is looked at; our own children tell by themselves. */
const LOOK_MS = 250;
/** Waits between starts of a relay that keeps dying. */
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 10_000;
/** A relay that lived this long is started again at once when it dies. */
const STABLE_MS = 60_000;
/** Exit codes of a relay: it found itself broken, or another process of the same relay. */
const BROKEN = 70;
const HELD = 75;
/** The signals by which a system ends a process for a fault of its own. */
const faultSignals: ReadonlySet<string | null> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGTRAP',
]);
/** SIGTERM closes a relay's sockets; who needs longer is killed. */
const LEAVE_MS = 8000;

export interface LocalRelaysDeps {
  /** Holds one folder a relay: its token, pid and log. */
  readonly folder: string;
  /** The relay's program: a built file. */
  readonly program: string;
  /** Where relays read the address of our door. */
  readonly serverFile: string;
  readonly died: (relayId: string, death: Death) => void;
  /** A relay that died may be started again from now on. */
  readonly mayStart: () => void;
  /** Monotonic ms. */
  readonly now: () => number;
  readonly log: (what: string, detail: Record<string, unknown>) => void;
}

interface Process {
  pid: number | undefined;
  startedAt: number;
  restartMs: number;
  notBefore: number;
  /** Did we end it because it hung? */
  hung: boolean;
  /** When it died, within the last minute. */
  deaths: readonly number[];
}

export class LocalRelays implements Launcher {
  readonly #deps: LocalRelaysDeps;
  readonly #processes = new Map<string, Process>();
  readonly #tokens = new Map<string, string>();
  readonly #looking: NodeJS.Timeout;
  #closed = false;

  /** Finds the relays that an earlier server left running. */
  constructor(deps: LocalRelaysDeps) {
    this.#deps = deps;
    mkdirSync(deps.folder, { recursive: true, mode: 0o700 });
    for (const entry of readdirSync(deps.folder, { withFileTypes: true }))
      if (entry.isDirectory()) this.#find(entry.name);
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  ensure(relayId: string): boolean {
    const known = this.#process(relayId);
    if (this.#closed || known.pid !== undefined || this.#deps.now() < known.notBefore) return false;
    this.#start(relayId, known);
    return true;
  }

  kill(relayId: string): boolean {
    const known = this.#process(relayId);
    if (known.pid === undefined || !isRelay(known.pid, join(this.#deps.folder, relayId))) return false;
    known.hung = true;
    return signal(known.pid, 'SIGKILL');
  }

  adopt(relayId: string, pid: number): void {
    const known = this.#process(relayId);
    if (this.#closed || known.pid === pid || !isRelay(pid, join(this.#deps.folder, relayId))) return;
    // One that we started in its stead ends by itself: it does not get the lock.
    this.#deps.log('adopted a running relay', { relayId, pid, instead: known.pid });
    known.pid = pid;
    this.#notePid(relayId, pid);
  }

  found(): readonly string[] {
    return [...this.#processes].flatMap(([relayId, { pid }]) => (pid === undefined ? [] : [relayId]));
  }

  /** Asks a relay to close its sockets and end, and kills it where it does not; its death is told like any other. */
  end(relayId: string): void {
    const { pid } = this.#process(relayId);
    if (pid === undefined || !isRelay(pid, join(this.#deps.folder, relayId))) return;
    signal(pid, 'SIGTERM');
    setTimeout(() => this.#process(relayId).pid === pid && this.kill(relayId), LEAVE_MS).unref();
  }

  /** The processes that live, by the ids of their relays. */
  pids(): ReadonlyMap<string, number> {
    return new Map([...this.#processes].flatMap(([relayId, { pid }]) => (pid === undefined ? [] : [[relayId, pid]])));
  }

  /** The relay that this token was made for, or undefined. */
  relayOf(token: string): string | undefined {
    return [...this.#processes.keys()].find((relayId) => isEqual(token, this.#token(relayId)));
  }

  /** Stops looking; with `end`, asks all relays of this host to leave and waits until they are gone. */
  async close(end: boolean): Promise<void> {
    this.#closed = true;
    clearInterval(this.#looking);
    const pids = [...this.#processes].flatMap(([relayId, { pid }]) =>
      pid !== undefined && isRelay(pid, join(this.#deps.folder, relayId)) ? [pid] : [],
    );
    if (!end) return;
    for (const pid of pids) signal(pid, 'SIGTERM');
    const deadline = this.#deps.now() + LEAVE_MS;
    while (pids.some(isAlive) && this.#deps.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const pid of pids.filter(isAlive)) signal(pid, 'SIGKILL');
  }

  #find(relayId: string): void {
    const pid = Number(readText(join(this.#deps.folder, relayId, 'pid')));
    const lives = Number.isInteger(pid) && pid > 0 && isRelay(pid, join(this.#deps.folder, relayId));
    if (lives) this.#deps.log('found a running relay', { relayId, pid });
    this.#process(relayId).pid = lives ? pid : undefined;
  }

  #start(relayId: string, process_: Process): void {
    const folder = join(this.#deps.folder, relayId);
    const child = this.#spawn(relayId, folder);
    process_.pid = child.pid;
    process_.startedAt = this.#deps.now();
    process_.hung = false;
    this.#notePid(relayId, child.pid);
    child.once('error', (error) => this.#deps.log('relay did not start', { relayId, reason: error.message }));
    child.once('exit', (code, signal) => {
      this.#deps.log('relay ended', { relayId, pid: child.pid, code, signal });
      this.#gone(relayId, child.pid, causeOf(code, signal));
    });
    child.unref();
    this.#deps.log('relay started', { relayId, pid: child.pid });
  }

  /** Detached and with no pipe to us: a relay must not die of the server's death. A crash's last words go to a file. */
  #spawn(relayId: string, folder: string): ChildProcess {
    this.#token(relayId);
    const words = openSync(keepLast(join(folder, 'crash.log')), 'w');
    const child = spawn(process.execPath, ['--enable-source-maps', this.#deps.program, relayId, folder], {
      detached: true,
      stdio: ['ignore', words, words],
      env: {
        STREAMLINK_RELAY_ID: relayId,
        STREAMLINK_RELAY_DIR: folder,
        STREAMLINK_SERVER_FILE: this.#deps.serverFile,
      },
    });
    closeSync(words);
    return child;
  }

  /** Without the note a later server would not find the relay; this one goes on knowing it. */
  #notePid(relayId: string, pid: number | undefined): void {
    try {
      if (pid !== undefined) writeFileSync(join(this.#deps.folder, relayId, 'pid'), String(pid));
    } catch (error) {
      this.#deps.log('relay pid not written', { relayId, reason: String(error) });
    }
  }

  #look(): void {
    for (const [relayId, { pid }] of this.#processes)
      if (pid !== undefined && !isAlive(pid)) this.#gone(relayId, pid, 'unknown');
  }

  #gone(relayId: string, pid: number | undefined, how: Death['cause']): void {
    const known = this.#process(relayId);
    if (this.#closed || known.pid !== pid) return;
    const now = this.#deps.now();
    known.restartMs =
      now - known.startedAt > STABLE_MS ? 0 : Math.min(known.restartMs * 2 || FIRST_RESTART_MS, LONGEST_RESTART_MS);
    known.pid = undefined;
    known.notBefore = now + known.restartMs;
    known.deaths = [...known.deaths.filter((at) => now - at < LOOP_MS), now];
    const cause = known.hung ? 'hung' : how;
    if (cause !== 'hung' && cause !== 'crashed') this.#clearBlackBox(relayId);
    setTimeout(this.#deps.mayStart, known.restartMs);
    this.#deps.died(relayId, { cause, deaths: known.deaths.length, waitMs: known.restartMs });
  }

  /** Whatever it was busy with when somebody else ended it is not to blame. */
  #clearBlackBox(relayId: string): void {
    try {
      rmSync(join(this.#deps.folder, relayId, 'black-box'), { force: true });
    } catch (error) {
      this.#deps.log('black box not cleared', { relayId, reason: String(error) });
    }
  }

  #process(relayId: string): Process {
    const known = this.#processes.get(relayId);
    if (known) return known;
    const fresh: Process = {
      pid: undefined,
      startedAt: this.#deps.now(),
      restartMs: 0,
      notBefore: 0,
      hung: false,
      deaths: [],
    };
    this.#processes.set(relayId, fresh);
    return fresh;
  }

  /** Made at the relay's first start, kept in its folder for this user alone. */
  #token(relayId: string): string {
    const folder = join(this.#deps.folder, relayId);
    const path = join(folder, 'token');
    const kept = this.#tokens.get(relayId) ?? readText(path);
    const token = kept || randomBytes(32).toString('base64url');
    if (!kept) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(path, token, { mode: 0o600 });
    }
    this.#tokens.set(relayId, token);
    return token;
  }
}

function causeOf(code: number | null, signal: NodeJS.Signals | null): Death['cause'] {
  if (faultSignals.has(signal) || code === BROKEN) return 'crashed';
  return code === HELD ? 'held' : 'killed';
}

/** The words of the crash before stay beside the new file. */
function keepLast(path: string): string {
  if (readText(path) !== '') renameSync(path, `${path}.1`);
  return path;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Absent is the same as empty here: the relay was never started.
    return '';
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isEqual = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** A number from an old pid file may be another program's by now: where /proc tells, it must be this relay. */
function isRelay(pid: number, folder: string): boolean {
  const commandLine = readText(`/proc/${pid}/cmdline`).split('\0');
  return isAlive(pid) && (process.platform !== 'linux' || commandLine.includes(folder));
}

/** A process that has ended but was not reaped by its parent is not alive. */
function isAlive(pid: number): boolean {
  if (!signal(pid, 0)) return false;
  return !/^State:\s+Z/m.test(readText(`/proc/${pid}/status`));
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // No such process: it has ended already.
    return false;
  }
}
