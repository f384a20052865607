/** Must show 3, second half: RTP over a network that loses, doubles and shuffles. Outputs never step back, never close. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClips } from '../../kit/clips.ts';
import { pushWith } from '../../kit/encoders.ts';
import { type EventView, eventsOf, pushTarget } from '../../kit/flow-kit.ts';
import { freePorts } from '../../kit/free-ports.ts';
import type { FlowView } from '../../kit/house.ts';
import { type LossyUdp, openLossyUdp } from '../../kit/lossy-udp.ts';
import { type Reading, readMedia, stepsOf } from '../../kit/media-judge.ts';
import { startNginxRtmp } from '../../kit/receivers.ts';
import { openStage, type Stage } from '../../kit/stage.ts';
import { type Crossing, openRun, type Run, stopAndFinish, untilStill } from './crossing.ts';

const SECONDS = 10;
const losses = [0.01, 0.05] as const;
const receivers = { rtmp: 'nginx-rtmp', srt: 'srt-live-transmit', rtp: 'GStreamer' } as const;
const ways = ['rtmp', 'srt', 'rtp'] as const;

interface Outcome {
  readonly run: Run;
  readonly network: LossyUdp;
  /** After the last frame, before anything was stopped. */
  readonly flow: FlowView;
  readonly events: readonly EventView[];
  readonly stillThere: boolean;
}

let stage: Stage;
let source: Reading;
let outcomes: readonly Outcome[];

beforeAll(async () => {
  stage = await openStage();
  const clip = makeClips(stage.file('.'), { seconds: SECONDS, kbps: 2000 });
  source = await readMedia(clip.ts);
  const [port = 0] = await freePorts(1);
  const nginx = await startNginxRtmp(port, stage.file('nginx'));
  await stage.keep(Promise.resolve(nginx.program));
  outcomes = await Promise.all(
    losses.map(async (loss): Promise<Outcome> => {
      const crossings = ways.map(
        (to): Crossing => ({ encoder: `${loss * 100}`, from: 'rtp', to, receiver: receivers[to] }),
      );
      const run = await openRun(stage, crossings, (name) => nginx.receiver(name));
      const target = pushTarget(run.flow);
      const there = { loss, duplicate: 0.01, reorder: 0.02, jitterMs: 5 };
      const network = await openLossyUdp({ to: Number(new URL(target.url).port), seed: 7, there });
      const encoder = await stage.keep(pushWith(clip.ts, { ...target, url: `rtp://127.0.0.1:${network.port}` }));
      await encoder.ended;
      await untilStill(run.crossings.map(({ receiver }) => receiver.file()));
      const [flow, events] = [await stage.house.flow(run.flow.id), await eventsOf(stage.house, run.flow.id)];
      return { run, network, flow, events, stillThere: run.programs.every((program) => !program.hasEnded()) };
    }),
  );
  await stopAndFinish(
    stage,
    outcomes.map(({ run }) => run),
  );
});
afterAll(async () => {
  await Promise.all((outcomes ?? []).map(({ network }) => network.close()));
  await stage.clear();
  await stage.close();
});

describe.each(losses.map((loss, i) => [loss * 100, i] as const))('RTP with %d %% of its packets lost', (percent, i) => {
  const outcome = (): Outcome => outcomes[i] ?? expect.fail('The feed did not run.');
  const fileOf = (to: string): string =>
    outcome()
      .run.crossings.find(({ crossing }) => crossing.to === to)
      ?.receiver.file() ?? 'none';

  it('is counted, packet for packet', () => {
    const { network, flow } = outcome();
    const { lost, passed, doubled, reordered } = network.counts();
    expect(lost / (lost + passed)).toBeCloseTo(percent / 100, 1);
    expect(doubled * reordered).toBeGreaterThan(0);
    // The network's first and last losses border on nothing by which a receiver could know of them.
    expect(Math.abs((flow.input.status.primary.lost ?? 0) - lost)).toBeLessThanOrEqual(2);
  });

  it('closes no output, and tells of the damage', () => {
    const { flow, events, stillThere } = outcome();
    expect(stillThere).toBe(true);
    expect(flow.outputs.map(({ status }) => status.primary.incident)).toEqual([undefined, undefined, undefined]);
    expect(events.find(({ code }) => code === 'bad-media')?.facts).toMatchObject({ fault: 'continuity' });
  });

  it.each(ways)('lets no clock fall by %s', async (to) => {
    const { pictures, dts } = await readMedia(fileOf(to));
    const [video, audio] = [stepsOf(dts.video), stepsOf(dts.audio)];
    // In passed-on TS a lost packet may take the header of a PES with it, so that ffprobe guesses a time twice.
    expect(video.least).toBeGreaterThan(to === 'rtmp' ? 0 : -0.001);
    expect(audio.least).toBeGreaterThan(to === 'rtmp' ? 0 : -0.001);
    expect(pictures.length).toBeGreaterThan(source.pictures.length * 0.5);
  });
});
