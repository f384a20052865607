/** What the JSON API says of a flow: schemas that make the OpenAPI document, and the way from LiveFlow to them. */
import { z } from '@hono/zod-openapi';
import type { EncryptionSetting, Output } from '../../db/model.ts';
import { conditions, type EndpointStatus, incidents } from '../../relay/contract/messages.ts';
import { keyLengthSchema, type Pipeline, protocols } from '../../relay/contract/settings.ts';
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
    overBandwidth: z.boolean().optional().describe('Above the maximum bandwidth for 3 s or longer'),
  })
  .openapi('Endpoint');

const statusSchema = z.object({ primary: endpointSchema, backup: endpointSchema.optional() });
const encryptionSchema = z
  .object({ keyLength: keyLengthSchema })
  .optional()
  .describe('Present when encrypted; the key itself is never shown');
const destinationSchema = z.object({ host: z.string(), port: z.int() });

export const inputSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    protocol: z.enum(protocols),
    latencyMs: z.int(),
    encryption: encryptionSchema,
    allowlist: z.array(z.string()),
    description: z.string(),
    addresses: z.object({ primary: z.string(), backup: z.string() }).describe('Where to push: srt://host:port'),
    status: statusSchema,
  })
  .openapi('Input');

export const outputSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    regionId: z.string(),
    protocol: z.enum(protocols),
    latencyMs: z.int(),
    encryption: encryptionSchema,
    description: z.string(),
    destinations: z.object({ primary: destinationSchema, backup: destinationSchema.optional() }),
    status: statusSchema,
  })
  .openapi('Output');

export const flowSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    regionId: z.string(),
    maxBitrate: z.int().describe('bit/s'),
    state: z.enum(['idle', 'starting', 'running', 'stopping']),
    relayLost: z.boolean().describe('A relay that the flow needs has not reported for some seconds'),
    createdAt: at,
    input: inputSchema,
    outputs: z.array(outputSchema),
  })
  .openapi('Flow');

export const regionSchema = z.object({ id: z.string(), name: z.string() }).openapi('Region');

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('For programs; never changes'),
    faults: z.array(z.object({ field: z.string(), code: z.string(), message: z.string() })),
  })
  .openapi('Problem');

type EndpointView = z.infer<typeof endpointSchema>;

export function toFlowView(live: LiveFlow, publicHost: string): z.infer<typeof flowSchema> {
  const { flow, state, relayLost } = live;
  const { id, name, regionId, maxBitrate, createdAt } = flow;
  return {
    id,
    name,
    regionId,
    maxBitrate,
    state,
    relayLost,
    createdAt,
    input: toInputView(live, publicHost),
    outputs: flow.outputs.map((output) => toOutputView(live, output)),
  };
}

function toInputView(live: LiveFlow, publicHost: string): z.infer<typeof inputSchema> {
  const { id, name, protocol, latencyMs, encryption, allowlist, description, ports } = live.flow.input;
  const address = (pipeline: Pipeline): string =>
    `${protocol}://${publicHost.includes(':') ? `[${publicHost}]` : publicHost}:${ports[pipeline]}`;
  const status = (pipeline: Pipeline): EndpointView => toEndpoint(live, 'input', pipeline);
  return {
    id,
    name,
    protocol,
    latencyMs,
    encryption: withoutKey(encryption),
    allowlist: [...allowlist],
    description,
    addresses: { primary: address('primary'), backup: address('backup') },
    status: { primary: status('primary'), backup: status('backup') },
  };
}

export function toOutputView(live: LiveFlow, output: Output): z.infer<typeof outputSchema> {
  const { id, name, regionId, protocol, latencyMs, encryption, description, destinations } = output;
  const status = (pipeline: Pipeline): EndpointView => toEndpoint(live, id, pipeline);
  return {
    id,
    name,
    regionId,
    protocol,
    latencyMs,
    encryption: withoutKey(encryption),
    description,
    destinations: { ...destinations },
    status: { primary: status('primary'), ...(destinations.backup && { backup: status('backup') }) },
  };
}

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
