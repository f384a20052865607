/** Must show 1 for HEVC: every pair carries it, by RTMP in enhanced tags. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialRtmp } from '../../../relay/rtmp/client.ts';
import { makeClips } from '../../kit/clips.ts';
import { type Clip, type PushTarget, pushWith, type WayIn } from '../../kit/encoders.ts';
import { hevcOf } from '../../kit/enhanced-flv.ts';
import { pushTarget } from '../../kit/flow-kit.ts';
import { continuityErrors, readMedia, stepsOf } from '../../kit/media-judge.ts';
import type { Receiver } from '../../kit/receivers.ts';
import { openStage, type Stage } from '../../kit/stage.ts';
import { frameHashes, readFlv } from '../../relay/rtmp/clip.ts';
import { key, openStage as openRtmpStage, type Stage as RtmpStage } from '../../relay/rtmp/peers.ts';
import { type Crossing, nameOf, openRun, type Run, stopAndFinish, untilStill, waysOut } from './crossing.ts';

const SECONDS = 6;
const TAIL_FRAMES = 4;
const receivers: Readonly<Record<WayIn, string>> = { srt: 'srt-live-transmit', rtmp: 'platform', rtp: 'GStreamer' };
/** One second by FFmpeg 8, which no encoder on Debian 12 can push: our own client does. */
const fixture = new URL('../../relay/formats/fixtures/hevc-aac.flv', import.meta.url).pathname;
const FIXTURE_FRAMES = 30;

const pairs = (['srt', 'rtmp', 'rtp'] as const).map((from) =>
  waysOut(from).map((to): Crossing => ({ encoder: 'hevc', from, to, receiver: receivers[to] })),
);

let stage: Stage;
let clip: Clip;
const runs = new Map<string, Run['crossings'][number]>();
const platforms = new Map<string, RtmpStage>();

beforeAll(async () => {
  stage = await openStage();
  clip = makeClips(stage.file('.'), { codec: 'h265', seconds: SECONDS });
  const open = await Promise.all(pairs.map((crossings) => openRun(stage, crossings, openPlatform)));
  await Promise.all(open.map(({ flow }) => pushHevc(pushTarget(flow))));
  await untilStill(open.flatMap(({ crossings }) => crossings.map(({ receiver }) => receiver.file())));
  await stopAndFinish(stage, open);
  for (const run of open.flatMap(({ crossings }) => crossings)) runs.set(nameOf(run.crossing), run);
});
afterAll(async () => {
  await Promise.all([...platforms.values()].map(({ server }) => server.close()));
  await stage.clear();
  await stage.close();
});

/** nginx-rtmp passes no enhanced tags on: our own server takes them, and what it took is read by another reader. */
async function openPlatform(name: string): Promise<Receiver> {
  const platform = await openRtmpStage();
  platforms.set(name, platform);
  return {
    destination: { url: platform.url, streamKey: key },
    start: () => undefined,
    file: () => name,
    isRaw: false,
  };
}

async function pushHevc(target: PushTarget): Promise<void> {
  if (target.protocol === 'rtmp') return pushFixture(target.url);
  const program = await stage.keep(pushWith(clip.ts, target));
  await program.ended;
}

/** At the clip's own pace, tag by tag. */
async function pushFixture(url: string): Promise<void> {
  const tags = await readFlv(fixture);
  await new Promise<void>((resolve, reject) => {
    const startedAt = performance.now();
    let next = 0;
    const push = dialRtmp(
      { url },
      {
        publishing: () => feed(),
        closed: ({ cause, words }) => (cause === 'closed' ? resolve() : reject(new Error(words))),
      },
    );
    const feed = (): void => {
      for (let tag = tags[next]; tag && tag.timestampMs <= performance.now() - startedAt; tag = tags[++next])
        push.send(tag);
      if (next < tags.length) setTimeout(feed, 10);
      else void push.close();
    };
  });
}

const title = ({ from, to, receiver }: Crossing): string => `${from} to ${to} at ${receiver}`;

describe('HEVC and AAC', () => {
  it.each(pairs.flat().map((pair) => [title(pair), pair] as const))('cross whole: %s', async (_, crossing) => {
    const { receiver } = runs.get(nameOf(crossing)) ?? {};
    const file = receiver?.file() ?? 'none';
    const wanted = crossing.from === 'rtmp' ? await fixturePictures() : await frameHashes(clip.ts);
    expect(wanted.length).toBe(crossing.from === 'rtmp' ? FIXTURE_FRAMES : SECONDS * 30);
    const { hashes, dts, errors } = crossing.to === 'rtmp' ? await readEnhanced(file) : await readTs(file);
    const whole = wanted.length - TAIL_FRAMES;
    expect(hashes.slice(0, whole)).toEqual(wanted.slice(0, whole));
    expect(stepsOf(dts).least).toBeGreaterThan(0);
    expect(errors).toBe(0);
  });
});

interface Judged {
  readonly hashes: readonly string[];
  readonly dts: readonly number[];
  /** Of continuity counters. */
  readonly errors: number;
}

async function readTs(file: string): Promise<Judged> {
  const { pictures, dts } = await readMedia(file);
  return { hashes: pictures.map(({ hash }) => hash), dts: dts.video, errors: await continuityErrors(file) };
}

async function readEnhanced(platform: string): Promise<Judged> {
  const tags = (platforms.get(platform)?.tags ?? []).filter(({ kind }) => kind === 'video');
  const frames = tags.filter(({ body }) => ((body[0] ?? 0) & 15) !== 0);
  const dts = frames.map(({ timestampMs }) => timestampMs / 1000);
  return { hashes: await picturesOf(hevcOf(tags), platform), dts, errors: 0 };
}

const fixturePictures = async (): Promise<string[]> => picturesOf(hevcOf(await readFlv(fixture)), 'fixture');

async function picturesOf(hevc: Uint8Array, name: string): Promise<string[]> {
  const file = stage.file(`${name}-${hevc.length}.hevc`);
  writeFileSync(file, hevc);
  return frameHashes(file);
}
