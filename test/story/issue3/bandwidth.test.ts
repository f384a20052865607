/** The maximum bandwidth of a flow, and destinations that are too slow: what is lost is bounded, counted and told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClips } from '../../kit/clips.ts';
import { type Clip, pushWith } from '../../kit/encoders.ts';
import { type EventView, eventsOf, pushTarget, startFlowOf, untilReached } from '../../kit/flow-kit.ts';
import { freePorts } from '../../kit/free-ports.ts';
import type { FlowView } from '../../kit/house.ts';
import { stepsOf } from '../../kit/media-judge.ts';
import { receive } from '../../kit/peers.ts';
import { openPlatform, type Platform, tagTimes } from '../../kit/platform.ts';
import { run } from '../../kit/program.ts';
import { openSlowTcp } from '../../kit/slow-tcp.ts';
import { expectWhole, openStage, type Stage } from '../../kit/stage.ts';
import { mostAbove, openUdpEar } from '../../kit/udp-ear.ts';
import { until } from '../../kit/until.ts';

const SECONDS = 10;
const LIMIT = 10_000_000;
const FED_KBPS = 15_000;
const BURST_S = 1;
/** What waits on the way (SRT's latency, pacing) arrives closer together than it left: a tenth of a second's worth. */
const UNDER_WAY_S = 0.15;

/** ffmpeg hangs up with the last of its latency still unsent. */
const TAIL_FRAMES = 8;

let stage: Stage;
let clip: Clip;

beforeAll(async () => {
  stage = await openStage();
  const noise = ['-vf', 'noise=alls=100:allf=t', '-qmin', '0'];
  clip = makeClips(stage.file('.'), { seconds: SECONDS, kbps: FED_KBPS, args: noise });
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
});

const has = (events: readonly EventView[], code: string): EventView | undefined =>
  events.toReversed().find((event) => event.code === code);

/** Pushes the clip and returns when it began, with the flow and its events at the end. */
async function feed({ id }: FlowView): Promise<{ at: number; flow: FlowView; events: readonly EventView[] }> {
  const flow = await untilReached(stage.house, id);
  const at = Date.now();
  const encoder = await stage.keep(pushWith(clip.ts, pushTarget(flow)));
  await encoder.ended;
  return { at, flow: await stage.house.flow(id), events: await eventsOf(stage.house, id) };
}

describe.concurrent('a flow of 10 Mbps that is fed 15', () => {
  const expectTold = ({ at, flow, events }: Awaited<ReturnType<typeof feed>>): void => {
    const warning = has(events, 'over-bandwidth');
    expect(warning?.facts).toMatchObject({ limit: LIMIT });
    expect(warning?.facts.bitrate).toBeGreaterThan(LIMIT);
    // Three seconds of it, and the rest of the one in which it began.
    expect((warning?.at ?? 0) - at).toBeLessThanOrEqual(5000);
    expect(has(events, 'capped')?.facts.dropped).toBeGreaterThan(0);
    expect(flow.input.status.primary.dropped).toBeGreaterThan(0);
  };

  it('sends no more by RTP over any window', async () => {
    const ear = await openUdpEar();
    const outputs = [{ name: 'ear', protocol: 'rtp' as const, destination: { host: '127.0.0.1', port: ear.port } }];
    const fed = await feed(await startFlowOf(stage.house, { name: 'cap rtp', protocol: 'rtp', outputs }));
    expectTold(fed);
    expect(ear.datagrams.length).toBeGreaterThan(1000);
    // 12 bytes of RTP's header on each 1316 of media.
    expect(mostAbove(LIMIT * (1328 / 1316), ear.datagrams) / LIMIT).toBeLessThanOrEqual(BURST_S * 1.01 + UNDER_WAY_S);
    await ear.close();
  });

  it('sends no more by SRT over any window', async () => {
    const [port = 0] = await freePorts(1);
    const ear = await openUdpEar();
    const from = `srt://127.0.0.1:${port}?mode=listener`;
    await stage.keep(run('srt-live-transmit', ['-q', '-a', 'no', from, `udp://127.0.0.1:${ear.port}`]));
    const outputs = [{ name: 'ear', protocol: 'srt' as const, destination: { host: '127.0.0.1', port } }];
    const fed = await feed(await startFlowOf(stage.house, { name: 'cap srt', protocol: 'srt', outputs }));
    expectTold(fed);
    expect(ear.datagrams.length).toBeGreaterThan(1000);
    expect(mostAbove(LIMIT, ear.datagrams) / LIMIT).toBeLessThanOrEqual(BURST_S + UNDER_WAY_S);
    await ear.close();
  });

  it('sends no more by RTMP, in whole frames up to the next key frame', async () => {
    const platform = await openPlatform();
    const outputs = [{ name: 'platform', protocol: 'rtmp' as const, destination: platform.destination }];
    const fed = await feed(await startFlowOf(stage.house, { name: 'cap rtmp', protocol: 'rtmp', outputs }));
    expectTold(fed);
    const bodies = platform.arrivals.map(({ tag, at }) => ({ bytes: tag.body.length, at }));
    expect(mostAbove(LIMIT, bodies) / LIMIT).toBeLessThanOrEqual(BURST_S + UNDER_WAY_S);
    expect(framesAfterGaps(platform).every(({ tag }) => tag.keyframe)).toBe(true);
    expect(framesAfterGaps(platform).length).toBeGreaterThan(0);
    await platform.close();
  });
});

describe('a destination that reads a tenth of what it is sent', () => {
  it('loses its own data only, up to key frames, and this is counted and told at most once a second', async () => {
    const [slow, swift] = [await openPlatform(), await openPlatform()];
    const line = await openSlowTcp(portOf(slow), (FED_KBPS * 1000) / 8 / 10);
    const [port = 0] = await freePorts(1);
    const receiver = await stage.keep(receive(port, stage.file('sibling.ts')));
    const flow = await startFlowOf(stage.house, {
      name: 'slow peer',
      protocol: 'srt',
      maxBitrate: 20_000_000,
      outputs: [
        {
          name: 'slow',
          protocol: 'rtmp',
          destination: { ...slow.destination, url: `rtmp://127.0.0.1:${line.port}/live` },
        },
        { name: 'swift', protocol: 'rtmp', destination: swift.destination },
        { name: 'sibling', protocol: 'srt', destination: { host: '127.0.0.1', port } },
      ],
    });
    await untilReached(stage.house, flow.id);
    await pushCopied(flow, stage.file('sent.ts'));
    const seen = await stage.house.flow(flow.id);
    const [slowOutput, ...others] = seen.outputs;
    const told = (await eventsOf(stage.house, flow.id)).filter(({ code }) => code === 'dropped-to-slow-peer');
    expect(slowOutput?.status.primary.dropped).toBeGreaterThan(0);
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told.map(({ endpoint }) => endpoint))).toEqual(new Set([slowOutput?.id]));
    expect(stepsOf(told.toReversed().map(({ at }) => at / 1000)).least).toBeGreaterThan(950);
    expect(framesAfterGaps(slow).every(({ tag }) => tag.keyframe)).toBe(true);

    expect(others.map(({ status }) => status.primary.dropped)).toEqual([0, 0]);
    await until('the last frames', () => tagTimes(swift.arrivals, 'video').length >= SECONDS * 30 - TAIL_FRAMES);
    expect(framesAfterGaps(swift)).toEqual([]);
    await stage.house.api('POST', `/flows/${flow.id}/stop`);
    await receiver.finish();
    // Half a second of it.
    await expectWhole(stage.file('sibling.ts'), stage.file('sent.ts'), (FED_KBPS * 1000) / 8 / 2);
    await Promise.all([line.close(), slow.close(), swift.close()]);
  });
});

/** The clip, and the very bytes that went out to a file. */
async function pushCopied(flow: FlowView, copy: string): Promise<void> {
  const { url } = pushTarget(flow);
  const tee = `[f=mpegts]${url}?pkt_size=1316|[f=mpegts]${copy}`;
  const args = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-re', '-i', clip.ts, '-map', '0', '-c', 'copy'];
  const encoder = await stage.keep(run('ffmpeg', [...args, '-f', 'tee', tee]));
  await encoder.ended;
}

/** Video frames before which others are missing: 30 frames/s are 33 ms apart. */
function framesAfterGaps({ arrivals }: Platform): Platform['arrivals'] {
  const frames = arrivals.filter(({ tag }) => tag.kind === 'video' && !tag.sequenceHeader);
  return frames.filter(({ tag }, i) => i > 0 && tag.timestampMs - (frames[i - 1]?.tag.timestampMs ?? 0) > 50);
}

const portOf = ({ destination }: Platform): number =>
  'url' in destination ? Number(new URL(destination.url).port) : 0;
