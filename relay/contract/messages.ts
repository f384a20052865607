/** The four messages between server and relay, as schemas; the types are inferred from them. */
import { z } from 'zod';
import { encryptionSchema, latencySchema, pipelines, protocols } from './settings.ts';

/** Raised when an older peer would misread a message. A `hello` of another version is refused and says so. */
export const CONTRACT_VERSION = 1;

const port = z.int().min(1).max(65535);
const pipeline = z.enum(pipelines);
const flowId = z.string().min(1).max(64);
const link = { protocol: z.enum(protocols), latencyMs: latencySchema, encryption: encryptionSchema.optional() };

/** Where a pipeline's bytes come from: a port to listen on, and who may call it (CIDR; nobody else). */
const sourceSchema = z.object({ ...link, host: z.string(), port, allowlist: z.array(z.string()) });

/** Where they go. `id` is the output's id, or `hop:<region>` for the way to another region's relay. */
const sinkSchema = z.object({ ...link, id: z.string().min(1).max(64), host: z.string().min(1), port });

/**
 * What one relay shall run of one flow on one pipeline. It names no operator and no region:
 * a relay cannot tell a hop from a camera. `sourceId` is `input` or `hop`; `maxBitrate` is in bit/s.
 */
const planSchema = z.object({
  pipeline,
  maxBitrate: z.int().positive(),
  sourceId: z.enum(['input', 'hop']),
  source: sourceSchema,
  sinks: z.array(sinkSchema),
});

/** Server → relay, request: the whole wish for one flow at one revision; no plans = stop and forget. */
export const applySchema = z.object({ flowId, revision: z.int().nonnegative(), plans: z.array(planSchema) });

const appliedSchema = z.object({ flowId, revision: z.int().nonnegative() });

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
  'stream-id-wrong',
  'already-in-use',
  'version-too-old',
  'not-authorized',
  'handshake-failed',
  'peer-closed',
  'peer-silent',
  'gave-way',
  'idle',
  'no-answer',
  'name-not-found',
  'cannot-dial',
  'port-unavailable',
] as const;

const incidentSchema = z.object({
  code: z.enum(incidents),
  at: z.number(),
  peer: z.object({ address: z.string(), port: z.int() }).optional(),
});

/**
 * One end of one pipeline, as measured. Times are epoch ms UTC; `bitrate` is bit/s of media over the last second;
 * `packets`, `dropped` (never delivered: bandwidth cap, full queue, too late) and `lost` count messages since the
 * pipeline opened; `keyLength` is the AES key in use, 0 in clear; `latencyMs` is what both ends agreed on.
 * `over` is true while the source has been above the flow's bandwidth for 3 s.
 */
const endpointSchema = z.object({
  flowId,
  pipeline,
  id: z.string(),
  role: z.enum(['source', 'sink']),
  state: z.enum(['waiting', 'connected']),
  condition: z.enum(conditions),
  since: z.number(),
  peer: z.object({ address: z.string(), port: z.int() }).optional(),
  retryAt: z.number().optional(),
  incident: incidentSchema.optional(),
  bitrate: z.number(),
  packets: z.number(),
  dropped: z.number(),
  lost: z.number(),
  latencyMs: z.number().optional(),
  rttMs: z.number().optional(),
  keyLength: z.number().optional(),
  over: z.boolean(),
});

/** Relay → server, publish: each second and at each change of state; it is also the heartbeat. The whole state. */
export const reportSchema = z.object({
  at: z.number(),
  applied: z.array(appliedSchema),
  endpoints: z.array(endpointSchema),
});

export type SourceSpec = z.infer<typeof sourceSchema>;
export type SinkSpec = z.infer<typeof sinkSchema>;
export type PipelinePlan = z.infer<typeof planSchema>;
export type Apply = z.infer<typeof applySchema>;
export type Applied = z.infer<typeof appliedSchema>;
export type Hello = z.infer<typeof helloSchema>;
export type Condition = (typeof conditions)[number];
export type IncidentCode = (typeof incidents)[number];
export type Incident = z.infer<typeof incidentSchema>;
export type EndpointStatus = z.infer<typeof endpointSchema>;
export type Report = z.infer<typeof reportSchema>;
