/** Bad input at each listening port, and tracks that a destination cannot take: told, and nobody else is hurt. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClips } from '../../kit/clips.ts';
import { type Clip, pushWith, type WayIn } from '../../kit/encoders.ts';
import { type EventView, eventsOf, pushTarget, startFlowOf, untilReached } from '../../kit/flow-kit.ts';
import { continuityErrors, type Reading, readMedia } from '../../kit/media-judge.ts';
import { run } from '../../kit/program.ts';
import { openStage, type Stage } from '../../kit/stage.ts';
import { until } from '../../kit/until.ts';
import { type Crossing, openRun, type Run, stopAndFinish, untilStill } from './crossing.ts';
import { openPlatform } from '../../kit/platform.ts';

const SECONDS = 10;
const TAIL_FRAMES = 4;
const FLOOD = 2000;
const host = '127.0.0.1';

let stage: Stage;
let clip: Clip;
let source: Reading;
beforeAll(async () => {
  stage = await openStage();
  clip = makeClips(stage.file('.'), { seconds: SECONDS });
  source = await readMedia(clip.ts);
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
});

const noPlatform = (): never => expect.fail('Nothing here goes to RTMP.');

async function openQuiet(from: WayIn): Promise<Run> {
  const crossing: Crossing = { encoder: 'calm', from, to: 'srt', receiver: 'srt-live-transmit' };
  return openRun(stage, [crossing], noPlatform);
}

const portIn = (run_: Run): number => Number(new URL(pushTarget(run_.flow).url).port);

describe('garbage at every port while three flows run', () => {
  it('ends the sessions that bring it, is counted, and costs the others nothing', async () => {
    const runs = await Promise.all((['srt', 'rtmp', 'rtp'] as const).map(openQuiet));
    const [srt, rtmp, rtp] = runs;
    if (!srt || !rtmp || !rtp) throw new Error('Three flows run.');
    const encoders = await Promise.all(runs.map(({ flow }) => stage.keep(pushWith(clip.ts, pushTarget(flow)))));
    await until(
      'media',
      async () => (await stage.house.flow(rtp.flow.id)).outputs[0]?.status.primary.state === 'connected',
    );
    await Promise.all([
      throwDatagrams(portIn(srt), srtGarbage),
      throwDatagrams(portIn(rtp), rtpGarbage),
      throwAtRtmp(portIn(rtmp)),
      wrongKey(pushTarget(rtmp.flow).url),
    ]);
    await Promise.all(encoders.map(({ ended }) => ended));
    await untilStill(runs.flatMap(({ crossings }) => crossings.map(({ receiver }) => receiver.file())));
    await expectCounted(rtp, rtmp);
    await stopAndFinish(stage, runs);
    for (const { crossings } of runs) await expectUnhurt(crossings[0]?.receiver.file() ?? 'none');
  });
});

async function expectCounted(rtp: Run, rtmp: Run): Promise<void> {
  const bad = (await eventsOf(stage.house, rtp.flow.id)).filter(({ code }) => code === 'bad-media');
  const datagrams = bad.filter(({ facts }) => facts.fault === 'datagram');
  expect(sumOf(datagrams)).toBe(FLOOD);
  const { incident } = (await stage.house.flow(rtmp.flow.id)).input.status.primary;
  // The encoder's own goodbye came last.
  expect(['stream-key-wrong', 'peer-closed']).toContain(incident?.code);
}

const sumOf = (events: readonly EventView[]): number =>
  events.reduce((sum, { facts }) => sum + Number(facts.damaged), 0);

async function expectUnhurt(file: string): Promise<void> {
  const got = await readMedia(file);
  const whole = source.pictures.length - TAIL_FRAMES;
  expect(got.pictures.slice(0, whole)).toHaveLength(whole);
  expect(got.pictures[whole - 1]?.hash).toBe(source.pictures[whole - 1]?.hash);
  expect(await continuityErrors(file)).toBe(0);
}

/** Noise, and the first bytes of an SRT handshake with noise behind them. */
const srtGarbage = (index: number): Buffer =>
  index % 2 === 0
    ? randomBytes(1 + (index % 1400))
    : Buffer.concat([Buffer.from('80000000', 'hex'), randomBytes(1 + (index % 80))]);

/** Never RTP with MPEG-TS: wrong version, cut short, or another payload. */
const rtpGarbage = (index: number): Buffer => {
  const noise = randomBytes(1 + (index % 1400));
  noise[0] = (noise[0] ?? 0) & 0x3f;
  return noise;
};

async function throwDatagrams(port: number, make: (index: number) => Buffer): Promise<void> {
  const socket = createSocket('udp4');
  for (let index = 0; index < FLOOD; index++)
    await new Promise<void>((resolve) => socket.send(make(index), port, host, () => resolve()));
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

/** Each of these must be hung up on, without a word from us. */
const rtmpGarbage: readonly Buffer[] = [
  randomBytes(4000),
  Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  // C0, half of C1, and then nothing: a handshake that never ends.
  Buffer.concat([Buffer.of(3), Buffer.alloc(700)]),
  // A whole handshake, then chunks of noise.
  Buffer.concat([Buffer.of(3), Buffer.alloc(1536), Buffer.alloc(1536), randomBytes(8000)]),
  // A message of 16 MB is announced.
  Buffer.concat([Buffer.of(3), Buffer.alloc(1536), Buffer.alloc(1536), Buffer.from('03000000ffffff1400000000', 'hex')]),
];

async function throwAtRtmp(port: number): Promise<void> {
  await Promise.all(rtmpGarbage.map((bytes) => untilHungUp(port, bytes)));
}

const untilHungUp = (port: number, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('The relay kept a hostile connection.')), 12_000);
    const socket = connect(port, host, () => socket.write(bytes));
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(late);
      resolve();
    });
  });

async function wrongKey(url: string): Promise<void> {
  const encoder = await stage.keep(pushWith(clip.ts, { protocol: 'rtmp', url: `${url}-wrong` }));
  expect(await encoder.ended).not.toBe(0);
}

describe('tracks that RTMP cannot carry', () => {
  it('are named once each, and the rest flows', async () => {
    const platform = await openPlatform();
    const flow = await startFlowOf(stage.house, {
      name: 'tracks',
      protocol: 'srt',
      outputs: [{ name: 'platform', protocol: 'rtmp', destination: platform.destination }],
    });
    await untilReached(stage.house, flow.id);
    const encoder = await stage.keep(run('ffmpeg', await manyTracks(pushTarget(flow).url)));
    await encoder.ended;
    const events = (await eventsOf(stage.house, flow.id)).filter(({ code }) => code === 'track-dropped');
    const facts = events.map((event) => event.facts).toSorted((a, b) => Number(a.pid) - Number(b.pid));
    expect(facts).toEqual([
      { codec: 'MPEG audio', reason: 'unsupported', pid: 0x102, streamType: 3 },
      { codec: 'AC-3', reason: 'unsupported', pid: 0x103, streamType: 0x81 },
      { codec: 'AAC', reason: 'extra', pid: 0x104, streamType: 15 },
      { codec: 'unknown', reason: 'unsupported', pid: 0x105, streamType: 6 },
    ]);
    const kinds = platform.arrivals.map(({ tag }) => tag.kind);
    expect(kinds.filter((kind) => kind === 'video').length).toBeGreaterThan(60);
    expect(kinds.filter((kind) => kind === 'audio').length).toBeGreaterThan(60);
    await platform.close();
  });
});

/** H.264 and AAC that can go, and MP2, AC-3, a second AAC and data that cannot. */
async function manyTracks(url: string): Promise<string[]> {
  const data = stage.file('data.bin');
  writeFileSync(data, randomBytes(4000));
  const inputs = ['-re', '-i', clip.ts, '-f', 'data', '-i', data];
  const maps = ['0:v', '0:a', '0:a', '0:a', '0:a', '1:0'].flatMap((map) => ['-map', map]);
  const sound = ['-c:a:0', 'copy', '-c:a:1', 'mp2', '-c:a:2', 'ac3', '-c:a:3', 'copy'];
  const coding = ['-c:v', 'copy', ...sound, '-c:d', 'copy', '-t', '4'];
  // The data has no clock for which the muxer could wait.
  const muxing = ['-max_interleave_delta', '100000', '-f', 'mpegts', `${url}?pkt_size=1316`];
  return ['-hide_banner', '-loglevel', 'error', '-nostdin', ...inputs, ...maps, ...coding, ...muxing];
}
