/** Which relay runs what of a flow: pure. Primary and backup never share a relay process. */
import type { Flow, Hop, Input, Output } from '../db/model.ts';
import type { Failover, PipelinePlan, SinkSpec, SourceSpec } from '../relay/contract/messages.ts';
import { latency, type Pipeline, pipelines } from '../relay/contract/settings.ts';

/** What placement must know of the relays: all of them on this host, today. */
export interface Ground {
  /** Where inputs listen. */
  readonly listenHost: string;
  /** Where one relay reaches another. */
  readonly hopHost: string;
  /** The key of one hop; the same each time it is asked. `place` names it. */
  readonly hopKey: (place: string) => string;
  /** A relay's one RTMP port. */
  readonly rtmpPort: (relayId: string) => number;
}

/** Two relays a region: one for all primaries, one for all backups. */
export const relayOf = (regionId: string, pipeline: Pipeline): string =>
  `${regionId}-${pipeline === 'primary' ? 1 : 2}`;

/** The wish for each relay that takes part in `flow`. */
export function place(flow: Flow, ground: Ground): ReadonlyMap<string, readonly PipelinePlan[]> {
  const plans = pipelines.flatMap((pipeline) => [
    { relayId: relayOf(flow.regionId, pipeline), plan: planIngest(flow, pipeline, ground) },
    ...regionsBeyond(flow, pipeline).map((regionId) => ({
      relayId: relayOf(regionId, pipeline),
      plan: planEgress(flow, pipeline, regionId, ground),
    })),
  ]);
  return new Map(plans.map(({ relayId, plan }) => [relayId, [plan]]));
}

/** The hops that a flow needs: one for each region beyond its own and pipeline, and with failover one each way across. */
export const hopsNeeded = (flow: Flow): Omit<Hop, 'port'>[] =>
  pipelines.flatMap((pipeline) => [
    ...regionsBeyond(flow, pipeline).map((regionId) => ({ use: 'region' as const, regionId, pipeline })),
    ...(flow.input.failover ? [{ use: 'cross' as const, regionId: flow.regionId, pipeline }] : []),
  ]);

/** The regions other than the flow's own to which `pipeline` sends: one hop each, however many outputs are there. */
const regionsBeyond = (flow: Flow, pipeline: Pipeline): string[] => {
  const sending = flow.outputs.filter((output) => output.destinations[pipeline]).map(({ regionId }) => regionId);
  return [...new Set(sending)].filter((regionId) => regionId !== flow.regionId);
};

function planIngest(flow: Flow, pipeline: Pipeline, ground: Ground): PipelinePlan {
  const toRegions = regionsBeyond(flow, pipeline).map((regionId): SinkSpec => {
    const { port, link } = hopLink(flow, { use: 'region', regionId, pipeline }, ground);
    return { ...link, id: `hop:${regionId}`, host: ground.hopHost, port };
  });
  return {
    pipeline,
    maxBitrate: flow.maxBitrate,
    sourceId: 'input',
    source: sourceOf(flow, pipeline, ground),
    sinks: [...sinksIn(flow, pipeline, flow.regionId), ...toRegions, ...crossSinks(flow, pipeline, ground)],
    ...(flow.input.failover && { failover: failoverOf(flow, flow.input.failover, pipeline, ground) }),
  };
}

function planEgress(flow: Flow, pipeline: Pipeline, regionId: string, ground: Ground): PipelinePlan {
  return {
    pipeline,
    maxBitrate: flow.maxBitrate,
    sourceId: 'hop',
    source: hopSource(flow, { use: 'region', regionId, pipeline }, ground),
    sinks: sinksIn(flow, pipeline, regionId),
  };
}

function sourceOf({ id, regionId, input }: Flow, pipeline: Pipeline, ground: Ground): SourceSpec {
  const base = { host: ground.listenHost, port: input.ports[pipeline], allowlist: [...input.allowlist] };
  switch (input.protocol) {
    case 'srt':
      return {
        ...base,
        protocol: 'srt',
        latencyMs: input.latencyMs,
        encryption: input.encryption,
        streamId: input.streamId,
      };
    case 'rtmp': {
      const port = ground.rtmpPort(relayOf(regionId, pipeline));
      return { ...base, protocol: 'rtmp', port, app: rtmpApp(id), key: input.streamKeys[pipeline] };
    }
    case 'rtp':
      return { ...base, protocol: 'rtp', bareTs: input.bareTs, idleMs: input.idleTimeoutMs };
  }
}

/** The app by which a relay tells this flow's pushes from others. */
export const rtmpApp = (flowId: string): string => flowId;

const sinksIn = (flow: Flow, pipeline: Pipeline, regionId: string): SinkSpec[] =>
  flow.outputs.filter((output) => output.regionId === regionId).flatMap((output) => sinkOf(output, pipeline));

function sinkOf(output: Output, pipeline: Pipeline): SinkSpec[] {
  const { id } = output;
  if (output.protocol === 'rtmp') {
    const to = output.destinations[pipeline];
    return to ? [{ protocol: 'rtmp', id, url: to.url, key: to.streamKey }] : [];
  }
  const to = output.destinations[pipeline];
  if (!to) return [];
  if (output.protocol === 'rtp') return [{ protocol: 'rtp', id, ttl: output.ttl, bareTs: output.bareTs, ...to }];
  const { latencyMs, encryption, streamId } = output;
  return [{ protocol: 'srt', id, latencyMs, encryption, streamId, ...to }];
}

/** With failover each pipeline sends its own input across, to the relay of the other. */
function crossSinks(flow: Flow, pipeline: Pipeline, ground: Ground): SinkSpec[] {
  if (!flow.input.failover) return [];
  const other = pipeline === 'primary' ? 'backup' : 'primary';
  const { port, link } = hopLink(flow, { use: 'cross', regionId: flow.regionId, pipeline: other }, ground);
  return [{ ...link, id: 'cross', host: ground.hopHost, port }];
}

const failoverOf = (
  flow: Flow,
  failover: NonNullable<Input['failover']>,
  pipeline: Pipeline,
  ground: Ground,
): Failover => ({
  ...failover,
  cross: hopSource(flow, { use: 'cross', regionId: flow.regionId, pipeline }, ground),
});

function hopSource(flow: Flow, hop: Omit<Hop, 'port'>, ground: Ground): SourceSpec {
  const { port, link } = hopLink(flow, hop, ground);
  return { ...link, host: ground.hopHost, port, allowlist: [`${ground.hopHost}/32`] };
}

/** Both ends of a hop are made here and only here, so that they always agree. */
function hopLink(flow: Flow, { use, regionId, pipeline }: Omit<Hop, 'port'>, ground: Ground) {
  const hop = flow.hops.find((one) => one.use === use && one.regionId === regionId && one.pipeline === pipeline);
  if (!hop) throw new Error(`Flow ${flow.id} has no port for its ${pipeline} ${use} hop to ${regionId}.`);
  const passphrase = ground.hopKey([flow.id, use, regionId, pipeline].join('/'));
  return {
    port: hop.port,
    link: { protocol: 'srt', latencyMs: latency.initial, encryption: { passphrase, keyLength: 256 } } as const,
  };
}
