/** The form of what an operator may send, for every way in. The meaning is checked in rules.ts. */
import { z } from 'zod';
import {
  encryptionSchema,
  keyLengthSchema,
  latency,
  latencySchema,
  passphraseSchema,
  protocols,
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
const protocol = z.enum(protocols, `The protocol is one of: ${protocols.join(', ')}.`);

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

const inputFields = { name, protocol, description, latencyMs: latencySchema.default(latency.initial) };

export const inputDraftSchema = z
  .object({
    ...inputFields,
    encryption: encryptionSchema.strict().optional(),
    allowlist: allowlist.default(['0.0.0.0/0']),
  })
  .strict();

export const flowDraftSchema = z
  .object({
    name,
    regionId: z.string().min(1, 'Choose a region.'),
    maxBitrate: z.int('Choose a maximum bandwidth.').positive('Choose a maximum bandwidth.'),
    input: inputDraftSchema,
  })
  .strict();

/** Absent fields stay as they are. `encryption: null` turns it off; without `passphrase` the kept one stays. */
const encryptionEdit = z
  .object({ keyLength: keyLengthSchema, passphrase: passphraseSchema.optional() })
  .strict()
  .nullable();

export const flowEditSchema = z.object({ name }).strict();

export const inputEditSchema = z
  .object({
    name,
    protocol,
    description: line(256, 'A description'),
    latencyMs: latencySchema,
    encryption: encryptionEdit,
    allowlist,
  })
  .partial()
  .strict();

const destinations = z.object({ primary: destination, backup: destination.optional() }).strict();

export const outputDraftSchema = z
  .object({
    name,
    regionId: z.string().min(1, 'Choose a region.'),
    protocol,
    destinations,
    latencyMs: latencySchema.default(latency.initial),
    encryption: encryptionSchema.strict().optional(),
    description,
  })
  .strict();

export const outputEditSchema = z
  .object({
    name,
    regionId: z.string(),
    protocol,
    destinations,
    latencyMs: latencySchema,
    encryption: encryptionEdit,
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
export const faultsOf = (error: z.ZodError): FieldFault[] =>
  error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        field: [...path, key].join('.'),
        code: 'unknown-field',
        message: `There is no field ${key} here.`,
      }));
    return [{ field: path.join('.'), code: 'invalid', message: issue.message }];
  });
