/**
 * `npm start`: from a fresh clone to a running console. Arguments go to the server.
 * Then it stays as the server's keeper: hands on signals, and starts anew a server that died.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepare } from './prepare.mjs';
import { root } from './setup.mjs';

const firstWaitMs = 500;
const longestWaitMs = 10_000;
/** A server that lived this long was well: the next death is a new story. */
const wellAfterMs = 60_000;
/** The server's word for "a setting is wrong": starting it again would end the same way. */
const badSettings = 2;
/** One Ctrl-C can arrive twice, from the terminal and from npm. Signals this close are one wish. */
const sameWishMs = 200;
const parentLookMs = 250;

const stopping = new AbortController();
let stoppedAt = 0;
let server;

await prepare({ test: false });
if (existsSync(join(root, '.env'))) process.loadEnvFile(join(root, '.env'));
// Only from here on: while things are installed and built, a signal ends this process as it would any other.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
leaveWithNpm();
process.exit(await keepRunning(process.argv.slice(2)));

/** Resolves with the exit code once the server has ended for good. */
async function keepRunning(args) {
  let waitMs = firstWaitMs;
  while (true) {
    const startedAt = performance.now();
    const { code, signal } = await runServer(args);
    if (stopping.signal.aborted || code === 0 || code === badSettings) return code ?? 128 + constants.signals[signal];
    if (performance.now() - startedAt > wellAfterMs) waitMs = firstWaitMs;
    console.error(`The server ended by ${signal ?? `exit code ${code}`}. It is started again in ${waitMs / 1000} s.`);
    if (await stoppedWithin(waitMs)) return 0;
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  }
}

function runServer(args) {
  // A process group of its own, so that the terminal's Ctrl-C reaches it once, through here, and not twice.
  server = spawn(process.execPath, ['--enable-source-maps', 'dist/server/main.js', ...args], {
    cwd: root,
    stdio: 'inherit',
    detached: true,
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** The first signal is handed on, so that the server can drain; a later one ends it at once. */
function stop(signal) {
  if (!stopping.signal.aborted) {
    stopping.abort();
    stoppedAt = performance.now();
    server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  } else if (performance.now() - stoppedAt > sameWishMs) {
    server.kill('SIGKILL');
  }
}

/** npm ends by SIGTERM without a word to us: its death is the signal, lest the server be left with nobody to stop it. */
function leaveWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm && !stopping.signal.aborted) stop('SIGTERM');
  }, parentLookMs).unref();
}

async function stoppedWithin(ms) {
  await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined); // Rejects when woken by stop().
  return stopping.signal.aborted;
}
