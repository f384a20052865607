/** Kept health as the vendor's three kinds of statistics, and its choice of what, when and how thin. */
import type { Flow } from '../../../db/model.ts';
import { type HealthFieldName } from '../../health.ts';
import type { VendorDeps } from './deps.ts';
import { type Action, invalid } from './errors.ts';
import type { StatisticsAsked } from './fields.ts';
import { toPercent } from './status.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const periodMs = { '5s': 5000, '1min': 60_000, '5min': 300_000, '15min': 900_000 } as const;

/** Sessions are not told apart in what is kept: a row is of whoever was there. */
const NO_SESSION = '';

interface Asked {
  readonly flow: Flow;
  readonly asked: StatisticsAsked;
  readonly action: Action;
}

/** The fields of one channel at one time; absent: not known. */
type Point = ReadonlyMap<HealthFieldName, number>;

/** Points by epoch ms. */
type Points = ReadonlyMap<number, Point>;

/** FlowStatisticsArray of each period of which anything is known. */
export async function flowStatistics(what: Asked, deps: VendorDeps) {
  const { own, video, audio } = await readMedia(what, deps);
  return timesOf(own, ...video.map(({ points }) => points), ...audio.map(({ points }) => points)).map((at) => ({
    Timestamp: at / 1000,
    FlowStatistics: [
      {
        SessionId: NO_SESSION,
        ClientIp: '',
        Network: figure(own, at, 'bitrate'),
        Video: tracksAt(video, at),
        Audio: tracksAt(audio, at),
      },
    ],
  }));
}

/** FlowMediaInfo, likewise. */
export async function mediaStatistics(what: Asked, deps: VendorDeps) {
  const { own, video, audio } = await readMedia(what, deps);
  const withSession = <T>(track: T): T & { readonly SessionId: string } => ({ ...track, SessionId: NO_SESSION });
  return timesOf(own, ...video.map(({ points }) => points), ...audio.map(({ points }) => points)).map((at) => ({
    Timestamp: at / 1000,
    Network: figure(own, at, 'bitrate'),
    Video: tracksAt(video, at).map(withSession),
    Audio: tracksAt(audio, at).map(withSession),
    SessionId: NO_SESSION,
    ClientIp: '',
  }));
}

/** FlowSRTInfo, likewise; none of an end that is not SRT. What is received is told of inputs, what is sent of outputs. */
export async function srtStatistics(what: Asked, deps: VendorDeps) {
  const { protocol, endpointId } = endOf(what);
  if (protocol !== 'srt') return [];
  const points = await readPoints(what, { endpointId }, ['lossRatio', 'retransmitRatio', 'rttMs', 'dropped'], deps);
  const none = { PacketLossRate: null, RetransmissionRate: null, PacketDropNumber: null };
  return timesOf(points).map((at) => {
    const own = {
      PacketLossRate: toPercent(points.get(at)?.get('lossRatio')),
      RetransmissionRate: toPercent(points.get(at)?.get('retransmitRatio')),
      PacketDropNumber: figure(points, at, 'dropped'),
    };
    const [received, sent] = what.asked.Type === 'input' ? [own, none] : [none, own];
    return {
      Timestamp: at / 1000,
      SendPacketLossRate: sent.PacketLossRate,
      SendRetransmissionRate: sent.RetransmissionRate,
      RecvPacketLossRate: received.PacketLossRate,
      RecvRetransmissionRate: received.RetransmissionRate,
      RTT: figure(points, at, 'rttMs'),
      SessionId: NO_SESSION,
      SendPacketDropNumber: sent.PacketDropNumber,
      RecvPacketDropNumber: received.PacketDropNumber,
    };
  });
}

/** Epoch ms. The vendor's range may be a whole day, the product's rule says less than one: its last ms is left out. */
export function rangeOf(
  { StartTime, EndTime }: Pick<StatisticsAsked, 'StartTime' | 'EndTime'>,
  now: number,
): { readonly from: number; readonly to: number } {
  const from = StartTime ?? (EndTime ?? now) - HOUR_MS;
  const to = EndTime ?? from + HOUR_MS;
  return { from, to: to - from === DAY_MS ? to - 1 : to };
}

interface Track {
  readonly pid: number;
  readonly points: Points;
}

async function readMedia(what: Asked, deps: VendorDeps) {
  const { endpointId } = endOf(what);
  const { flow, asked } = what;
  const { from, to } = rangeOf(asked, deps.now());
  const own = await readPoints(what, { endpointId }, ['bitrate'], deps);
  const channels = await deps.health.channels(flow.id, from, to);
  const names = channels.flatMap((channel) =>
    channel.endpointId === endpointId && channel.pipeline === asked.Pipeline ? (channel.track ?? []) : [],
  );
  const ofKind = (kind: 'video' | 'audio'): Promise<Track[]> =>
    Promise.all(
      names
        .filter((track) => deps.trackKinds.of(flow.id, track) === kind)
        .map(async (track) => ({
          pid: pidOf(track),
          points: await readPoints(what, { endpointId, track }, ['frameRate', 'bitrate'], deps),
        })),
    );
  const [video, audio] = await Promise.all([ofKind('video'), ofKind('audio')]);
  return { own, video, audio };
}

/** RTMP has none: 0. */
const pidOf = (track: string): number => Number(/^pid (\d+)$/.exec(track)?.[1] ?? 0);

const tracksAt = (tracks: readonly Track[], at: number) =>
  tracks.flatMap(({ pid, points }) =>
    points.has(at) ? [{ Fps: figure(points, at, 'frameRate'), Rate: figure(points, at, 'bitrate'), Pid: pid }] : [],
  );

/** Throws a VendorError where the flow has no such input or output. */
function endOf({ flow: { input, outputs }, asked: { Type, InputOutputId }, action }: Asked) {
  if (Type === 'input' && input.id === InputOutputId) return { protocol: input.protocol, endpointId: 'input' };
  const output = Type === 'output' ? outputs.find(({ id }) => id === InputOutputId) : undefined;
  if (output) return { protocol: output.protocol, endpointId: output.id };
  throw invalid(action, ['NotFound'], `InputOutputId: this flow has no ${Type} with this id.`);
}

/** Read as all ways in read it, at the period that is asked for. */
async function readPoints(
  { flow, asked }: Asked,
  place: { readonly endpointId: string; readonly track?: string },
  fields: readonly HealthFieldName[],
  { health, now }: VendorDeps,
): Promise<Points> {
  const step = periodMs[asked.Period];
  const range = rangeOf(asked, now());
  const channel = { flowId: flow.id, pipeline: asked.Pipeline, ...place };
  // So many points and no more are there only at this step, but where there is only one: that one is made whole.
  const to = range.to > range.from ? Math.max(range.to, range.from + step) : range.to;
  const maxPoints = Math.ceil(to / step) - Math.floor(range.from / step);
  const series = await health.read({ channel, fields, from: range.from, to, maxPoints });
  const points = new Map<number, Map<HealthFieldName, number>>();
  for (const { field, values } of series.columns)
    for (const [index, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      const at = series.from + index * series.stepMs;
      const point = points.get(at) ?? new Map<HealthFieldName, number>();
      points.set(at, point.set(field, value));
    }
  return points;
}

const timesOf = (...all: readonly Points[]): readonly number[] =>
  [...new Set(all.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);

/** A mean has more digits than anyone measured. */
function figure(points: Points, at: number, field: HealthFieldName): number | null {
  const value = points.get(at)?.get(field);
  return value === undefined ? null : Math.round(value * 1e4) / 1e4;
}
