/** What the ends of a flow do now, as the vendor tells it. */
import type { Flow } from '../../../db/model.ts';
import type { EndpointStatus } from '../../../relay/contract/messages.ts';
import { type Pipeline, pipelines } from '../../../relay/contract/settings.ts';
import type { HealthFieldName } from '../../health.ts';
import type { LiveFlow } from '../../monitor.ts';
import { Refusal } from '../../refusal.ts';
import type { VendorDeps } from './deps.ts';
import { protocolNames } from './drafts.ts';
import { type Action, invalid } from './errors.ts';
import type { StatusAsked } from './fields.ts';

/** Figures are those of the newest second within this, in ms. */
const NEWEST_MS = 10_000;

/** One end on one pipeline. */
interface End {
  readonly side: 'Input' | 'Output';
  /** As relays and the history name it. */
  readonly endpointId: string;
  readonly id: string;
  readonly protocol: Flow['input']['protocol'];
  readonly pipeline: Pipeline;
}

/**
 * FlowRealtimeStatusItem of each end, primary first. An end of which no fresh report tells is left out: what is unknown is
 * not shown as known. Throws a VendorError where an id is not one of the flow's.
 */
export async function realtimeStatus(action: Action, live: LiveFlow, asked: StatusAsked, deps: VendorDeps) {
  const ends = endsOf(live.flow);
  const wanted = [...(asked.InputIds ?? []), ...(asked.OutputIds ?? [])];
  checkIds(action, ends, 'Input', asked.InputIds);
  checkIds(action, ends, 'Output', asked.OutputIds);
  const chosen = ends.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
  const items = await Promise.all(chosen.map((end) => itemOf(live, end, deps)));
  return items.filter((item) => item !== undefined);
}

function endsOf({ input, outputs }: Flow): readonly End[] {
  const { protocol } = input;
  return [
    ...pipelines.map((pipeline): End => ({ side: 'Input', endpointId: 'input', id: input.id, protocol, pipeline })),
    ...outputs.flatMap(({ id, protocol: own, destinations }) =>
      pipelines
        .filter((pipeline) => destinations[pipeline])
        .map((pipeline): End => ({ side: 'Output', endpointId: id, id, protocol: own, pipeline })),
    ),
  ];
}

function checkIds(action: Action, ends: readonly End[], side: End['side'], ids: readonly string[] = []): void {
  const stranger = ids.find((id) => !ends.some((end) => end.side === side && end.id === id));
  if (stranger !== undefined)
    throw invalid(action, ['NotFound'], `${side}Ids: this flow has no ${side.toLowerCase()} ${stranger}.`);
}

async function itemOf(live: LiveFlow, end: End, deps: VendorDeps) {
  const status = live.endpoints.find(({ id, pipeline }) => id === end.endpointId && pipeline === end.pipeline);
  const { flow, state } = live;
  if (!status && (flow.running || state === 'stopping')) return undefined;
  return {
    Type: end.side,
    InputId: end.side === 'Input' ? end.id : '',
    OutputId: end.side === 'Output' ? end.id : '',
    FlowId: flow.id,
    Protocol: protocolNames[end.protocol],
    CommonStatus: commonOf(end, status, deps.now()),
    SRTStatus: end.protocol === 'srt' ? await srtOf(flow.id, end, status, deps) : null,
    RTMPStatus: end.protocol === 'rtmp' ? await rtmpOf(flow.id, end, deps) : null,
    RTPStatus: end.protocol === 'rtp' ? { Packets: status?.packets ?? 0 } : null,
    ConnectServerIP: deps.publicHost,
  };
}

const stateNames = { waiting: 'Waiting', connected: 'Connected' } as const;

/** `ConnectedTime` is in ms, and 0 while there is no connection. Nobody counts reconnections: null. */
function commonOf({ side }: End, status: EndpointStatus | undefined, now: number) {
  return {
    State: status ? stateNames[status.state] : 'Idle',
    Mode: side === 'Input' ? 'Listener' : 'Caller',
    ConnectedTime: status?.state === 'connected' ? Math.max(0, Math.round(now - status.since)) : 0,
    Bitrate: Math.round(status?.bitrate ?? 0),
    Reconnections: status?.reconnects ?? null,
  };
}

async function srtOf(flowId: string, end: End, status: EndpointStatus | undefined, deps: VendorDeps) {
  const rates = await newest(flowId, end, ['lossRatio', 'retransmitRatio'], deps);
  return {
    Latency: status?.latencyMs ?? null,
    RTT: status?.rttMs ?? null,
    Packets: status?.packets ?? 0,
    PacketLossRate: toPercent(rates.get('lossRatio')),
    RetransmitRate: toPercent(rates.get('retransmitRatio')),
    DroppedPackets: status?.dropped ?? 0,
    Encryption: status?.keyLength ? 'On' : 'Off',
  };
}

/** RTMP has one track of each kind, which are called by it. */
async function rtmpOf(flowId: string, end: End, deps: VendorDeps) {
  const [video, audio] = await Promise.all(
    ['video', 'audio'].map((track) => newest(flowId, { ...end, track }, ['frameRate'], deps)),
  );
  return { VideoFPS: video?.get('frameRate') ?? null, AudioFPS: audio?.get('frameRate') ?? null };
}

/** Percent, with the digits that were kept. */
export const toPercent = (ratio: number | undefined): number | null =>
  ratio === undefined || Number.isNaN(ratio) ? null : Math.round(ratio * 1e6) / 1e4;

/** The newest value of each field, where one was kept lately. A history that cannot be read says nothing: the state is live. */
async function newest(
  flowId: string,
  { endpointId, pipeline, track }: Pick<End, 'endpointId' | 'pipeline'> & { readonly track?: string },
  fields: readonly HealthFieldName[],
  { health, now }: VendorDeps,
): Promise<ReadonlyMap<HealthFieldName, number>> {
  const to = now();
  const channel = { flowId, pipeline, endpointId, ...(track !== undefined && { track }) };
  const series = await health.read({ channel, fields, from: to - NEWEST_MS, to }).catch(unread);
  const last = series.columns.flatMap(({ field, values }): [HealthFieldName, number][] => {
    const value = values.findLast((one) => !Number.isNaN(one));
    return value === undefined ? [] : [[field, value]];
  });
  return new Map(last);
}

function unread(error: unknown): { readonly columns: readonly [] } {
  if (error instanceof Refusal) return { columns: [] };
  throw error;
}
