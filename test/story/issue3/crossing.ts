/** Clips pushed through flows into every receiver there is: what the matrix and the wrap stories share. */
import { statSync } from 'node:fs';
import { type Encoder, type Clip, type WayIn } from '../../kit/encoders.ts';
import { pushTarget, startFlowOf, untilReached } from '../../kit/flow-kit.ts';
import { freePorts } from '../../kit/free-ports.ts';
import type { FlowView } from '../../kit/house.ts';
import { type Receiver, rtmpFfmpeg, rtpReceivers, srtReceivers } from '../../kit/receivers.ts';
import type { Program } from '../../kit/program.ts';
import type { Stage } from '../../kit/stage.ts';
import { until } from '../../kit/until.ts';

export interface Crossing {
  readonly encoder: string;
  readonly from: WayIn;
  readonly to: WayIn;
  readonly receiver: string;
}

/** By protocol, every receiver that a recording is taken with. */
export const receiverNames: Readonly<Record<WayIn, readonly string[]>> = {
  srt: Object.keys(srtReceivers),
  rtmp: ['nginx-rtmp', 'ffmpeg'],
  rtp: Object.keys(rtpReceivers),
};

/** SRT to RTP is refused by rule. */
export const waysOut = (from: WayIn): readonly WayIn[] => (from === 'srt' ? ['srt', 'rtmp'] : ['srt', 'rtmp', 'rtp']);

export const crossingsOf = (encoder: string, from: WayIn, to = waysOut(from)): Crossing[] =>
  to.flatMap((way) => receiverNames[way].map((receiver) => ({ encoder, from, to: way, receiver })));

export const nameOf = ({ encoder, from, to, receiver }: Crossing): string =>
  [from, encoder, to, receiver].join('-').replaceAll(/[^\w-]/g, '');

export interface Run {
  readonly flow: FlowView;
  readonly crossings: readonly { readonly crossing: Crossing; readonly receiver: Receiver }[];
  readonly programs: readonly Program[];
}

/** A started flow whose outputs are all received: one output for each crossing. */
export async function openRun(stage: Stage, wanted: readonly Crossing[], platform: Platform): Promise<Run> {
  const [first] = wanted;
  if (!first) throw new Error('A run needs a crossing.');
  // Two each: where RTP comes in, RTCP is next to it.
  const ports = await freePorts(wanted.length * 2 + 1);
  const even = (ports[0] ?? 0) % 2;
  const crossings = await Promise.all(
    wanted.map(async (crossing, i) => ({
      crossing,
      receiver: await receiverOf(crossing, (ports[i * 2] ?? 0) + even, stage.file(nameOf(crossing)), platform),
    })),
  );
  const starting = crossings.flatMap(({ receiver }) => receiver.start() ?? []);
  const programs = await Promise.all(starting.map((program) => stage.keep(program)));
  const outputs = crossings.map(({ crossing, receiver }) => ({
    name: nameOf(crossing).slice(0, 60),
    protocol: crossing.to,
    destination: receiver.destination,
  }));
  const flow = await startFlowOf(stage.house, {
    name: `${first.from} ${first.encoder}`,
    protocol: first.from,
    outputs,
  });
  await untilReached(stage.house, flow.id);
  return { flow, crossings, programs };
}

/** Gives a place to push RTMP to that serves several streams, told apart by name. */
export type Platform = (name: string) => Receiver | Promise<Receiver>;

function receiverOf(crossing: Crossing, port: number, base: string, platform: Platform): Receiver | Promise<Receiver> {
  if (crossing.to === 'rtmp' && crossing.receiver !== 'ffmpeg') return platform(nameOf(crossing));
  if (crossing.to === 'rtmp') return rtmpFfmpeg(port, base);
  const known: Readonly<Record<string, (port: number, base: string) => Receiver>> =
    crossing.to === 'srt' ? srtReceivers : rtpReceivers;
  const make = known[crossing.receiver];
  if (!make) throw new Error(`No receiver ${crossing.receiver}.`);
  return make(port, base);
}

/** Pushes the clip, waits until every file stands still, stops the flows, and lets the receivers finish their files. */
export async function push(stage: Stage, runs: readonly (Run & { encoder: Encoder })[], clip: Clip): Promise<void> {
  const pushed = await Promise.all(runs.map(({ encoder, flow }) => stage.keep(encoder(clip, pushTarget(flow)))));
  await Promise.all(pushed.map(({ ended }) => ended));
  await untilStill(runs.flatMap(({ crossings }) => crossings.map(({ receiver }) => receiver.file())));
  await stopAndFinish(stage, runs);
}

/** A receiver that reads to the end of its stream sees it when the flow stops; one of RTP must be told. */
export async function stopAndFinish(stage: Stage, runs: readonly Run[]): Promise<void> {
  await Promise.all(runs.map(({ flow }) => stage.house.api('POST', `/flows/${flow.id}/stop`)));
  await Promise.all(runs.flatMap(({ programs }) => programs.map((program) => program.finish())));
}

/** No file has grown for a second. */
export async function untilStill(files: readonly string[]): Promise<void> {
  const total = (): number =>
    files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  let seen = -1;
  let since = performance.now();
  await until('recordings that stand still', () => {
    const now = total();
    if (now !== seen) since = performance.now();
    seen = now;
    return performance.now() - since > 1000;
  });
}
