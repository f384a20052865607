/** The messages between server and relay, as schemas; the types are inferred from them. */
import { z } from 'zod';
import {
  encryptionSchema,
  latencySchema,
  pipelines,
  rtmpUrlSchema,
  rtpIdleSchema,
  streamIdSchema,
  streamKeySchema,
  ttlSchema,
} from './settings.ts';

/** Raised when an older peer would misread a message. A `hello` of another version is refused and says so. */
export const CONTRACT_VERSION = 2;

const port = z.int().min(1).max(65535);
const host = z.string().min(1);
const pipeline = z.enum(pipelines);
const flowId = z.string().min(1).max(64);
const allowlist = z.array(z.string());
const srtLink = {
  protocol: z.literal('srt'),
  latencyMs: latencySchema,
  encryption: encryptionSchema.optional(),
  /** A source lets in none but callers that present it; a sink presents it. */
  streamId: streamIdSchema.optional(),
};

/** Where a pipeline's bytes come from: a port to listen on, and who may call it (CIDR; nobody else). */
const sourceSchema = z.discriminatedUnion('protocol', [
  z.object({ ...srtLink, host, port, allowlist }),
  /** `port` is the relay's one RTMP port; `app` and `key` tell the pipeline from others. */
  z.object({ protocol: z.literal('rtmp'), host, port, allowlist, app: z.string(), key: z.string() }),
  /** `bareTs`: TS straight in UDP, without RTP. Without `idleMs`, as long as the relay holds for good. */
  z.object({
    protocol: z.literal('rtp'),
    host,
    port,
    allowlist,
    bareTs: z.boolean(),
    idleMs: rtpIdleSchema.optional(),
  }),
]);

/** `input` is what an operator's encoder pushes; `hop` comes from another region; `cross` from the flow's other pipeline. */
const sourceIds = ['input', 'hop', 'cross'] as const;

/** Where they go. `id` is the output's id, `hop:<region>` for another region's relay, `cross` for the other pipeline's. */
const sinkId = z.string().min(1).max(64);
const sinkSchema = z.discriminatedUnion('protocol', [
  z.object({ ...srtLink, id: sinkId, host, port }),
  z.object({ protocol: z.literal('rtmp'), id: sinkId, url: rtmpUrlSchema, key: streamKeySchema }),
  z.object({ protocol: z.literal('rtp'), id: sinkId, host, port, ttl: ttlSchema, bareTs: z.boolean() }),
]);

/**
 * Failover: this pipeline's outputs are fed from its own input, or from the other pipeline's by way of `cross`.
 * `preferred` is the one to send while both live; without `autoReturn` a switch stays until `preferred` says otherwise.
 */
const failoverSchema = z.object({
  preferred: pipeline,
  autoReturn: z.boolean(),
  /** Grows each time that an operator orders the switch to `preferred`. */
  order: z.int().nonnegative(),
  cross: sourceSchema,
});

/**
 * What one relay shall run of one flow on one pipeline. It names no operator and no region:
 * a relay cannot tell a hop from a camera. `maxBitrate` is in bit/s. With `failover`, a sink with id `cross` carries the
 * own input to the other pipeline and is fed from that alone.
 */
const planSchema = z.object({
  pipeline,
  maxBitrate: z.int().positive(),
  sourceId: z.enum(sourceIds),
  source: sourceSchema,
  sinks: z.array(sinkSchema),
  failover: failoverSchema.optional(),
});

/**
 * `tag` stands for the plans' content: the server makes it, the relay says it back. Two wishes may have one revision, as
 * when the database came from a backup and was changed again; one tag they have not.
 */
const held = { flowId, revision: z.int().nonnegative(), tag: z.string().max(64).optional() };

/** Server → relay, request: the whole wish for one flow at one revision; no plans = stop and forget. */
export const applySchema = z.object({ ...held, plans: z.array(planSchema) });

/** Server → relay, request: a viewer waits for this pipeline's input. The relay dials `preview/<ticket>` at the relay door. */
export const previewSchema = z.object({ flowId, pipeline, ticket: z.string().regex(/^[\w-]{16,64}$/) });

const appliedSchema = z.object(held);

/** Relay → server, request: at start and after each reconnect. `boot` is new for each process. */
export const helloSchema = z.object({
  version: z.int(),
  relayId: z.string().min(1).max(64),
  boot: z.string().min(1).max(64),
  pid: z.int().positive(),
  applied: z.array(appliedSchema),
});

/** Why an endpoint is in its state. The words for an operator are made from these by web/views/words.ts. */
export const conditions = [
  'flowing',
  'listening',
  'stalled',
  'dialling',
  'no-input',
  'unacknowledged',
  'backing-off',
  'quarantined',
] as const;

/**
 * What happened last to an endpoint's peer. Of a source: why we refused a caller, or how its session ended.
 * Of a sink: why the destination refused us, or how our call ended.
 */
export const incidents = [
  'address-not-allowed',
  'passphrase-missing',
  'passphrase-wrong',
  'passphrase-unexpected',
  'key-length-wrong',
  'stream-id-wrong',
  'stream-key-wrong',
  'already-in-use',
  'over-caller-limit',
  'version-too-old',
  'not-authorized',
  'handshake-failed',
  'protocol-fault',
  'peer-closed',
  'peer-silent',
  'connection-lost',
  'gave-way',
  'idle',
  'no-answer',
  'name-not-found',
  'cannot-dial',
  'certificate-untrusted',
  'tls-failed',
  'publish-refused',
  'too-slow',
  'unreachable',
  'port-unavailable',
  'flow-stopped',
  'closed-here',
] as const;

const peerSchema = z.object({ address: z.string(), port: z.int() });
const incidentSchema = z.object({ code: z.enum(incidents), at: z.number(), peer: peerSchema.optional() });

/** Everything that a relay tells of for the operator's log: with peers first, then with media. Docs: docs/events.md. */
export const relayEvents = [
  'connected',
  'disconnected',
  'refused',
  'retry',
  'stalled',
  'flowing-again',
  'data-lost',
  'format-found',
  'format-changed',
  'track-dropped',
  'program-chosen',
  'no-keyframe',
  'over-bandwidth',
  'bandwidth-ok',
  'capped',
  'failover',
  'timestamps-jumped',
  'dropped-to-slow-peer',
  'bad-media',
  'pipeline-failed',
  'pipeline-quarantined',
  'more-events',
  'events-lost',
] as const;

/** Numbers and short words that the sentence of an event needs. */
const factsSchema = z.record(z.string().max(64), z.union([z.string().max(1000), z.number()]));

/**
 * One line of the log. `seq` counts from 0 since the relay's `boot`; `endpoint` is the id of the source or sink that it
 * happened to; `count` is how often it happened within the line. `code` is one of relayEvents; one that this server does
 * not know is kept all the same, so that it never holds up those behind it.
 */
const eventSchema = z.object({
  seq: z.int().nonnegative(),
  at: z.number(),
  flowId,
  pipeline,
  endpoint: z.string().max(64),
  role: z.enum(['source', 'sink']),
  code: z.string().max(64),
  peer: peerSchema.optional(),
  count: z.int().positive(),
  facts: factsSchema,
});

/** Relay → server, request: answered once they are kept, so that the relay may forget them. At least once, in order. */
export const eventsSchema = z.object({ boot: z.string().max(64), events: z.array(eventSchema).max(500) });

/**
 * One end of one pipeline, as measured. Times are epoch ms UTC; `bitrate` is bit/s of media over the last second;
 * `packets`, `dropped` (never delivered: bandwidth cap, full queue, too late) and `lost` count messages (frames for
 * RTMP) since the pipeline opened; `keyLength` is the AES key in use, 0 in clear; `latencyMs` is what both ends agreed
 * on; `queueMs` is what waits for a slow peer; `reconnects` is how often a peer came after the first one. `over`: the source has been above the flow's bandwidth for 3 s.
 * `live`: with failover, the source whose media the outputs get. `bytes` of media and `sessions` (peers that were let in)
 * count since the pipeline opened; a relay of an older release leaves them out.
 */
const endpointSchema = z.object({
  flowId,
  pipeline,
  id: z.string(),
  role: z.enum(['source', 'sink']),
  state: z.enum(['waiting', 'connected']),
  condition: z.enum(conditions),
  since: z.number(),
  peer: peerSchema.optional(),
  retryAt: z.number().optional(),
  incident: incidentSchema.optional(),
  bitrate: z.number(),
  bytes: z.number().optional(),
  sessions: z.number().optional(),
  packets: z.number(),
  dropped: z.number(),
  lost: z.number(),
  latencyMs: z.number().optional(),
  rttMs: z.number().optional(),
  keyLength: z.number().optional(),
  queueMs: z.number().optional(),
  reconnects: z.int().optional(),
  over: z.boolean(),
  live: z.boolean().optional(),
});

/**
 * How a process is doing. `startedAt` is epoch ms; CPU is that of all threads since the start; `eventLoopDelaySeconds` is
 * the longest stall of the last 15 s, `eventLoopBusyRatio` of the last second.
 */
const vitalsSchema = z.object({
  startedAt: z.number(),
  cpuSeconds: z.number(),
  residentBytes: z.number(),
  heapBytes: z.number(),
  eventLoopDelaySeconds: z.number(),
  eventLoopBusyRatio: z.number(),
});

/**
 * Relay → server, publish: each second and at each change of state; it is also the heartbeat. The whole state.
 * `process` is absent from a relay of an older release.
 */
export const reportSchema = z.object({
  at: z.number(),
  process: vitalsSchema.optional(),
  applied: z.array(appliedSchema),
  endpoints: z.array(endpointSchema),
});

export type SourceSpec = z.infer<typeof sourceSchema>;
export type SinkSpec = z.infer<typeof sinkSchema>;
/** The spec of one protocol. */
export type SpecOf<Spec extends { protocol: string }, P extends Spec['protocol']> = Extract<Spec, { protocol: P }>;
export type SourceId = (typeof sourceIds)[number];
export type Failover = z.infer<typeof failoverSchema>;
export type PipelinePlan = z.infer<typeof planSchema>;
export type Apply = z.infer<typeof applySchema>;
export type PreviewWish = z.infer<typeof previewSchema>;
export type Applied = z.infer<typeof appliedSchema>;
export type Hello = z.infer<typeof helloSchema>;
export type Condition = (typeof conditions)[number];
export type IncidentCode = (typeof incidents)[number];
export type Incident = z.infer<typeof incidentSchema>;
export type RelayEventCode = (typeof relayEvents)[number];
export type RelayEvent = z.infer<typeof eventSchema>;
export type Events = z.infer<typeof eventsSchema>;
export type Facts = z.infer<typeof factsSchema>;
export type EndpointStatus = z.infer<typeof endpointSchema>;
export type ProcessVitals = z.infer<typeof vitalsSchema>;
export type Report = z.infer<typeof reportSchema>;
