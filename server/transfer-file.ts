/** The file in which flows travel: format, version, flows without their secrets, and the secrets sealed by a passphrase. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Flow } from '../db/model.ts';
import { copyOf } from './copies.ts';
import { refuseField } from './refusal.ts';

export const FILE_FORMAT = 'streamlink-flows';
export const FILE_VERSION = 1;

/** 32 MiB and some tenths of a second a guess. Source: RFC 7914, with N as OWASP advises for r = 8, p = 1 at the least. */
const SCRYPT = { N: 32_768, r: 8, p: 1 } as const;
const SCRYPT_MEMORY = 64 * 1024 * 1024;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const IV_BYTES = 12;
const PLACE = Buffer.from(`${FILE_FORMAT}/${FILE_VERSION}/secrets`);

const base64 = z.string().max(4_000_000);
const sealedSchema = z
  .object({
    kdf: z.literal('scrypt'),
    N: z.literal(SCRYPT.N),
    r: z.literal(SCRYPT.r),
    p: z.literal(SCRYPT.p),
    salt: base64,
    cipher: z.literal('aes-256-gcm'),
    iv: base64,
    text: base64,
    tag: base64,
  })
  .strict()
  .describe('The secrets, under a key made of the passphrase');
type Sealed = z.infer<typeof sealedSchema>;

const itemSchema = z.looseObject({
  input: z.looseObject({}),
  outputs: z.array(z.looseObject({})).max(64, 'A flow has 64 outputs at most.'),
});

export const fileSchema = z
  .object({
    format: z.literal(FILE_FORMAT, 'This is no file of exported flows.'),
    version: z.literal(FILE_VERSION, `This server reads version ${FILE_VERSION} of the format.`),
    exportedAt: z.number().describe('Epoch ms UTC'),
    flows: z.array(itemSchema).min(1, 'The file has no flow.').max(1000, 'A file has 1000 flows or fewer.'),
    omitted: z
      .array(z.string())
      .optional()
      .describe('Paths of the secrets that were left out, as there was no passphrase'),
    secrets: sealedSchema.optional(),
  })
  .strict();

export type TransferFile = z.infer<typeof fileSchema>;

/** A secret by its path in the file: `flows.0.input.encryption.passphrase`. */
type Secrets = ReadonlyMap<string, unknown>;

const secretFields: ReadonlySet<string> = new Set(['passphrase', 'streamId', 'streamKey', 'streamKeys']);

/** Without a passphrase secrets are left out, and named. */
export async function writeFile(flows: readonly Flow[], now: number, passphrase?: string): Promise<TransferFile> {
  const taken = new Map<string, unknown>();
  const items = flows.map((flow, index) => itemSchema.parse(without(itemOf(flow), `flows.${index}`, taken)));
  return {
    format: FILE_FORMAT,
    version: FILE_VERSION,
    exportedAt: now,
    flows: items,
    ...(taken.size > 0 &&
      (passphrase === undefined ? { omitted: [...taken.keys()] } : { secrets: await seal(taken, passphrase) })),
  };
}

/** The flows of a file with their secrets in their places. Rejects with a Refusal where the passphrase does not open them. */
export async function openFile(file: TransferFile, passphrase?: string): Promise<TransferFile['flows']> {
  if (!file.secrets) return file.flows;
  if (passphrase === undefined) throw refuseField('import-passphrase-needed', 'passphrase');
  const flows = structuredClone(file.flows);
  for (const [path, secret] of await open(file.secrets, passphrase)) putBack({ flows }, path.split('.'), secret);
  return flows;
}

function itemOf(flow: Flow): object {
  const { draft, outputs, streamKeys } = copyOf(flow);
  return { ...draft, input: { ...draft.input, ...(streamKeys && { streamKeys }), ports: flow.input.ports }, outputs };
}

/** A copy without its secrets, which go to `taken`. */
function without(value: unknown, path: string, taken: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item, index) => without(item, `${path}.${index}`, taken));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, field]: [string, unknown]) => {
    const place = `${path}.${name}`;
    if (!secretFields.has(name)) return [[name, without(field, place, taken)] as const];
    taken.set(place, field);
    return [];
  });
  return Object.fromEntries(kept);
}

/** Where the file was edited and the place is gone, its secret is not needed any more. */
function putBack(value: unknown, [name = '', ...rest]: readonly string[], secret: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (rest.length > 0) return putBack(Object.entries(value).find(([key]) => key === name)?.[1], rest, secret);
  if (secretFields.has(name)) Object.assign(value, { [name]: secret });
}

const deriveKey = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  promisify<string, Buffer, number, object, Buffer>(scrypt)(passphrase.normalize('NFC'), salt, KEY_BYTES, {
    ...SCRYPT,
    maxmem: SCRYPT_MEMORY,
  });

async function seal(secrets: Secrets, passphrase: string): Promise<Sealed> {
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)];
  const cipher = createCipheriv('aes-256-gcm', await deriveKey(passphrase, salt), iv).setAAD(PLACE);
  const text = Buffer.concat([cipher.update(JSON.stringify([...secrets]), 'utf8'), cipher.final()]);
  const parts = { salt, iv, text, tag: cipher.getAuthTag() };
  const [saltText = '', ivText = '', sealed = '', tag = ''] = Object.values(parts).map((part) =>
    part.toString('base64'),
  );
  return { kdf: 'scrypt', ...SCRYPT, salt: saltText, cipher: 'aes-256-gcm', iv: ivText, text: sealed, tag };
}

async function open({ salt, iv, text, tag }: Sealed, passphrase: string): Promise<Secrets> {
  const key = await deriveKey(passphrase, Buffer.from(salt, 'base64'));
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: 16 });
    decipher.setAAD(PLACE).setAuthTag(Buffer.from(tag, 'base64'));
    const plain = decipher.update(text, 'base64', 'utf8') + decipher.final('utf8');
    return new Map(z.array(z.tuple([z.string(), z.unknown()])).parse(JSON.parse(plain)));
  } catch {
    // A wrong passphrase and a damaged text look alike.
    throw refuseField('import-passphrase-wrong', 'passphrase');
  }
}
