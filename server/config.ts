/** The environment, read once into a Config; every fault is told at once with its key. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { RETENTION_DAYS } from '../db/history.ts';

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly databaseUrl: string;
  /** The address that encoders push to, as shown to operators. */
  readonly publicHost: string;
  /** The console's own https URL where a proxy stands before it; it makes cookies secure. */
  readonly publicUrl: string | undefined;
  readonly ports: { readonly first: number; readonly last: number };
  readonly rtmpPorts: { readonly first: number; readonly last: number };
  /** Maximum bandwidths on offer, in bit/s, ascending. */
  readonly bandwidths: readonly number[];
  /** How long health and log are kept. */
  readonly retentionDays: number;
  readonly leaveRelays: boolean;
  /** Opens /metrics and nothing else. */
  readonly metricsToken: string | undefined;
  readonly firstStart: {
    readonly adminPassword: string | undefined;
    readonly secretId: string | undefined;
    readonly secretKey: string | undefined;
  };
}

/** Each setting, once: the README's table and .env.example are tested against this list. */
export const settings = [
  {
    key: 'STREAMLINK_HOST',
    initial: '127.0.0.1',
    about: 'Address on which console and API listen; 0.0.0.0 opens them to the network.',
  },
  { key: 'STREAMLINK_PORT', initial: '8080', about: 'TCP port of console and API.' },
  { key: 'STREAMLINK_DATA', initial: './data', about: 'Folder for the database, keys, regions.json and relay logs.' },
  {
    key: 'STREAMLINK_PUBLIC_HOST',
    initial: '',
    about: "Address shown for pushes; empty: this machine's first address.",
  },
  { key: 'STREAMLINK_PUBLIC_URL', initial: '', about: "The console's https URL where a TLS proxy stands before it." },
  { key: 'STREAMLINK_PORT_RANGE', initial: '20000-20999', about: 'UDP ports for inputs and for hops between regions.' },
  { key: 'STREAMLINK_RTMP_PORT_RANGE', initial: '1935-1999', about: 'TCP ports for RTMP pushes: one a relay.' },
  { key: 'STREAMLINK_BANDWIDTHS', initial: '10,20,50', about: 'Maximum bandwidths on offer, in Mbps.' },
  {
    key: 'STREAMLINK_RETENTION_DAYS',
    initial: String(RETENTION_DAYS),
    about: 'Days for which health and log are kept: 1 to 90.',
  },
  {
    key: 'STREAMLINK_ADMIN_PASSWORD',
    initial: '',
    about: 'First start only: the console password; empty: one is made and printed.',
  },
  {
    key: 'STREAMLINK_SECRET_ID',
    initial: '',
    about: 'First start only: id of the API key; empty: one is made and printed.',
  },
  {
    key: 'STREAMLINK_SECRET_KEY',
    initial: '',
    about: 'First start only: secret of the API key; empty: one is made and printed.',
  },
  {
    key: 'STREAMLINK_LEAVE_RELAYS',
    initial: 'no',
    about: 'yes: a polite stop of the server leaves its relays running.',
  },
  {
    key: 'STREAMLINK_METRICS_TOKEN',
    initial: '',
    about: 'Bearer token that opens /metrics and nothing else; empty: made by the API.',
  },
  { key: 'DATABASE_URL', initial: '', about: 'libSQL URL; empty: the file streamlink.db in the data folder.' },
] as const;

type Key = (typeof settings)[number]['key'];

const optional = z.string().transform((text) => text || undefined);

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'is a port number, such as 8080')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65535, 'is 1 to 65535');

const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'is two ports with a dash, such as 20000-20999')
  .transform((text) => {
    const [first = 0, last = 0] = text.split('-').map(Number);
    return { first, last };
  })
  .refine(
    ({ first, last }) => first >= 1024 && last <= 65535 && last > first,
    'lies within 1024-65535, the lower port first',
  );

const retentionDays = z
  .string()
  .regex(/^\d{1,2}$/, 'is a number of days, such as 7')
  .transform(Number)
  .refine((days) => days >= 1 && days <= 90, 'is 1 to 90');

const bandwidths = z
  .string()
  .regex(/^\d{1,4}(,\d{1,4})*$/, 'is a list of whole Mbps, such as 10,20')
  .transform((text) => [...new Set(text.split(',').map((mbps) => Number(mbps) * 1_000_000))].sort((a, b) => a - b))
  .refine((list) => list.every((value) => value > 0), 'has no zero');

const shape = {
  STREAMLINK_HOST: z.string().min(1, 'is an address'),
  STREAMLINK_PORT: port,
  STREAMLINK_DATA: z
    .string()
    .min(1, 'is a folder')
    .transform((path) => resolve(path)),
  STREAMLINK_PUBLIC_HOST: optional.refine(
    (host) => !host || isHostText(host),
    'is an address or a host name, without port',
  ),
  STREAMLINK_PUBLIC_URL: optional.refine(
    (url) => !url || (URL.canParse(url) && new URL(url).protocol === 'https:'),
    'is a URL, such as https://streamlink.example',
  ),
  STREAMLINK_PORT_RANGE: portRange,
  STREAMLINK_RTMP_PORT_RANGE: portRange,
  STREAMLINK_BANDWIDTHS: bandwidths,
  STREAMLINK_RETENTION_DAYS: retentionDays,
  STREAMLINK_ADMIN_PASSWORD: optional.refine((text) => !text || text.length >= 10, 'has 10 characters or more'),
  STREAMLINK_SECRET_ID: optional.refine(
    (text) => !text || /^[\w-]{8,64}$/.test(text),
    'has 8 to 64 letters, digits, _ or -',
  ),
  STREAMLINK_SECRET_KEY: optional.refine((text) => !text || text.length >= 16, 'has 16 characters or more'),
  STREAMLINK_LEAVE_RELAYS: z.enum(['yes', 'no'], 'is yes or no').transform((word) => word === 'yes'),
  STREAMLINK_METRICS_TOKEN: optional.refine(
    (text) => !text || /^[\w.~+/-]{16,200}$/.test(text),
    'has 16 to 200 letters, digits or one of . _ ~ + / -',
  ),
  DATABASE_URL: optional.refine(
    (url) => !url || /^(file|https?|libsql|wss?):/.test(url),
    'is a libSQL URL, such as file:/srv/streamlink.db',
  ),
} satisfies Record<Key, z.ZodType>;

/** Thrown with one line for each setting that is wrong. The values are not repeated: some are secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** An empty variable counts as absent. Throws a ConfigError that names every wrong key. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(settings.map(({ key, initial }) => [key, environment[key] || initial]));
  const result = z.object(shape).safeParse(given);
  if (!result.success)
    throw new ConfigError(result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'));
  const value = result.data;
  return {
    host: value.STREAMLINK_HOST,
    port: value.STREAMLINK_PORT,
    dataFolder: value.STREAMLINK_DATA,
    databaseUrl: value.DATABASE_URL ?? pathToFileURL(join(value.STREAMLINK_DATA, 'streamlink.db')).href,
    publicHost: value.STREAMLINK_PUBLIC_HOST ?? firstAddress(),
    publicUrl: value.STREAMLINK_PUBLIC_URL,
    ports: value.STREAMLINK_PORT_RANGE,
    rtmpPorts: value.STREAMLINK_RTMP_PORT_RANGE,
    bandwidths: value.STREAMLINK_BANDWIDTHS,
    retentionDays: value.STREAMLINK_RETENTION_DAYS,
    leaveRelays: value.STREAMLINK_LEAVE_RELAYS,
    metricsToken: value.STREAMLINK_METRICS_TOKEN,
    firstStart: {
      adminPassword: value.STREAMLINK_ADMIN_PASSWORD,
      secretId: value.STREAMLINK_SECRET_ID,
      secretKey: value.STREAMLINK_SECRET_KEY,
    },
  };
}

const isHostText = (text: string): boolean => isIP(text) !== 0 || /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(text);

/** This machine's first IPv4 address that others can reach, or loopback where it has none. */
function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
