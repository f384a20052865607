/** Every figure that Health shows of a stream, beside what ffprobe and a count of the recorded packets say. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { healthFields } from '../../db/history-fields.ts';
import type { WayIn } from '../kit/encoders.ts';
import { pushTarget, startFlowOf, untilReached } from '../kit/flow-kit.ts';
import { freePorts } from '../kit/free-ports.ts';
import type { FlowView } from '../kit/house.ts';
import { must } from '../kit/must.ts';
import { type NginxRtmp, type Receiver, rtpReceivers, srtReceivers, startNginxRtmp } from '../kit/receivers.ts';
import { type Shown, shownHealth, shownTracks } from '../kit/shown.ts';
import { openStage, type Stage } from '../kit/stage.ts';
import { framesPerSecond, pushTruth, type SoundWish, type TruthClip, truthClip } from '../kit/truth-clips.ts';
import { inPackets, inTags, type ProbedTrack, probeTracks, truthOfTs } from '../kit/truth-judge.ts';
import { until } from '../kit/until.ts';
import { untilStill } from './issue3/crossing.ts';

interface Feed extends TruthClip {
  readonly from: WayIn;
  readonly to: readonly WayIn[];
  /** bit/s; with null packets. */
  readonly constantRate?: number;
}

const SECONDS = 16;
const aac48: SoundWish = { codec: 'aac', kbps: 64, hz: 48_000 };
const aac44: SoundWish = { codec: 'aac', kbps: 96, hz: 44_100 };
const mp2: SoundWish = { codec: 'mp2', kbps: 128, hz: 48_000 };
const ac3: SoundWish = { codec: 'ac3', kbps: 192, hz: 44_100 };
const small = { kbps: 500, seconds: SECONDS } as const;
const feeds: readonly Feed[] = [
  { ...small, name: 'H.264 at 25', video: 'h264', rate: '25', sounds: [aac48, mp2], from: 'srt', to: ['srt', 'rtmp'] },
  {
    ...small,
    name: 'HEVC at 50',
    video: 'h265',
    rate: '50',
    sounds: [aac44],
    from: 'srt',
    to: ['srt'],
    constantRate: 1_500_000,
  },
  {
    ...small,
    name: 'H.264 at 29.97',
    video: 'h264',
    rate: '30000/1001',
    sounds: [aac44, ac3],
    from: 'rtp',
    to: ['srt', 'rtp'],
  },
  {
    ...small,
    name: 'HEVC at 60',
    video: 'h265',
    rate: '60',
    sounds: [aac48, aac44],
    from: 'rtp',
    to: ['srt'],
    constantRate: 1_500_000,
  },
  { ...small, name: 'H.264 at 60', video: 'h264', rate: '60', sounds: [aac48], from: 'rtmp', to: ['srt', 'rtmp'] },
];

/** One end of a flow, and the file that says what passed it. */
interface End {
  readonly endpoint: string;
  readonly protocol: WayIn;
  readonly side: 'in' | 'out';
  readonly file: string;
}

interface Outcome {
  readonly flow: FlowView;
  readonly from: number;
  readonly ends: ReadonlyMap<string, End>;
}

let stage: Stage;
let nginx: NginxRtmp;
let outcomes: readonly Outcome[];

const baseOf = (feed: Feed, to: WayIn): string => `${feed.video}-${feed.rate.replace('/', '-')}-${to}`;

function receiverOf(feed: Feed, to: WayIn, port: number): Receiver {
  const base = stage.file(baseOf(feed, to));
  if (to === 'rtmp') return nginx.receiver(baseOf(feed, to));
  return to === 'srt'
    ? srtReceivers['srt-live-transmit'](port, base)
    : rtpReceivers['GStreamer-unbuffered'](port, base);
}

async function open(feed: Feed) {
  const ports = await freePorts(feed.to.length * 2);
  const receivers = feed.to.map((to, i) => ({ to, receiver: receiverOf(feed, to, ports[i * 2] ?? 0) }));
  await Promise.all(receivers.flatMap(({ receiver }) => receiver.start() ?? []).map((program) => stage.keep(program)));
  const outputs = receivers.map(({ to, receiver }) => ({ name: to, protocol: to, destination: receiver.destination }));
  const flow = await startFlowOf(stage.house, { name: feed.name, protocol: feed.from, outputs });
  await untilReached(stage.house, flow.id);
  return { flow, receivers };
}

/** Of RTMP the clip is the truth of the input; what TS was sent is what came out of the first output byte for byte. */
function endsOf(feed: Feed, flow: FlowView, receivers: Awaited<ReturnType<typeof open>>['receivers']): Outcome['ends'] {
  const outs = receivers.map(({ to, receiver }, i): [string, End] => {
    const { id: endpoint } = must(flow.outputs[i], 'such output');
    return [to, { endpoint, protocol: to, side: 'out', file: receiver.file() }];
  });
  const file = feed.from === 'rtmp' ? truthClip(feed) : must(outs[0], 'output')[1].file;
  return new Map([['input', { endpoint: 'input', protocol: feed.from, side: 'in', file }], ...outs]);
}

async function runFeed(feed: Feed): Promise<Outcome> {
  const { flow, receivers } = await open(feed);
  const from = Date.now();
  const encoder = await stage.keep(
    pushTruth(truthClip(feed), {
      ...pushTarget(flow),
      ...(feed.constantRate !== undefined && { constantRate: feed.constantRate }),
    }),
  );
  await encoder.ended;
  await untilStill(receivers.map(({ receiver }) => receiver.file()));
  const ends = endsOf(feed, flow, receivers);
  await until(
    `the last second of ${feed.name} is kept`,
    async () => {
      const shown = await Promise.all(
        [...ends.values()].map(async ({ endpoint }) => shownHealth(stage.house, { flowId: flow.id, endpoint }, from)),
      );
      return shown.every(({ all }) => all('bitrate').length > SECONDS - 2 && all('bitrate').at(-1) === 0);
    },
    8,
  ).catch(() => undefined);
  return { flow, from, ends };
}

beforeAll(async () => {
  stage = await openStage();
  const [port = 0] = await freePorts(1);
  nginx = await startNginxRtmp(port, stage.file('nginx'));
  await stage.keep(Promise.resolve(nginx.program));
  for (const feed of feeds) truthClip(feed);
  outcomes = await Promise.all(feeds.map(runFeed));
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
});

const within = (value: number, truth: number, part: number): void => {
  if (!(Math.abs(value / truth - 1) < part)) expect.fail(`${value} is not within ${part * 100} % of ${truth}`);
};

const soundRates = { aac: 1024, mp2: 1152, ac3: 1536 } as const;
const rateOf = ({ codec, hz }: SoundWish): number => hz / soundRates[codec];

const cases = feeds.flatMap((feed, i) =>
  ['input', ...feed.to].map((name) => [`${feed.name}, ${feed.from} in, ${name}`, feed, i, name] as const),
);

describe.each(cases)('health of %s', (_, feed, index, name) => {
  const outcome = (): Outcome => must(outcomes[index], 'such feed');
  const end = (): End => must(outcome().ends.get(name), 'such end');
  const shown = (track?: string): Promise<Shown> =>
    shownHealth(
      stage.house,
      { flowId: outcome().flow.id, endpoint: end().endpoint, ...(track !== undefined && { track }) },
      outcome().from,
    );
  const isTs = name === 'input' ? feed.from !== 'rtmp' : name !== 'rtmp';
  const isSrt = (name === 'input' ? feed.from : name) === 'srt';
  const idOf = ({ pid, kind }: ProbedTrack): string => (pid === undefined || !isTs ? kind : `pid ${pid}`);
  /** The tracks that this end has: one sound in RTMP. */
  const truths = async (): Promise<readonly ProbedTrack[]> => {
    const tracks = await probeTracks(end().file);
    return isTs ? tracks : tracks.slice(0, 2);
  };

  it('has the bit rate that passed, and its null packets apart', async () => {
    const { sum } = await shown();
    const tagBytes = (await truths()).reduce((all, track) => all + inTags(track), 0);
    const { bytes, nullBytes } = isTs ? truthOfTs(end().file) : { bytes: tagBytes, nullBytes: 0 };
    within(sum('bitrate') / 8, bytes, 0.02);
    expect(nullBytes > 0).toBe(feed.constantRate !== undefined);
    expect(Math.abs(sum('nullBitrate') / 8 - nullBytes)).toBeLessThanOrEqual(0.02 * nullBytes);
  });

  it('has the bit rate of each track', async () => {
    const pids = isTs ? truthOfTs(end().file).bytesOfPid : undefined;
    const tracks = await truths();
    expect(
      await shownTracks(stage.house, { flowId: outcome().flow.id, endpoint: end().endpoint }, outcome().from),
    ).toEqual(tracks.map(idOf).toSorted());
    for (const track of tracks) {
      const bytes = (await shown(idOf(track))).sum('bitrate') / 8;
      within(bytes, pids ? must(pids.get(track.pid ?? 0), 'such PID') : inTags(track), 0.02);
      // By ffprobe alone: pictures have a PES each, so the packets that they fill are known, but for those of stuffing.
      if (pids && track.kind === 'video' && !feed.constantRate) within(bytes, inPackets(track), 0.02);
    }
  });

  it('has the frame rate of each track in each second, of packed sound too', async () => {
    const [video, ...sounds] = await truths();
    const wanted = [framesPerSecond(feed), ...feed.sounds.map(rateOf)];
    for (const [i, track] of [must(video, 'video'), ...sounds].entries()) {
      const known = (await shown(idOf(track))).all('frameRate').filter((rate) => rate > 0);
      expect(known.length).toBeGreaterThan(SECONDS - 4);
      within(track.framesPerSecond, must(wanted[i], 'such rate'), 0.02);
      const [first = 0, ...rest] = known;
      // A part of a second, which FLV tells in whole ms.
      within(first, must(wanted[i], 'such rate'), 0.02);
      // A header of sound that is cut by a PES is counted in the next: one frame of five seconds, 0.4 to 0.7 %.
      for (const rate of rest) within(rate, must(wanted[i], 'such rate'), track.kind === 'video' ? 0.002 : 0.008);
    }
  });

  it('has the faults that are in the stream, and no others; of RTMP none, since it has no packets', async () => {
    const { all, sum } = await shown();
    const checks = isTs ? truthOfTs(end().file).checks : {};
    const names = healthFields.map(({ name }) => name).filter((name) => name in checks);
    expect(Object.fromEntries(names.map((name) => [name, sum(name)]))).toEqual(checks);
    expect(all('continuityErrors').length > 0).toBe(isTs);
  });

  it('has a link that lost nothing, with figures that its protocol has and no others', async () => {
    const { all, sum } = await shown();
    const { protocol, side } = end();
    expect([sum('dropped'), sum('lossRatio'), sum('lost'), sum('retransmitRatio')]).toEqual([0, 0, 0, 0]);
    const names = ['lossRatio', 'retransmitRatio', 'rttMs', 'bufferMs', 'latencyMs', 'linkBandwidth'] as const;
    const has = names.filter((name) => all(name).length > 0);
    const own = {
      srt: names.filter((name) => side === 'in' || name !== 'lossRatio'),
      rtp: side === 'in' ? ['lossRatio'] : [],
      rtmp: [],
    };
    expect(has).toEqual(own[protocol]);
  });

  it.runIf(isSrt)('has the round trip, the latency and the buffers of a link on one machine', async () => {
    const { inner, mean } = await shown();
    expect(new Set(inner('latencyMs'))).toEqual(new Set([120]));
    // What libsrt's own threads take, on a machine with much to do.
    expect(mean('rttMs')).toBeLessThan(20);
    expect(mean('bufferMs')).toBeLessThan(end().side === 'in' ? 140 : 60);
    expect(mean('linkBandwidth')).toBeGreaterThan(0);
  });

  it('has no age of the last frame while frames come, and one that grows when they have ended', async () => {
    const ages = (await shown()).all('frameAgeMs');
    const ended = ages.findLastIndex((age) => age < 100) + 1;
    expect(ended).toBeGreaterThan(SECONDS - 2);
    expect(ages.slice(0, ended).filter((age) => age >= 100)).toEqual([]);
    // Looked at once a second, by a machine with much to do.
    for (const [i, age] of ages.slice(ended).entries()) expect(Math.abs(age - (i + 1) * 1000)).toBeLessThan(300);
  });
});
