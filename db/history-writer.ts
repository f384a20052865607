/** Entry of the one worker that writes health.db and log.db. Arguments: the folder, how long things are kept in ms. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { faultOf } from './history-file.ts';
import { HealthWriter } from './history-health-writer.ts';
import { createLane } from './history-lane.ts';
import { LogWriter } from './history-log-writer.ts';
import type { HistoryFault, HistoryFileName, Pruned, WriterCalls } from './history-model.ts';
import { type Answer, serve } from './history-wire.ts';

const TICK_MS = 1000;

/** A step of pruning that takes longer is followed by a smaller one. */
const PRUNE_STEP_MS = 8;
const PRUNE_MOST = 512;

const [, , folder = '.', retention = '0'] = process.argv;
const retentionMs = Number(retention);
const port = parentPort;
if (!port) throw new Error('The writer of the history is a worker thread.');

const say = (answer: Answer): void => port.postMessage(answer);
const tell = (fault: HistoryFault): void => say({ kind: 'fault', fault });
const replaced = (file: HistoryFileName) => (): void => say({ kind: 'replaced', file });
const inTurn = createLane();
const health = new HealthWriter({ path: join(folder, 'health.db'), retentionMs, tell, replaced: replaced('health') });
const log = new LogWriter({ path: join(folder, 'log.db'), tell, replaced: replaced('log') });
let isOpen = false;
const opened = inTurn(open);
const ticking = setInterval(() => void tick(), TICK_MS);
let isFlushing = false;
let isTidying = false;

const calls: WriterCalls = {
  opened: () => opened,
  // Files may take long to open, and the next worker would have to do it all again.
  ping: () => (isOpen ? inTurn(async () => undefined) : Promise.resolve()),
  write: (batch) => {
    const written = health.writes.add(batch, Date.now());
    flushSoon();
    return written;
  },
  append: async (events) => {
    const appended = log.writes.add(events, Date.now());
    flushSoon();
    await appended;
  },
  mark: (channel, at) => inTurn(() => health.mark(channel, at)),
  describe: (notes) => inTurn(() => health.describe(notes)),
  // What the journal still holds is missing from what is hot until it has been read.
  hot: (channel, range) => opened.then(() => health.hot(channel, range)),
  hotChannels: (query) => opened.then(() => health.hotChannels(query)),
  prune,
  seal: async () => {
    while (await inTurn(() => health.tidyStep(Date.now(), true))) await nextTurn();
  },
  setAside: (file, inode) => inTurn(() => (file === 'health' ? health : log).setAside(inode)),
  close: async () => {
    clearInterval(ticking);
    await inTurn(flush);
    await inTurn(() => Promise.all([health.close(), log.close()]));
  },
};
serve(port, calls);

/** A disk that is at fault now may not be so later: each write tries again. */
async function open(): Promise<void> {
  await Promise.all([openOne('health', () => health.open(Date.now())), openOne('log', () => log.open())]);
  isOpen = true;
}

async function openOne(file: HistoryFileName, opening: () => Promise<void>): Promise<void> {
  try {
    await opening();
  } catch (error) {
    if (!faultOf(error)) throw error;
    tell({ code: 'storage-failed', file, detail: String(error) });
  }
}

/** What arrives in one turn of the event loop is committed together. */
function flushSoon(): void {
  if (isFlushing) return;
  isFlushing = true;
  setImmediate(() => {
    isFlushing = false;
    void inTurn(flush);
  });
}

async function flush(): Promise<void> {
  await health.writes.flush(Date.now());
  await log.writes.flush(Date.now());
}

async function tick(): Promise<void> {
  await inTurn(flush);
  if (isTidying) return;
  isTidying = true;
  await tidy();
  isTidying = false;
}

/** Writes come in between. What cannot be sealed now stays in the journal; a bug ends the worker, which is replaced. */
async function tidy(): Promise<void> {
  try {
    while (await inTurn(() => health.tidyStep(Date.now()))) await nextTurn();
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    if (fault === 'corrupt') await inTurn(() => health.setAside(health.inode));
  }
}

async function prune(now: number): Promise<Pruned> {
  const before = now - retentionMs;
  const ofHealth = await pruneAll((most) => health.pruneStep(before, most));
  const ofLog = await pruneAll((most) => log.pruneStep(before, most));
  return {
    removed: ofHealth.removed + ofLog.removed,
    steps: ofHealth.steps + ofLog.steps,
    worstMs: Math.max(ofHealth.worstMs, ofLog.worstMs),
  };
}

/** `step` removes at most so many and says how many; it is over when there was nothing. */
async function pruneAll(step: (most: number) => Promise<number>): Promise<Pruned> {
  let [removed, steps, worstMs, most] = [0, 0, 0, 32];
  for (;;) {
    const { count, ms } = await inTurn(() => timed(() => step(most)));
    if (count === 0) return { removed, steps, worstMs };
    removed += count;
    steps++;
    worstMs = Math.max(worstMs, ms);
    most = Math.round(Math.max(1, Math.min(PRUNE_MOST, most * 2, (most * PRUNE_STEP_MS) / ms)));
    await nextTurn();
  }
}

async function timed(work: () => Promise<number>): Promise<{ readonly count: number; readonly ms: number }> {
  const start = performance.now();
  const count = await work();
  return { count, ms: performance.now() - start };
}
