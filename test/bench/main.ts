/** CPU-seconds for each Gbit that leaves a relay, ours beside srt-live-transmit, in turn, several rounds; medians and ratio. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { freePorts } from '../kit/free-ports.ts';
import { type Routes, type RunningRelay, startOurs, startSrtLiveTransmit } from './relays.ts';
import { MESSAGE_BYTES, numbersFrom } from './shape.ts';

/** Ticks of /proc/<pid>/stat a second on Linux. */
const TICKS = 100;
const BITRATE = 20_000_000;

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1,20' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
  },
});
const seconds = Number(values.seconds);

const resultSchema = z.object({ received: z.number(), missing: z.number() });

interface Measured {
  readonly cpuPerGbit: number;
  readonly rssMb: number;
  readonly missing: number;
  readonly received: number;
}

for (const streams of numbersFrom(values.streams)) {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    ours.push(await measure(startOurs, streams));
    theirs.push(await measure(startSrtLiveTransmit, streams));
  }
  tell(streams, 'streamlink', ours);
  tell(streams, 'srt-live-transmit', theirs);
  const ratio = median(ours.map((one, index) => one.cpuPerGbit / (theirs[index]?.cpuPerGbit ?? Number.NaN)));
  console.log(`${streams} x 1   ratio ${ratio.toFixed(2)} (median of pairs)`);
}

async function measure(start: (routes: Routes) => Promise<RunningRelay>, streams: number): Promise<Measured> {
  const ports = await freePorts(streams * 2);
  const [ins, outs] = [ports.slice(0, streams), ports.slice(streams)];
  const receiver = bench('receiver', outs.join());
  await receiver.says('listening');
  const relay = await start(ins.map((from, index) => ({ from, to: [outs[index] ?? 0] })));
  const before = cpuOf(relay.pids);
  const sender = bench('sender', ins.join(), String(BITRATE), String(seconds));
  await sender.ended;
  const cpu = cpuOf(relay.pids) - before;
  const rssMb = relay.pids.reduce((all, pid) => all + rssOf(pid), 0) / 1e6;
  receiver.child.kill('SIGTERM');
  await receiver.ended;
  await relay.end();
  const { received, missing } = resultSchema.parse(JSON.parse(receiver.words().trim().split('\n').at(-1) ?? '{}'));
  return { cpuPerGbit: cpu / ((received * MESSAGE_BYTES * 8) / 1e9), rssMb, missing, received };
}

function bench(name: string, ...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [`dist/test/bench/${name}.js`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let words = '';
  child.stdout?.on('data', (chunk) => {
    words += chunk;
  });
  const says = (text: string): Promise<void> =>
    new Promise((resolve) => child.stdout?.on('data', () => words.includes(text) && resolve()));
  return { child, says, words: () => words, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

/** User and system seconds of the processes with all their threads. */
function cpuOf(pids: readonly number[]): number {
  return pids.reduce((all, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return all + (Number(fields[11]) + Number(fields[12])) / TICKS;
  }, 0);
}

function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

function tell(streams: number, name: string, all: readonly Measured[]): void {
  const cpu = all.map(({ cpuPerGbit }) => cpuPerGbit);
  const figures = `${median(cpu).toFixed(2)} CPU-s/Gbit (${Math.min(...cpu).toFixed(2)}-${Math.max(...cpu).toFixed(2)})`;
  const missing = all.reduce((sum, one) => sum + one.missing, 0);
  const received = all.reduce((sum, one) => sum + one.received, 0);
  console.log(
    `${streams} x 1   ${name.padEnd(18)} ${figures}, ${median(all.map(({ rssMb }) => rssMb)).toFixed(0)} MB, ${missing} of ${received + missing} messages missing`,
  );
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
