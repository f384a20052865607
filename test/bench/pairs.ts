/**
 * What each pair costs: the latency that a relay adds to a picture, and its CPU as % of one core, for one 20 Mbit/s stream.
 * Ours beside `ffmpeg -c copy`, and nginx-rtmp from RTMP to RTMP, in one run.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Protocol } from '../../relay/contract/settings.ts';
import { openSrt, type Srt } from '../../relay/srt/socket.ts';
import { freePorts } from '../kit/free-ports.ts';
import { appOf, type Pair, type RelayName, starters } from './pair-relays.ts';
import { openPusher, openTaker, type Pusher, SRT_LATENCY_MS } from './pair-ends.ts';
import { makeLoad, type Unit } from './pair-load.ts';

const { values } = parseArgs({
  options: {
    mbps: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '8' },
    only: { type: 'string', default: '' },
  },
});
const seconds = Number(values.seconds);
/** ffmpeg looks at a stream for some seconds before it passes it on, and then has that much to make up. */
const WARM_S = 8;
const TICKS = 100;

interface Measured {
  readonly pair: string;
  readonly relay: RelayName;
  readonly latencies: readonly number[];
  readonly cpu: number;
  readonly sent: number;
}

const srt = openSrt();
const load = await makeLoad(Number(values.mbps), WARM_S + seconds);
tellLoad(load);

for (const [from, to] of pairsOf()) {
  const relays: RelayName[] = [
    'streamlink',
    'ffmpeg -c copy',
    ...(from + to === 'rtmprtmp' ? ['nginx-rtmp' as const] : []),
  ];
  for (const relay of relays) tell(await measure(relay, from, to));
}
await srt.close();
process.exit(0);

function pairsOf(): [Protocol, Protocol][] {
  const all: [Protocol, Protocol][] = [
    ['srt', 'srt'],
    ['srt', 'rtmp'],
    ['rtmp', 'srt'],
    ['rtmp', 'rtmp'],
    ['rtmp', 'rtp'],
    ['rtp', 'srt'],
    ['rtp', 'rtmp'],
    ['rtp', 'rtp'],
  ];
  return all.filter(([from, to]) => `${from}-${to}`.includes(values.only));
}

async function measure(relay: RelayName, from: Protocol, to: Protocol): Promise<Measured> {
  const [fromPort = 0, , toPort = 0] = await freePorts(4);
  const pair: Pair = { from, to, fromPort, toPort };
  const sentAt = new Map<number, number>();
  const latencies: number[] = [];
  const taker = await openTaker(srt, to, toPort, (picture) => {
    const at = sentAt.get(picture);
    if (at !== undefined) latencies.push(performance.now() - at);
    sentAt.delete(picture);
  });
  const running = await starters[relay](pair);
  const pusher = await untilOpen(srt, pair);
  let sent = 0;
  let before = { cpu: 0, at: 0 };
  const warm = setTimeout(() => {
    before = { cpu: cpuOf(running.pids), at: performance.now() };
  }, WARM_S * 1000);
  await play(pusher, (picture, atMs) => {
    if (atMs < WARM_S * 1000) return;
    sent++;
    sentAt.set(picture, performance.now());
  });
  clearTimeout(warm);
  const cpu = ((cpuOf(running.pids) - before.cpu) * 100_000) / (performance.now() - before.at);
  await sleep(500);
  pusher.close();
  await running.end();
  await taker.close();
  const legs = [from, to].filter((protocol) => protocol === 'srt').length;
  const added = latencies.map((ms) => ms - legs * SRT_LATENCY_MS);
  return { pair: `${from} to ${to}`, relay, latencies: added, cpu, sent };
}

/** A relay may need a moment until its port is open. */
async function untilOpen(srt_: Srt, { from, fromPort }: Pair): Promise<Pusher> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      await sleep(500);
      return await openPusher(srt_, from, fromPort, appOf());
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

/** In real time; `done` is told each picture when its last byte was handed over. */
function play(pusher: Pusher, done: (picture: number, atMs: number) => void): Promise<void> {
  const startedAt = performance.now();
  let next = 0;
  return new Promise((resolve) => {
    const feed = (): void => {
      const now = performance.now() - startedAt;
      for (let unit = load[next]; unit && unit.atMs <= now; unit = load[++next]) {
        const { picture, atMs } = unit;
        pusher.push(unit, () => picture !== undefined && done(picture, atMs));
      }
      if (next < load.length) setTimeout(feed, 2);
      else resolve();
    };
    feed();
  });
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

function tellLoad(units: readonly Unit[]): void {
  const bytes = units.reduce((sum, { packets }) => sum + packets.length, 0);
  const span = (units.at(-1)?.atMs ?? 1) / 1000;
  console.log(
    `${((bytes * 8) / span / 1e6).toFixed(1)} Mbit/s of TS, ${seconds} s measured after ${WARM_S} s; SRT's own ${SRT_LATENCY_MS} ms a leg taken off`,
  );
  console.log('| pair | relay | p50 ms | p99 ms | CPU % of a core | pictures seen |\n|---|---|---:|---:|---:|---:|');
}

function tell({ pair, relay, latencies, cpu, sent }: Measured): void {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): string => sorted[Math.floor(sorted.length * share)]?.toFixed(1) ?? '-';
  console.log(`| ${pair} | ${relay} | ${at(0.5)} | ${at(0.99)} | ${cpu.toFixed(1)} | ${sorted.length} of ${sent} |`);
}
