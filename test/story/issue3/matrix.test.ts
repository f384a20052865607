/** Must show 1: every protocol pair, from real encoders to real receivers, judged frame by frame. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClips } from '../../kit/clips.ts';
import { type Encoder, ffmpegEncoder, gstEncoder, librtmpEncoder, type WayIn } from '../../kit/encoders.ts';
import { freePorts } from '../../kit/free-ports.ts';
import { continuityErrors, type Reading, readMedia, skewMs, stepsOf } from '../../kit/media-judge.ts';
import { startNginxRtmp } from '../../kit/receivers.ts';
import { openStage, type Stage } from '../../kit/stage.ts';
import { type Crossing, crossingsOf, nameOf, openRun, push, type Run } from './crossing.ts';

const SECONDS = 7;
/** Enough of the beginning to hold every kind of frame many times; five seconds. */
const HASHES = 150;
/**
 * Frames that may be missing at the end: a peer that reads a stream without an end holds back the frame it could
 * still have to add to, ffmpeg those that it would still have reordered too. None may be missing before.
 */
const TAIL_FRAMES = 4;
/** 16 frames of AAC are one PES, and the last one may be held back. */
const TAIL_SOUNDS = 20;
/** GStreamer's srtsink closes its socket at the end of the clip with the last 120 ms of latency still unsent. */
const unsent = (crossing: Crossing): number => (crossing.from === 'srt' && crossing.encoder === 'GStreamer' ? 8 : 0);

const encoders: Readonly<Record<string, Encoder>> = {
  ffmpeg: ffmpegEncoder,
  GStreamer: gstEncoder,
  librtmp: librtmpEncoder,
};
const sources: readonly [string, WayIn][] = [
  ['ffmpeg', 'srt'],
  ['GStreamer', 'srt'],
  ['ffmpeg', 'rtmp'],
  ['GStreamer', 'rtmp'],
  ['librtmp', 'rtmp'],
  ['ffmpeg', 'rtp'],
  ['GStreamer', 'rtp'],
];
const matrix = sources.map(([encoder, from]) => crossingsOf(encoder, from));

let stage: Stage;
let source: Reading;
const runs = new Map<string, Run['crossings'][number]>();

beforeAll(async () => {
  stage = await openStage();
  const clip = makeClips(stage.file('.'), { seconds: SECONDS });
  const [port = 0] = await freePorts(1);
  const nginx = await startNginxRtmp(port, stage.file('nginx'));
  await stage.keep(Promise.resolve(nginx.program));
  const open = await Promise.all(matrix.map((crossings) => openRun(stage, crossings, (name) => nginx.receiver(name))));
  const withEncoders = open.map((run, i) => ({ ...run, encoder: encoders[sources[i]?.[0] ?? ''] ?? ffmpegEncoder }));
  await push(stage, withEncoders, clip);
  source = await readMedia(clip.ts);
  for (const run of open.flatMap(({ crossings }) => crossings)) runs.set(nameOf(run.crossing), run);
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
});

const title = ({ encoder, from, to, receiver }: Crossing): string => `${from} from ${encoder} to ${to} at ${receiver}`;
const all = matrix.flat().map((crossing) => [title(crossing), crossing] as const);

describe('H.264 with B-frames and AAC', () => {
  it.each(all)('crosses whole: %s', async (_, crossing) => {
    const { receiver } = runs.get(nameOf(crossing)) ?? {};
    const file = receiver?.file() ?? 'none';
    const got = await readMedia(file);
    const wanted = source.pictures.slice(0, HASHES).map(({ hash }) => hash);
    expect(got.pictures.slice(0, HASHES).map(({ hash }) => hash)).toEqual(wanted);
    expect(source.pictures.length - got.pictures.length).toBeLessThanOrEqual(TAIL_FRAMES + unsent(crossing));
    expect(source.sounds.length - got.sounds.length).toBeLessThanOrEqual(TAIL_SOUNDS + unsent(crossing));
    expect(stepsOf(got.dts.video).least).toBeGreaterThan(0);
    expect(stepsOf(got.dts.audio).least).toBeGreaterThan(0);
    expect(skewMs(source, got)).toBeLessThanOrEqual(40);
    expect(receiver?.isRaw ? await continuityErrors(file) : 0).toBe(0);
  });
});
