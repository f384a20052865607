/** Must show 2: clocks that come to their end while a feed runs. The clip's own clock is set a few seconds before it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialRtmp } from '../../../relay/rtmp/client.ts';
import { makeClips } from '../../kit/clips.ts';
import { type Clip, type PushTarget, pushWith, type WayIn } from '../../kit/encoders.ts';
import { eventsOf, pushTarget } from '../../kit/flow-kit.ts';
import { freePorts } from '../../kit/free-ports.ts';
import { continuityErrors, type Reading, readMedia, skewMs, stepsOf } from '../../kit/media-judge.ts';
import { startNginxRtmp } from '../../kit/receivers.ts';
import { openStage, type Stage } from '../../kit/stage.ts';
import { readFlv } from '../../relay/rtmp/clip.ts';
import { type Crossing, nameOf, openRun, type Run, stopAndFinish, untilStill, waysOut } from './crossing.ts';

const SECONDS = 7;
/** The clip crosses three seconds after it begins: 90 frames on this side, 120 on the other. */
const BEFORE_S = 3;
const FRAME_MS = 1000 / 30;
/** One frame of 1024 samples at 48 kHz. */
const SOUND_MS = 1024 / 48;
/** RTMP counts whole ms. */
const ROUNDING_MS = 1.01;
const TAIL_FRAMES = 4;

/**
 * In seconds. At `2^31 ms` ffmpeg's own FLV muxer begins anew, for it writes 31 of the 32 bits: to us that is a jump, where
 * the length of one frame is a guess.
 */
const ends = {
  '2^33 ticks': 2 ** 33 / 90_000,
  '0xFFFFFF ms': 0xffffff / 1000,
  '2^31 ms': 2 ** 31 / 1000,
  '2^32 ms': 2 ** 32 / 1000,
} as const;
type End = keyof typeof ends;

const receivers: Readonly<Record<WayIn, string>> = { srt: 'srt-live-transmit', rtmp: 'nginx-rtmp', rtp: 'GStreamer' };
const feeds: readonly [WayIn, End][] = [
  ['srt', '2^33 ticks'],
  ['rtp', '2^33 ticks'],
  ['rtmp', '0xFFFFFF ms'],
  ['rtmp', '2^31 ms'],
  ['rtmp', '2^32 ms'],
];
const feedCrossings = feeds.map(([from, end]) =>
  waysOut(from).map((to): Crossing => ({ encoder: end, from, to, receiver: receivers[to] })),
);

let stage: Stage;
let clip: Clip;
let source: Reading;
const runs = new Map<string, Run['crossings'][number]>();
let jumps: readonly string[] = [];

beforeAll(async () => {
  stage = await openStage();
  clip = makeClips(stage.file('.'), { seconds: SECONDS });
  source = await readMedia(clip.ts);
  const [port = 0] = await freePorts(1);
  const nginx = await startNginxRtmp(port, stage.file('nginx'));
  await stage.keep(Promise.resolve(nginx.program));
  const open = await Promise.all(feedCrossings.map((wanted) => openRun(stage, wanted, (name) => nginx.receiver(name))));
  await Promise.all(open.map(({ flow }, i) => pushAcross(pushTarget(flow), feeds[i]?.[1] ?? '2^33 ticks')));
  await untilStill(open.flatMap(({ crossings }) => crossings.map(({ receiver }) => receiver.file())));
  const events = await Promise.all(open.map(({ flow }) => eventsOf(stage.house, flow.id)));
  jumps = feeds.flatMap(([, end], i) => (events[i]?.some(({ code }) => code === 'timestamps-jumped') ? [end] : []));
  await stopAndFinish(stage, open);
  for (const run of open.flatMap(({ crossings }) => crossings)) runs.set(nameOf(run.crossing), run);
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
});

async function pushAcross(target: PushTarget, end: End): Promise<void> {
  if (end === '2^32 ms') return pushTags(target.url, Math.round((ends[end] - BEFORE_S) * 1000));
  const output = ['-output_ts_offset', String(ends[end] - BEFORE_S)];
  const program = await stage.keep(pushWith(clip.ts, target, { output }));
  await program.ended;
}

/** With all 32 bits of the clock, which no encoder here writes. */
async function pushTags(url: string, startMs: number): Promise<void> {
  const tags = await readFlv(clip.flv);
  await new Promise<void>((resolve, reject) => {
    const startedAt = performance.now();
    let next = 0;
    const feed = (): void => {
      const due = performance.now() - startedAt;
      for (let tag = tags[next]; tag && tag.timestampMs <= due; tag = tags[++next])
        push.send({ ...tag, timestampMs: (tag.timestampMs + startMs) % 2 ** 32 });
      if (next < tags.length) setTimeout(feed, 10);
      else void push.close();
    };
    const push = dialRtmp(
      { url },
      {
        publishing: () => feed(),
        closed: ({ cause, words }) => (cause === 'closed' ? resolve() : reject(new Error(words))),
      },
    );
  });
}

const all = feedCrossings
  .flat()
  .map((crossing) => [`${crossing.encoder}, ${crossing.from} to ${crossing.to}`, crossing] as const);

describe('a feed that crosses the end of its clock', () => {
  it.each(all)('goes on without a gap: %s', async (_, crossing) => {
    const { receiver } = runs.get(nameOf(crossing)) ?? {};
    const file = receiver?.file() ?? 'none';
    const got = await readMedia(file);
    const whole = source.pictures.length - TAIL_FRAMES;
    expect(got.pictures.slice(0, whole).map(({ hash }) => hash)).toEqual(
      source.pictures.slice(0, whole).map(({ hash }) => hash),
    );
    const [video, audio] = [stepsOf(got.dts.video), stepsOf(got.dts.audio)];
    expect(video.least).toBeGreaterThan(0);
    expect(audio.least).toBeGreaterThan(0);
    const isWrap = crossing.encoder !== '2^31 ms';
    expect(video.longest - FRAME_MS).toBeLessThanOrEqual(isWrap ? ROUNDING_MS : FRAME_MS);
    expect(audio.longest - SOUND_MS).toBeLessThanOrEqual(isWrap ? ROUNDING_MS : SOUND_MS);
    expect(skewMs(source, got)).toBeLessThanOrEqual(40);
    expect(receiver?.isRaw ? await continuityErrors(file) : 0).toBe(0);
  });

  it('is told to the operator where it was a jump, and only there', () => {
    expect(jumps).toEqual(['2^31 ms']);
  });
});
