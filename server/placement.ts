/** Which relay runs what of a flow: pure. Primary and backup never share a relay process. */
import type { Flow } from '../db/model.ts';
import type { PipelinePlan, SinkSpec } from '../relay/contract/messages.ts';
import { latency, type Pipeline, pipelines } from '../relay/contract/settings.ts';

/** What placement must know of the relays: all of them on this host, today. */
export interface Ground {
  /** Where inputs listen. */
  readonly listenHost: string;
  /** Where one relay reaches another. */
  readonly hopHost: string;
  /** The key of one hop; the same each time it is asked. */
  readonly hopKey: (flowId: string, regionId: string, pipeline: Pipeline) => string;
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

/** The regions other than the flow's own to which `pipeline` sends: one hop each, however many outputs are there. */
export const regionsBeyond = (flow: Flow, pipeline: Pipeline): string[] => {
  const sending = flow.outputs.filter((output) => output.destinations[pipeline]).map(({ regionId }) => regionId);
  return [...new Set(sending)].filter((regionId) => regionId !== flow.regionId);
};

function planIngest(flow: Flow, pipeline: Pipeline, ground: Ground): PipelinePlan {
  const { input } = flow;
  const hops = regionsBeyond(flow, pipeline).map((regionId): SinkSpec => {
    const { port, link } = hopLink(flow, pipeline, regionId, ground);
    return { ...link, id: `hop:${regionId}`, host: ground.hopHost, port };
  });
  return {
    pipeline,
    maxBitrate: flow.maxBitrate,
    sourceId: 'input',
    source: {
      protocol: input.protocol,
      latencyMs: input.latencyMs,
      encryption: input.encryption,
      host: ground.listenHost,
      port: input.ports[pipeline],
      allowlist: [...input.allowlist],
    },
    sinks: [...sinksIn(flow, pipeline, flow.regionId), ...hops],
  };
}

function planEgress(flow: Flow, pipeline: Pipeline, regionId: string, ground: Ground): PipelinePlan {
  const { port, link } = hopLink(flow, pipeline, regionId, ground);
  return {
    pipeline,
    maxBitrate: flow.maxBitrate,
    sourceId: 'hop',
    source: { ...link, host: ground.hopHost, port, allowlist: [`${ground.hopHost}/32`] },
    sinks: sinksIn(flow, pipeline, regionId),
  };
}

const sinksIn = (flow: Flow, pipeline: Pipeline, regionId: string): SinkSpec[] =>
  flow.outputs
    .filter((output) => output.regionId === regionId)
    .flatMap(({ id, protocol, latencyMs, encryption, destinations }) => {
      const destination = destinations[pipeline];
      return destination ? [{ id, protocol, latencyMs, encryption, ...destination }] : [];
    });

/** Both ends of a hop are made here and only here, so that they always agree. */
function hopLink(flow: Flow, pipeline: Pipeline, regionId: string, ground: Ground) {
  const hop = flow.hops.find((known) => known.regionId === regionId && known.pipeline === pipeline);
  if (!hop) throw new Error(`Flow ${flow.id} has no port for its ${pipeline} hop to ${regionId}.`);
  const encryption = { passphrase: ground.hopKey(flow.id, regionId, pipeline), keyLength: 256 } as const;
  return { port: hop.port, link: { protocol: 'srt', latencyMs: latency.initial, encryption } as const };
}
