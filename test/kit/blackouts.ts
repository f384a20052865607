/** One flow for each protocol and each place where its network may go dark, and how long media takes to come back. */
import { makeClips } from './clips.ts';
import { pushTarget, startFlowOf } from './flow-kit.ts';
import { freePorts } from './free-ports.ts';
import { openLossyUdp } from './lossy-udp.ts';
import { receive, sizeOf } from './peers.ts';
import { startNginxRtmp } from './receivers.ts';
import { pushForEver, receiveForEver } from './redialler.ts';
import { type Stage, untilFlowing } from './stage.ts';
import { openTcpGate } from './tcp-gate.ts';
import { openUdpEar } from './udp-ear.ts';
import { until } from './until.ts';

/** A flow whose way in or out can go dark. */
export interface Road {
  readonly name: string;
  cut(): void;
  mend(): void;
  /** Bytes of media that have come out at its end. */
  bytes(): number;
}

export interface Roads {
  readonly roads: readonly Road[];
  close(): Promise<void>;
}

const host = '127.0.0.1';
const NGINX_SECONDS = 20;
/** So much is media, and not what was on its way when the light went out. */
const MEDIA_BYTES = 60_000;

type Closer = () => Promise<void>;
type Made = Omit<Road, 'name'>;
interface Site {
  readonly stage: Stage;
  readonly clip: string;
  readonly closers: Closer[];
}

/** `srt in: back` is an SRT input whose answers are lost, and so on. All of them flow when this resolves. */
export async function openRoads(stage: Stage): Promise<Roads> {
  const { ts: clip } = makeClips(stage.file(''), { seconds: NGINX_SECONDS });
  const closers: Closer[] = [];
  const site: Site = { stage, clip, closers };
  const roads: Road[] = [];
  for (const [name, make] of Object.entries(makers))
    roads.push({ name, ...(await make(site, name.replace(/\W+/g, '-'))) });
  return { roads, close: async () => void (await Promise.all(closers.map((close) => close()))) };
}

/** Ms until each road brings media again, when all of them were dark for `seconds`. */
export async function blackOut(roads: readonly Road[], seconds: number): Promise<ReadonlyMap<string, number>> {
  for (const road of roads) road.cut();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const before = new Map(roads.map((road) => [road, road.bytes()]));
  const mendedAt = performance.now();
  for (const road of roads) road.mend();
  const back = new Map<string, number>();
  await until(
    'media on every road',
    () => {
      for (const road of roads)
        if (!back.has(road.name) && road.bytes() > (before.get(road) ?? 0) + MEDIA_BYTES)
          back.set(road.name, Math.round(performance.now() - mendedAt));
      return back.size === roads.length;
    },
    30,
  ).catch(() => undefined);
  for (const { name } of roads) if (!back.has(name)) back.set(name, Number.POSITIVE_INFINITY);
  return back;
}

const makers: Readonly<Record<string, (site: Site, name: string) => Promise<Made>>> = {
  'srt in, lost on the way there': (site, name) => srtIn(site, name, 'there'),
  'srt in, lost on the way back': (site, name) => srtIn(site, name, 'back'),
  'srt out, lost on the way there': (site, name) => srtOut(site, name, 'there'),
  'srt out, lost on the way back': (site, name) => srtOut(site, name, 'back'),
  'rtp in': rtpIn,
  'rtp out': rtpOut,
  'rtmp in': rtmpIn,
  'rtmp out': rtmpOut,
};

async function srtIn({ stage, clip, closers }: Site, name: string, way: 'there' | 'back'): Promise<Made> {
  const [port = 0] = await freePorts(1);
  const flow = await startFlowOf(stage.house, flowOf(name, 'srt', 'srt', { host, port }));
  await stage.keep(receive(port, stage.file(name)));
  const { url } = pushTarget(flow);
  const net = await openLossyUdp({ to: Number(new URL(url).port), seed: 1 });
  const encoder = pushForEver(clip, { protocol: 'srt', url: `srt://${host}:${net.port}` });
  closers.push(
    () => encoder.end(),
    () => net.close(),
  );
  await untilFlowing(stage.house, flow.id);
  return { cut: () => net.cut(way), mend: () => net.mend(), bytes: () => sizeOf(stage.file(name)) };
}

async function srtOut({ stage, clip, closers }: Site, name: string, way: 'there' | 'back'): Promise<Made> {
  const [port = 0] = await freePorts(1);
  const net = await openLossyUdp({ to: port, seed: 2 });
  const flow = await startFlowOf(stage.house, flowOf(name, 'srt', 'srt', { host, port: net.port }));
  // It waits for one caller and ends with it: somebody starts it again, as a service would be.
  const receiver = receiveForEver(port, stage.file(name));
  const encoder = pushForEver(clip, pushTarget(flow));
  closers.push(
    () => encoder.end(),
    () => receiver.end(),
    () => net.close(),
  );
  await untilFlowing(stage.house, flow.id);
  return { cut: () => net.cut(way), mend: () => net.mend(), bytes: () => receiver.bytes() };
}

async function rtpIn({ stage, clip, closers }: Site, name: string): Promise<Made> {
  const ear = await openUdpEar();
  const flow = await startFlowOf(stage.house, flowOf(name, 'rtp', 'rtp', { host, port: ear.port }));
  const { url } = pushTarget(flow);
  const net = await openLossyUdp({ to: Number(new URL(url).port), seed: 3 });
  const encoder = pushForEver(clip, { protocol: 'rtp', url: `rtp://${host}:${net.port}` });
  closers.push(
    () => encoder.end(),
    () => net.close(),
    () => ear.close(),
  );
  await untilFlowing(stage.house, flow.id);
  return { cut: () => net.cut('there'), mend: () => net.mend(), bytes: () => bytesOf(ear) };
}

async function rtpOut({ stage, clip, closers }: Site, name: string): Promise<Made> {
  const ear = await openUdpEar();
  const net = await openLossyUdp({ to: ear.port, seed: 4 });
  const flow = await startFlowOf(stage.house, flowOf(name, 'rtp', 'rtp', { host, port: net.port }));
  const encoder = pushForEver(clip, pushTarget(flow));
  closers.push(
    () => encoder.end(),
    () => net.close(),
    () => ear.close(),
  );
  await untilFlowing(stage.house, flow.id);
  return { cut: () => net.cut('there'), mend: () => net.mend(), bytes: () => bytesOf(ear) };
}

async function rtmpIn({ stage, clip, closers }: Site, name: string): Promise<Made> {
  const ear = await openUdpEar();
  const flow = await startFlowOf(stage.house, flowOf(name, 'rtmp', 'rtp', { host, port: ear.port }));
  const { url } = pushTarget(flow);
  const gate = await openTcpGate(Number(new URL(url).port));
  const path = new URL(url);
  const encoder = pushForEver(clip, { protocol: 'rtmp', url: `rtmp://${host}:${gate.port}${path.pathname}` });
  closers.push(
    () => encoder.end(),
    () => gate.close(),
    () => ear.close(),
  );
  await untilFlowing(stage.house, flow.id);
  return { cut: () => gate.cut(), mend: () => gate.mend(), bytes: () => bytesOf(ear) };
}

async function rtmpOut({ stage, clip, closers }: Site, name: string): Promise<Made> {
  const [port = 0] = await freePorts(1);
  const nginx = await startNginxRtmp(port, stage.file(`${name}-nginx`));
  const gate = await openTcpGate(port);
  const destination = { url: `rtmp://${host}:${gate.port}/live`, streamKey: name };
  const flow = await startFlowOf(stage.house, flowOf(name, 'srt', 'rtmp', destination));
  const encoder = pushForEver(clip, pushTarget(flow));
  closers.push(
    () => encoder.end(),
    () => gate.close(),
    () => nginx.program.end('SIGKILL'),
  );
  await untilFlowing(stage.house, flow.id);
  return { cut: () => gate.cut(), mend: () => gate.mend(), bytes: () => gate.bytes() };
}

const flowOf = (
  name: string,
  protocol: 'srt' | 'rtp' | 'rtmp',
  out: 'srt' | 'rtp' | 'rtmp',
  destination: { host: string; port: number } | { url: string; streamKey: string },
) => ({ name, protocol, outputs: [{ name, protocol: out, destination }] });

const bytesOf = ({ datagrams }: { datagrams: readonly { bytes: number }[] }): number =>
  datagrams.reduce((sum, { bytes }) => sum + bytes, 0);
