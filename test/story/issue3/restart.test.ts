/** Must show 3, first half: an encoder that comes back with other PIDs and another clock. Outputs never step back or close. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClips } from '../../kit/clips.ts';
import { type Clip, firstPid, pushWith, type WayIn } from '../../kit/encoders.ts';
import { type EventView, eventsOf, pushTarget } from '../../kit/flow-kit.ts';
import { freePorts } from '../../kit/free-ports.ts';
import type { FlowView } from '../../kit/house.ts';
import { readMedia, stepsOf } from '../../kit/media-judge.ts';
import { type NginxRtmp, startNginxRtmp } from '../../kit/receivers.ts';
import { openStage, type Stage } from '../../kit/stage.ts';
import { videoDts } from '../../kit/ts-times.ts';
import { until } from '../../kit/until.ts';
import { survey } from '../../relay/formats/survey.ts';
import { type Crossing, openRun, type Run, stopAndFinish, untilStill, waysOut } from './crossing.ts';

const SECONDS = 4;
/** Each encoder's first PID, and where its clock begins, in s: ahead, then back behind where the first began. */
const lives = [
  { pid: 0x100, clock: 1000 },
  { pid: 0x300, clock: 90_000 },
  { pid: 0x200, clock: 0 },
] as const;

const receivers: Readonly<Record<WayIn, string>> = {
  srt: 'srt-live-transmit',
  rtmp: 'nginx-rtmp',
  rtp: 'GStreamer-unbuffered',
};
const inputs = ['srt', 'rtmp', 'rtp'] as const;

interface Outcome {
  readonly run: Run;
  readonly flow: FlowView;
  readonly events: readonly EventView[];
  readonly stillThere: boolean;
}

let stage: Stage;
let clip: Clip;
let nginx: NginxRtmp;
const outcomes = new Map<string, Outcome>();

beforeAll(async () => {
  stage = await openStage();
  clip = makeClips(stage.file('.'), { seconds: SECONDS });
  const [port = 0] = await freePorts(1);
  nginx = await startNginxRtmp(port, stage.file('nginx'));
  await stage.keep(Promise.resolve(nginx.program));
  await Promise.all(inputs.map(async (from) => void outcomes.set(from, await liveThrough(from))));
  await stopAndFinish(
    stage,
    [...outcomes.values()].map(({ run }) => run),
  );
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
});

async function liveThrough(from: WayIn): Promise<Outcome> {
  const crossings = waysOut(from).map((to): Crossing => ({ encoder: 'restart', from, to, receiver: receivers[to] }));
  const run = await openRun(stage, crossings, (name) => nginx.receiver(name));
  for (const { pid, clock } of lives) {
    const output = ['-output_ts_offset', String(clock), ...firstPid(from, pid)];
    const encoder = await stage.keep(pushWith(clip.ts, pushTarget(run.flow), { output }));
    await encoder.ended;
    await until(`the ${from} input is seen to be gone`, async () => {
      const { input } = await stage.house.flow(run.flow.id);
      return input.status.primary.state === 'waiting';
    });
  }
  await untilStill(run.crossings.map(({ receiver }) => receiver.file()));
  const [flow, events] = [await stage.house.flow(run.flow.id), await eventsOf(stage.house, run.flow.id)];
  return { run, flow, events, stillThere: run.programs.every((program) => !program.hasEnded()) };
}

const outcomeOf = (from: WayIn): Outcome => outcomes.get(from) ?? expect.fail(`${from} did not run.`);
const fileOf = (from: WayIn, to: WayIn): string =>
  outcomeOf(from)
    .run.crossings.find(({ crossing }) => crossing.to === to)
    ?.receiver.file() ?? 'none';

/** Frames of three lives, but for those that each end may hold back. */
const LEAST_FRAMES = 3 * (SECONDS * 30 - 4);

describe('three encoders in turn, each with PIDs and a clock of its own', () => {
  it.each(inputs)('close no output, pushing by %s, and are told', (from) => {
    const { flow, events, stillThere } = outcomeOf(from);
    expect(stillThere).toBe(true);
    expect(flow.outputs.filter(({ status }) => status.primary.incident !== undefined)).toEqual([]);
    const came = events.filter(({ code, endpoint }) => code === 'connected' && endpoint === 'input');
    expect(came.reduce((sum, { count }) => sum + count, 0)).toBe(lives.length);
    expect(events.filter(({ code }) => code === 'timestamps-jumped')).toEqual([]);
  });

  it.each(inputs)('make one stream for an RTMP destination: from %s', async (from) => {
    const { pictures, dts } = await readMedia(fileOf(from, 'rtmp'));
    expect(stepsOf(dts.video).least).toBeGreaterThan(0);
    expect(stepsOf(dts.audio).least).toBeGreaterThan(0);
    expect(stepsOf(dts.video).longest).toBeLessThan(1000);
    expect(pictures.length).toBeGreaterThanOrEqual(LEAST_FRAMES);
    const publishes = readFileSync(nginx.logFile, 'utf8').match(new RegExp(`publish: name='${from}-restart-`, 'g'));
    expect(publishes).toHaveLength(1);
  });

  it.each(['srt', 'rtp'] as const)('make one transport stream out of RTMP: to %s', (to) => {
    const { continuityErrors } = survey(readFileSync(fileOf('rtmp', to)));
    const dts = videoDts(fileOf('rtmp', to), [0x100]);
    expect(continuityErrors).toBe(0);
    expect(stepsOf(dts).least).toBeGreaterThan(0);
    expect(dts.length).toBeGreaterThanOrEqual(LEAST_FRAMES);
  });

  it.each([
    ['srt', 'srt'],
    ['rtp', 'srt'],
    ['rtp', 'rtp'],
  ] as const)('are passed on untouched where TS stays TS: %s to %s', (from, to) => {
    for (const { pid } of lives)
      expect(videoDts(fileOf(from, to), [pid]).length).toBeGreaterThanOrEqual(SECONDS * 30 - 4);
  });
});
