/** Everything that is wrong with a draft, told at once: what its schema says, and what the rules say of the rest. */
import type { z } from 'zod';
import { latency, multicastTtl } from '../relay/contract/settings.ts';
import { faultsOf } from './drafts.ts';
import { type FieldFault, Refusal } from './refusal.ts';

/**
 * The checked draft; a Refusal with every fault where there is one. `rules` rejects with a Refusal where they say no.
 * They need a whole draft: what the schema found wrong is stood in for, and what they say of a stand-in is left out.
 */
export async function parseWhole<S extends z.ZodType>(
  schema: S,
  value: unknown,
  rules: (draft: z.output<S>) => Promise<void>,
): Promise<z.output<S>> {
  const result = schema.safeParse(value);
  if (result.success) {
    await rules(result.data);
    return result.data;
  }
  const faults = faultsOf(result.error);
  const mended = schema.safeParse(
    faults.reduce<unknown>((whole, { field }) => standIn(whole, field.split('.')), value),
  );
  const refusal = mended.success ? await refusalOf(() => rules(mended.data)) : undefined;
  if (refusal && refusal.faults.length === 0) throw refusal;
  const told = new Set(faults.map(({ field }) => field));
  const further = (refusal?.faults ?? []).filter(({ field }) => !told.has(field));
  throw new Refusal('invalid-fields', [...faults, ...further]);
}

/** What is wrong, or nothing. A Refusal of the whole, such as that the flow runs, is no fault of a field. */
export async function faultsIn(check: () => Promise<unknown>): Promise<readonly FieldFault[]> {
  return (await refusalOf(check))?.faults ?? [];
}

async function refusalOf(work: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** By the last part of a field's path. Hosts differ by path, so that no two stand-ins are one destination. */
const standIns: Readonly<Record<string, (path: readonly string[]) => unknown>> = {
  name: () => 'x',
  description: () => '',
  regionId: () => 'x',
  maxBitrate: () => 1,
  latencyMs: () => latency.initial,
  ttl: () => multicastTtl.initial,
  allowlist: () => ['0.0.0.0/0'],
  encryption: () => undefined,
  passphrase: () => 'xxxxxxxxxx',
  keyLength: () => 128,
  // Source of the ending, which no host has: RFC 2606 section 2.
  host: (path) => `${path.join('-')}.invalid`,
  port: () => 1,
  url: (path) => `rtmp://${path.join('-')}.invalid/x`,
  streamKey: () => 'x',
};

/** The value with a stand-in at `path`; itself where there is none for it. */
function standIn(value: unknown, path: readonly string[]): unknown {
  const make = standIns[path.at(-1) ?? ''];
  return make ? replaced(value, path, make(path)) : value;
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  const entries = new Map<string, unknown>(Object.entries(value));
  entries.set(key, replaced(entries.get(key), rest, by));
  return Object.fromEntries(entries);
}
