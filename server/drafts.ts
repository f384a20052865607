/** The form of what an operator may send, for every way in. The meaning is checked in rules.ts. */
import { z } from 'zod';
import {
  encryptionSchema,
  keyLengthSchema,
  latency,
  latencySchema,
  multicastTtl,
  passphraseSchema,
  pipelines,
  protocols,
  rtmpUrlSchema,
  rtpIdleSchema,
  streamIdSchema,
  streamKeySchema,
  ttlSchema,
} from '../relay/contract/settings.ts';
import { type FieldFault, Refusal } from './refusal.ts';

const line = (max: number, what: string) =>
  z
    .string()
    .trim()
    .max(max, `${what} has ${max} characters or fewer.`)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b]*$/u, `${what} is one line without control characters.`);

const name = line(64, 'A name').min(1, 'Enter a name.');
const description = line(256, 'A description').default('');
const protocolRule = `The protocol is one of: ${protocols.join(', ')}.`;
const protocol = z.enum(protocols, protocolRule);

/** IPv4, IPv6 (without brackets) or a host name (RFC 1123 section 2.1), whose last label is no number: see inet_aton(3). */
const label = '(?!-)[a-z0-9-]{1,63}(?<!-)';
const hostName = new RegExp(`^(?!.*(?:^|\\.)(?:\\d+|0x[0-9a-f]*)$)${label}(?:\\.${label})*$`, 'i');
const isHost = (text: string): boolean =>
  z.ipv4().safeParse(text).success || z.ipv6().safeParse(text).success || hostName.test(text);
const host = z
  .string()
  .trim()
  .max(253)
  .refine(isHost, 'Enter an IP address or a host name, without port or URL parts.');
const port = z.int('A port is a whole number.').min(1, 'A port is 1 to 65535.').max(65535, 'A port is 1 to 65535.');
const destination = z.object({ host, port }).strict();

const allowlist = z
  .array(z.string().trim())
  .min(1, 'Enter at least one address range; 0.0.0.0/0 lets every address push.')
  .max(64, 'An allowlist has 64 ranges or fewer.');

const perPipeline = <S extends z.ZodType>(schema: S) =>
  z.object({ primary: schema, backup: schema.optional() }).strict();

/** Which input feeds the outputs, and whether it takes over again by itself. */
const failover = z.object({ preferred: z.enum(pipelines), autoReturn: z.boolean() }).strict();

const inputBase = { name, description, allowlist: allowlist.default(['0.0.0.0/0']), failover: failover.optional() };
const bareTs = z.boolean();
const encryption = encryptionSchema.strict();
/** Both pipelines are pushed to with the key of primary; absent, each has its own. */
const oneStreamKey = z.literal(true);

/** One shape for each protocol. */
export const inputDraftSchema = z.discriminatedUnion(
  'protocol',
  [
    z
      .object({
        ...inputBase,
        protocol: z.literal('srt'),
        latencyMs: latencySchema.default(latency.initial),
        encryption: encryption.optional(),
        streamId: streamIdSchema.optional(),
      })
      .strict(),
    z.object({ ...inputBase, protocol: z.literal('rtmp'), oneStreamKey: oneStreamKey.optional() }).strict(),
    z
      .object({
        ...inputBase,
        protocol: z.literal('rtp'),
        bareTs: bareTs.default(false),
        idleTimeoutMs: rtpIdleSchema.optional(),
      })
      .strict(),
  ],
  { error: protocolRule },
);

export const flowDraftSchema = z
  .object({
    name,
    regionId: z.string().min(1, 'Choose a region.'),
    maxBitrate: z.int('Choose a maximum bandwidth.').positive('Choose a maximum bandwidth.'),
    input: inputDraftSchema,
  })
  .strict();

/** Absent fields stay as they are. `encryption: null` turns it off, `streamId: null` asks for none; without `passphrase` the kept one stays. */
const encryptionEdit = z
  .object({ keyLength: keyLengthSchema, passphrase: passphraseSchema.optional() })
  .strict()
  .nullable();

export const flowEditSchema = z.object({ name }).strict();

/** Fields that the input's protocol does not have are refused by the rules. `failover: null` turns it off. */
export const inputEditSchema = z
  .object({
    name,
    protocol,
    description: line(256, 'A description'),
    latencyMs: latencySchema,
    encryption: encryptionEdit,
    streamId: streamIdSchema.nullable(),
    bareTs,
    oneStreamKey,
    idleTimeoutMs: rtpIdleSchema,
    allowlist,
    failover: failover.nullable(),
  })
  .partial()
  .strict();

/** Without a name the copy gets a free one. */
export const duplicateSchema = z.object({ name: name.optional() }).strict();

/** Who uses an API key. */
export const keyDraftSchema = z.object({ name }).strict();

/** The order of an operator to feed the outputs from one input now. */
export const switchSchema = z.object({ to: z.enum(pipelines) }).strict();

const outputBase = { name, regionId: z.string().min(1, 'Choose a region.'), description };
/** Beyond its form, its host and port must be some: rules take it apart. */
const rtmpUrl = rtmpUrlSchema.pipe(
  z.string().refine((url) => URL.canParse(url), 'The host or the port of this URL cannot be.'),
);
const rtmpDestination = z.object({ url: rtmpUrl, streamKey: streamKeySchema }).strict();

/** One shape for each protocol. */
export const outputDraftSchema = z.discriminatedUnion(
  'protocol',
  [
    z
      .object({
        ...outputBase,
        protocol: z.literal('srt'),
        destinations: perPipeline(destination),
        latencyMs: latencySchema.default(latency.initial),
        encryption: encryption.optional(),
        streamId: streamIdSchema.optional(),
      })
      .strict(),
    z.object({ ...outputBase, protocol: z.literal('rtmp'), destinations: perPipeline(rtmpDestination) }).strict(),
    z
      .object({
        ...outputBase,
        protocol: z.literal('rtp'),
        destinations: perPipeline(destination),
        ttl: ttlSchema.default(multicastTtl.initial),
        bareTs: bareTs.default(false),
      })
      .strict(),
  ],
  { error: protocolRule },
);

/** Without `streamKey` the kept one stays. */
const rtmpDestinationEdit = rtmpDestination.partial({ streamKey: true });

/** Fields that the output's protocol does not have are refused by the rules. */
export const outputEditSchema = z
  .object({
    name,
    regionId: z.string(),
    protocol,
    destinations: z.union([perPipeline(destination), perPipeline(rtmpDestinationEdit)], {
      error: 'Destinations are host and port, or for RTMP a URL and a stream key.',
    }),
    latencyMs: latencySchema,
    encryption: encryptionEdit,
    streamId: streamIdSchema.nullable(),
    ttl: ttlSchema,
    bareTs,
    description: line(256, 'A description'),
  })
  .partial()
  .strict();

export type FlowDraft = z.output<typeof flowDraftSchema>;
export type FlowEdit = z.output<typeof flowEditSchema>;
export type InputDraft = z.output<typeof inputDraftSchema>;
export type InputEdit = z.output<typeof inputEditSchema>;
export type OutputDraft = z.output<typeof outputDraftSchema>;
export type OutputEdit = z.output<typeof outputEditSchema>;

/** The checked draft, or a Refusal `invalid-fields` with one fault for each field that is wrong. */
export function parseDraft<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Refusal('invalid-fields', faultsOf(result.error));
}

/** zod's issues as field faults; an unknown field is named as the field it is. */
export const faultsOf = (error: z.ZodError): FieldFault[] => error.issues.flatMap((issue) => faultsAt([], issue));

function faultsAt(above: readonly PropertyKey[], issue: z.core.$ZodIssue): FieldFault[] {
  const path = [...above, ...issue.path];
  const field = path.map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      field: [...path, key].map(String).join('.'),
      code: 'unknown-field',
      message: `There is no field ${key} here.`,
    }));
  const nearest = issue.code === 'invalid_union' ? nearestOf(issue.errors) : undefined;
  return nearest?.flatMap((inner) => faultsAt(path, inner)) ?? [{ field, code: 'invalid', message: issue.message }];
}

/** Of the shapes that a value may have, the faults of the one it comes nearest to; none where it is of another kind. */
function nearestOf(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const [nearest] = branches.toSorted((a, b) => weightOf(a) - weightOf(b));
  return nearest?.some(({ path }) => path.length === 0) ? undefined : nearest;
}

const weightOf = (issues: readonly z.core.$ZodIssue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
