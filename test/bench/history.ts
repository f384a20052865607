/** `npm run bench:history`: seven days of 50 channels; size, day's read against a row a second, writing, pruning, loop delay. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { type History, openHistory } from '../../db/history.ts';
import { healthFields } from '../../db/history-fields.ts';
import type { HealthChannel, HealthSample, LogEvent } from '../../db/history-model.ts';
import { fields, noise } from './history-noise.ts';
import { Watches } from './history-beside.ts';
import { askForCharts, askOverHttp, relaysComeBack } from './history-door.ts';
import type { LoopDelays } from './history-loop.ts';
import { makeRows, readRows, readRowsAsText, usedBytes } from './history-rows.ts';

const { values } = parseArgs({
  options: {
    channels: { type: 'string', default: '50' },
    days: { type: 'string', default: '7' },
    live: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '20' },
  },
});
const CHANNELS = Number(values.channels);
const DAYS = Number(values.days);
const DAY = 86_400;
const MIB = 2 ** 20;
const ROW_CHANNELS = 8;
/** Of each channel in one call. */
const SECONDS_A_CALL = 40;
const CALLS_AHEAD = 8;
const EVENTS = 50_000;

/** Filling goes at 160 times the rate of any service, with both cores full. */
const unlimited: ReadonlySet<string> = new Set(['idle control', 'filled']);

interface RowTimes {
  readonly cold: number;
  readonly all: number;
  readonly two: number;
  readonly text: number;
}

const folder = mkdtempSync(join(tmpdir(), 'streamlink-bench-'));
const end = Math.floor(Date.now() / 1000 / 600) * 600;
const begin = end - DAYS * DAY;
const pool = noise(4 * 3600 + 7, 1);
const channelOf = (number: number): HealthChannel => ({
  flowId: `flow-${Math.floor(number / 4)}`,
  pipeline: number % 2 === 0 ? 'primary' : 'backup',
  endpointId: `endpoint-${number}`,
});
const channels = Array.from({ length: Math.max(CHANNELS, Number(values.live)) }, (_, number) => channelOf(number));

const ms = (time: number): string => `${time.toFixed(time < 10 ? 2 : 0)} ms`;
const over = (whole: number, part: number): string => (whole / part).toFixed(0);

try {
  await bench();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const rows = await rowTable();
  const delay = new Watches();
  await control(delay);
  const kept = subfolder('kept');
  await fill(kept, delay);
  await readDay(kept, rows, delay);
  await prune(kept, delay);
  await live(delay);
  await back(delay);
  await logs(delay);
  const tooLong = delay.end();
  for (const words of tooLong) console.error(`Too long in one go: ${words}`);
  process.exitCode = tooLong.length > 0 ? 1 : 0;
}

/** Before the delay of the event loop is looked at: this one is blocked on purpose. */
async function rowTable(): Promise<RowTimes> {
  const file = join(folder, 'rows.db');
  const rows = await makeRows(file, ROW_CHANNELS, begin, pool);
  const size = rows.bytes / MIB / ROW_CHANNELS;
  say('row a second', `${size.toFixed(2)} MiB a channel-day, ${rows.microsecondsARow.toFixed(1)} us a row written`);
  await forget(file);
  const cold = await timed(() => readRows(rows, begin, fields));
  const all = await median(() => readRows(rows, begin, fields));
  const two = await median(() => readRows(rows, begin, fields.slice(0, 2)));
  const text = await median(() => readRowsAsText(rows, begin, fields));
  say(
    'row a second',
    `24 h: all 12 fields cold ${ms(cold)}, warm ${ms(all)}, two ${ms(two)}, all as one text ${ms(text)}`,
  );
  rows.client.close();
  return { cold, all, two, text };
}

/** What the machine does to an event loop that has nothing to do. */
async function control(delay: Watches): Promise<void> {
  await sleep(5000);
  await sayDelay('idle control', delay);
}

async function fill(path: string, delay: Watches): Promise<void> {
  const history = open(path);
  const start = performance.now();
  const waiting: Promise<unknown>[] = [];
  for (let second = begin; second < end; second += SECONDS_A_CALL) {
    waiting.push(history.write(samplesOf(second, Math.min(SECONDS_A_CALL, end - second), CHANNELS)));
    if (waiting.length > CALLS_AHEAD) await waiting.shift();
    // Time would seal each ten minutes; here hours go by in a second.
    if ((second - begin) % 3600 === 0) await history.seal();
    await nextTurn();
  }
  await Promise.all(waiting);
  await history.seal();
  const seconds = (performance.now() - start) / 1000;
  await history.close();
  const { size } = statSync(join(path, 'health.db'));
  const samples = (end - begin) * CHANNELS;
  say('filled', `${samples} samples in ${seconds.toFixed(0)} s (${((seconds * 1e6) / samples).toFixed(2)} us each)`);
  const used = await usedBytes(join(path, 'health.db'));
  say(
    'size',
    `${(size / MIB).toFixed(1)} MiB, ${(size / MIB / DAYS / CHANNELS).toFixed(3)} MiB a channel-day (${(used / MIB / DAYS / CHANNELS).toFixed(3)} without free pages)`,
  );
  await sayDelay('filled', delay);
}

async function readDay(path: string, rows: RowTimes, delay: Watches): Promise<void> {
  const from = (end - 2 * DAY) * 1000;
  const channel = channels[Math.floor(CHANNELS / 2)] ?? channelOf(0);
  const query = { channel, from, to: from + DAY * 1000 };
  const file = join(path, 'health.db');
  const history = open(path);
  // Another day first: what is cold is the file, not the program.
  await history.read({ channel, from: from - DAY * 1000, to: from, fields });
  await forget(file);
  const cold = await timed(() => history.read({ ...query, fields }));
  const warm = await median(() => history.read({ ...query, fields }));
  const two = await median(() => history.read({ ...query, fields: fields.slice(0, 2) }));
  const thin = await median(() => history.read({ ...query, fields, maxPoints: 1440 }));
  const text = await median(() => history.readText({ ...query, fields }, 'json'));
  await sayDelay('read 24 h', delay);
  const ready = async (): Promise<void> => void (await delay.take('made ready', false));
  const bytes = await askOverHttp(history, channel, from, ready);
  say(
    'JSON API',
    `24 h of all ${healthFields.length} fields at 1 s: ${(bytes / MIB).toFixed(1)} MiB to another process`,
  );
  await sayDelay('JSON API', delay);
  const drawn = await timed(() => askForCharts(history, channel, from));
  say('charts', `24 h of all figures and four tracks: ${ms(drawn)}`);
  await sayDelay('charts', delay);
  await history.close();
  say(
    'read 24 h',
    `all 12 fields at 1 s: cold ${ms(cold)} (rows: 1/${over(rows.cold, cold)}), warm ${ms(warm)} (rows: 1/${over(rows.all, warm)})`,
  );
  say('read 24 h', `two fields at 1 s: ${ms(two)} (rows: 1/${over(rows.two, two)})`);
  say('read 24 h', `all in buckets of 1 min: ${ms(thin)}; all at 1 s as JSON: ${ms(text)} (rows ${ms(rows.text)})`);
}

/** The system lets go of its copy of the file in memory. */
async function forget(file: string): Promise<void> {
  await promisify(execFile)('sync', [file]);
  await promisify(execFile)('dd', [`if=${file}`, 'iflag=nocache', 'count=0']);
}

async function prune(path: string, delay: Watches): Promise<void> {
  const history = open(path);
  const start = performance.now();
  const { removed, steps, worstMs } = await history.prune((end + DAY) * 1000);
  const whole = performance.now() - start;
  await history.close();
  say('prune a day', `${removed} blocks in ${steps} steps, ${ms(whole)}; the longest lock ${ms(worstMs)}`);
  await sayDelay('prune a day', delay);
}

/** As relays do: 50 of them, each with one message a second. */
async function live(delay: Watches): Promise<void> {
  const [count, seconds] = [Number(values.live), Number(values.seconds)];
  const history = open(subfolder('live'));
  const waits: number[] = [];
  await sleep(2000);
  const idle = await cpuOf(() => sleep(3000));
  const start = performance.now();
  const busy = await cpuOf(async () => {
    for (let second = 0; second < seconds; second++) {
      const due = performance.now() + 1000;
      const samples = samplesOf(Math.floor(Date.now() / 1000), 1, count);
      await Promise.all(
        Array.from({ length: 50 }, async (_, relay) => {
          const own = samples.slice((relay * count) / 50, ((relay + 1) * count) / 50);
          waits.push(await timed(() => history.write(own)));
        }),
      );
      await sleep(Math.max(0, due - performance.now()));
    }
  });
  const each = (busy - (idle * (performance.now() - start)) / 3000) / (count * seconds);
  const sealing = await timed(() => history.seal());
  await history.close();
  const sorted = waits.toSorted((a, b) => a - b);
  say(
    'live',
    `${count} channels at 1 Hz: ${each.toFixed(1)} us CPU a sample, all threads (${((each * count) / 1e4).toFixed(1)} % of a core)`,
  );
  say(
    'live',
    `acknowledged after ${ms(sorted[Math.floor(sorted.length / 2)] ?? 0)} (median), ${ms(sorted.at(-1) ?? 0)} at worst`,
  );
  say('live', `sealing ${count} blocks: ${ms(sealing)}, once in ten minutes`);
  await sayDelay('live', delay);
}

/** Relays that were away come all at once. */
async function back(delay: Watches): Promise<void> {
  const history = open(subfolder('back'));
  const texts = await relaysComeBack(history, CHANNELS, async () => void (await delay.take('made', false)));
  await history.close();
  say('relays back', `ten minutes of ${CHANNELS} ends with three tracks each, in ${texts} messages`);
  await sayDelay('relays back', delay);
}

async function logs(delay: Watches): Promise<void> {
  const history = open(subfolder('log'));
  const append = await timed(async () => {
    for (let at = 0; at < EVENTS; at += 1000)
      await history.append(Array.from({ length: 1000 }, (_, index) => eventOf(at + index)));
  });
  const query = { flowId: 'flow-1', from: begin * 1000, to: (begin + DAY) * 1000 };
  const page = await median(() => history.log(query));
  const search = await median(() => history.log({ ...query, text: 'nowhere' }));
  await history.close();
  say(
    'log',
    `${((append * 1000) / EVENTS).toFixed(1)} us an event; a page of 100: ${ms(page)}; a day's 50,000 searched in vain: ${ms(search)}`,
  );
  await sayDelay('log', delay);
}

/** `count` channels for `seconds` seconds, second by second. */
function samplesOf(first: number, seconds: number, count: number): readonly HealthSample[] {
  return Array.from({ length: seconds * count }, (_, index) => {
    const number = index % count;
    const second = first + Math.floor(index / count);
    return {
      channel: channels[number] ?? channelOf(number),
      at: second * 1000,
      values: pool[(second + number * 997) % pool.length] ?? {},
    };
  });
}

function eventOf(seq: number): LogEvent {
  const { flowId, ...rest } = {
    ...channelOf(4),
    role: 'input' as const,
    name: 'Camera',
    code: 'disconnected',
    count: 1,
  };
  const peer = { address: '203.0.113.7', port: 1024 + (seq % 60_000) };
  return {
    relay: 'east-1',
    boot: 'b',
    seq,
    at: begin * 1000 + seq * 1000,
    flowId,
    ...rest,
    peer,
    facts: { after: seq },
  };
}

function open(path: string): History {
  return openHistory({
    folder: path,
    workers: join(process.cwd(), 'dist/db'),
    retentionDays: DAYS,
    onFault: (fault) => console.log('FAULT', fault),
  });
}

function subfolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** In us, of all threads. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) times.push(await timed(work));
  return times.sort((a, b) => a - b)[2] ?? 0;
}

async function sayDelay(what: string, delay: Watches): Promise<void> {
  const { own, idle } = await delay.take(what, !unlimited.has(what));
  const text = ({ worstMs, usualMs }: LoopDelays): string => `worst delay ${ms(worstMs)} (99.9 % below ${ms(usualMs)})`;
  say(what, `main thread: ${text(own)}, worst of its own work ${ms(own.busyMs)}; idle process beside: ${text(idle)}`);
}

function say(what: string, words: string): void {
  console.log(`${what.padEnd(14)} ${words}`);
}
