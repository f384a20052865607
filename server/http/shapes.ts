/** What the JSON API says of a flow: schemas that make the OpenAPI document, and the way from LiveFlow to them. */
import { z } from '@hono/zod-openapi';
import type { EncryptionSetting, FlowState, LogEvent, Output, PerPipeline, RtmpDestination } from '../../db/model.ts';
import { conditions, type EndpointStatus, incidents } from '../../relay/contract/messages.ts';
import { keyLengthSchema, type Pipeline, pipelines, rtpIdle } from '../../relay/contract/settings.ts';
import { type PublicPlaces, pushAddress } from '../addresses.ts';
import { logTypes, typeOf } from '../log-desk.ts';
import type { LiveFlow } from '../monitor.ts';

const at = z.number().describe('Epoch ms UTC');
const peerSchema = z.object({ address: z.string(), port: z.int() });

export const endpointSchema = z
  .object({
    state: z
      .enum(['idle', 'waiting', 'connected', 'unknown'])
      .describe('connected: media moves now; unknown: its relay has not reported'),
    condition: z.enum(conditions).optional().describe('Why it is in this state'),
    since: at.optional(),
    peer: peerSchema.optional(),
    retryAt: at.optional(),
    incident: z
      .object({ code: z.enum(incidents), at, peer: peerSchema.optional() })
      .optional()
      .describe('What happened last to its peer'),
    bitrate: z.number().optional().describe('Media in bit/s over the last second'),
    packets: z.number().optional().describe('Messages since the pipeline opened'),
    dropped: z.number().optional().describe('Messages let go: over the bandwidth, full queue, or too late'),
    lost: z.number().optional().describe('Messages that never arrived'),
    latencyMs: z.number().optional().describe('SRT latency that both ends agreed on'),
    rttMs: z.number().optional(),
    keyLength: z.number().optional().describe('AES key in use, in bits; 0: in clear'),
    queueMs: z.number().optional().describe('Media that waits for a slow peer'),
    live: z.boolean().optional().describe('With failover: the outputs get this input'),
    overBandwidth: z.boolean().optional().describe('Above the maximum bandwidth for 3 s or longer'),
  })
  .openapi('Endpoint');

const statusSchema = z.object({ primary: endpointSchema, backup: endpointSchema.optional() });
const encryptionSchema = z
  .object({ keyLength: keyLengthSchema })
  .optional()
  .describe('Present when encrypted; the key itself is never shown');
const bareTsSchema = z.boolean().describe('TS straight in UDP datagrams, without RTP');
const destinationSchema = z.object({ host: z.string(), port: z.int() });
const rtmpDestinationSchema = z.object({ url: z.string() }).describe('The stream key is never shown');
const perPipeline = <S extends z.ZodType>(schema: S) => z.object({ primary: schema, backup: schema.optional() });

const inputBase = {
  id: z.string(),
  name: z.string(),
  failover: z
    .object({ preferred: z.enum(pipelines), autoReturn: z.boolean() })
    .optional()
    .describe('Absent: the pipelines are independent'),
  allowlist: z.array(z.string()),
  description: z.string(),
  addresses: z
    .object({ primary: z.string(), backup: z.string() })
    .describe('Where to push: srt://host:port, rtmp://host:port/app, rtp://host:port or udp://host:port'),
  status: statusSchema,
};

export const inputSchema = z
  .discriminatedUnion('protocol', [
    z.object({
      ...inputBase,
      protocol: z.literal('srt'),
      latencyMs: z.int(),
      encryption: encryptionSchema,
      streamId: z.string().optional().describe('Callers must present it'),
    }),
    z.object({
      ...inputBase,
      protocol: z.literal('rtmp'),
      streamKeys: z.object({ primary: z.string(), backup: z.string() }).describe('Made by us, for your encoders'),
    }),
    z.object({
      ...inputBase,
      protocol: z.literal('rtp'),
      bareTs: bareTsSchema,
      idleTimeoutMs: z.int().describe('Without a datagram for so long the source has ended'),
    }),
  ])
  .openapi('Input');

const outputBase = {
  id: z.string(),
  name: z.string(),
  regionId: z.string(),
  description: z.string(),
  status: statusSchema,
};

export const outputSchema = z
  .discriminatedUnion('protocol', [
    z.object({
      ...outputBase,
      protocol: z.literal('srt'),
      latencyMs: z.int(),
      encryption: encryptionSchema,
      hasStreamId: z.literal(true).optional().describe('The stream ID itself may hold a key, and is never shown'),
      destinations: perPipeline(destinationSchema),
    }),
    z.object({ ...outputBase, protocol: z.literal('rtmp'), destinations: perPipeline(rtmpDestinationSchema) }),
    z.object({
      ...outputBase,
      protocol: z.literal('rtp'),
      ttl: z.int().describe('Routers that a multicast datagram may pass'),
      bareTs: bareTsSchema,
      destinations: perPipeline(destinationSchema),
    }),
  ])
  .openapi('Output');

export const flowStates = ['idle', 'starting', 'running', 'stopping'] as const satisfies readonly FlowState[];

export const flowSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    regionId: z.string(),
    maxBitrate: z.int().describe('bit/s'),
    state: z.enum(flowStates),
    revision: z.int().describe('Grows with each change; its ETag for If-Match is "<revision>"'),
    relayLost: z.boolean().describe('A relay that the flow needs has not reported for some seconds'),
    createdAt: at,
    input: inputSchema,
    outputs: z.array(outputSchema),
  })
  .openapi('Flow');

/** One line of the log, wherever it is told: page by page, as a list, in a stream. */
export const eventSchema = z
  .object({
    time: z.string().describe('ISO 8601 UTC, to the ms'),
    at: z.number().describe('The same as epoch ms UTC'),
    type: z.enum(logTypes),
    role: z.enum(['input', 'output', 'flow']),
    pipeline: z.enum(pipelines).optional().describe('Absent where it is about the flow as a whole'),
    endpoint: z.string().describe('input, an output id, hop, hop:<region> or cross (links between relays), or flow'),
    name: z.string().describe('What it was called at that time'),
    code: z.string().describe('For programs; never changes. docs/events.md has them all'),
    message: z.string().describe('The same in words'),
    peer: peerSchema.optional(),
    count: z.int().describe('How often it happened within this line'),
    facts: z.record(z.string(), z.unknown()),
  })
  .openapi('Event');

export const regionSchema = z.object({ id: z.string(), name: z.string() }).openapi('Region');

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('For programs; never changes'),
    faults: z.array(z.object({ field: z.string(), code: z.string(), message: z.string() })),
    revision: z.int().optional().describe('With 412: the revision that the flow has now'),
  })
  .openapi('Problem');

type EndpointView = z.infer<typeof endpointSchema>;

export function toFlowView(live: LiveFlow, places: PublicPlaces): z.infer<typeof flowSchema> {
  const { flow, state, relayLost } = live;
  const { id, name, regionId, maxBitrate, revision, createdAt } = flow;
  return {
    id,
    name,
    regionId,
    maxBitrate,
    state,
    revision,
    relayLost,
    createdAt,
    input: toInputView(live, places),
    outputs: flow.outputs.map((output) => toOutputView(live, output)),
  };
}

function toInputView(live: LiveFlow, places: PublicPlaces): z.infer<typeof inputSchema> {
  const { flow } = live;
  const { input } = flow;
  const { id, name, allowlist, description, failover } = input;
  const address = (pipeline: Pipeline): string => pushAddress(flow, pipeline, places);
  const status = (pipeline: Pipeline): EndpointView => toEndpoint(live, 'input', pipeline);
  const base = {
    id,
    name,
    ...(failover && { failover: { preferred: failover.preferred, autoReturn: failover.autoReturn } }),
    allowlist: [...allowlist],
    description,
    addresses: { primary: address('primary'), backup: address('backup') },
    status: { primary: status('primary'), backup: status('backup') },
  };
  switch (input.protocol) {
    case 'srt':
      return {
        ...base,
        protocol: 'srt',
        latencyMs: input.latencyMs,
        encryption: withoutKey(input.encryption),
        ...(input.streamId !== undefined && { streamId: input.streamId }),
      };
    case 'rtmp':
      return { ...base, protocol: 'rtmp', streamKeys: { ...input.streamKeys } };
    case 'rtp':
      return { ...base, protocol: 'rtp', bareTs: input.bareTs, idleTimeoutMs: input.idleTimeoutMs ?? rtpIdle.initial };
  }
}

export function toOutputView(live: LiveFlow, output: Output): z.infer<typeof outputSchema> {
  const { id, name, regionId, description } = output;
  const status = (pipeline: Pipeline): EndpointView => toEndpoint(live, id, pipeline);
  const base = {
    id,
    name,
    regionId,
    description,
    status: { primary: status('primary'), ...(output.destinations.backup && { backup: status('backup') }) },
  };
  switch (output.protocol) {
    case 'srt': {
      const { protocol, latencyMs, encryption, streamId, destinations } = output;
      const hidden = {
        encryption: withoutKey(encryption),
        ...(streamId !== undefined && { hasStreamId: true as const }),
      };
      return { ...base, protocol, latencyMs, ...hidden, destinations: { ...destinations } };
    }
    case 'rtmp': {
      const { protocol, destinations } = output;
      return { ...base, protocol, destinations: withoutStreamKeys(destinations) };
    }
    case 'rtp': {
      const { protocol, ttl, bareTs, destinations } = output;
      return { ...base, protocol, ttl, bareTs, destinations: { ...destinations } };
    }
  }
}

/** `sentenceOf` has the words of an event. */
export function toEventView(event: LogEvent, sentenceOf: (event: LogEvent) => string): z.infer<typeof eventSchema> {
  const { at: when, role, pipeline, endpointId, name, code, peer, count, facts } = event;
  return {
    time: new Date(when).toISOString(),
    at: when,
    type: typeOf(event),
    role,
    ...(pipeline && { pipeline }),
    endpoint: endpointId,
    name,
    code,
    message: sentenceOf(event),
    ...(peer && { peer: { ...peer } }),
    count,
    facts: { ...facts },
  };
}

const withoutStreamKeys = ({ primary, backup }: PerPipeline<RtmpDestination>) => ({
  primary: { url: primary.url },
  ...(backup && { backup: { url: backup.url } }),
});

const withoutKey = (encryption: EncryptionSetting | undefined) => encryption && { keyLength: encryption.keyLength };

/** An endpoint of an idle flow is idle; one of a running flow that no fresh report names is unknown. */
function toEndpoint({ flow, state, endpoints }: LiveFlow, id: string, pipeline: Pipeline): EndpointView {
  const status = endpoints.find((endpoint) => endpoint.id === id && endpoint.pipeline === pipeline);
  if (status) return fromStatus(status);
  return { state: flow.running || state === 'stopping' ? 'unknown' : 'idle' };
}

function fromStatus({
  flowId: _flow,
  pipeline: _pipeline,
  id: _id,
  role: _role,
  over,
  ...shown
}: EndpointStatus): EndpointView {
  return { ...shown, overBandwidth: over };
}
