/** The regions an operator offers, from the settings file regions.json in the data folder. */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Region } from '../db/model.ts';
import { ConfigError } from './config.ts';

/** The guide's five; written at the first start, the operator's to edit from then on. */
const guideRegions: readonly Region[] = [
  { id: 'east-china', name: 'East China' },
  { id: 'asia', name: 'Asia' },
  { id: 'hk-mo-tw', name: 'Hong Kong/Macao/Taiwan (China)' },
  { id: 'us-west', name: 'West US' },
  { id: 'europe', name: 'Europe' },
];

const regionsSchema = z
  .array(
    z
      .object({
        id: z
          .string()
          .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'An id has 1 to 40 lower-case letters, digits and dashes.'),
        name: z.string().trim().min(1).max(64),
      })
      .strict(),
  )
  .min(1, 'There must be one region at least.')
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'Two regions have the same id.');

/** Throws with the file's name and what is wrong in it, or when a region that a flow uses is missing. */
export function readRegions(path: string, inUse: ReadonlySet<string>): readonly Region[] {
  const regions = parse(path, readOrMake(path));
  const missing = [...inUse].filter((id) => !regions.some((region) => region.id === id));
  if (missing.length > 0)
    throw new ConfigError(
      `${path}: flows still use ${missing.join(', ')}. Put the region back, or delete those flows first.`,
    );
  return regions;
}

function readOrMake(path: string): string {
  try {
    writeFileSync(path, `${JSON.stringify(guideRegions, null, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(path, 'utf8');
}

function parse(path: string, text: string): readonly Region[] {
  try {
    return regionsSchema.parse(JSON.parse(text));
  } catch (error) {
    const words =
      error instanceof z.ZodError
        ? error.issues.map(({ path: at, message }) => `${at.join('.')} ${message}`).join('; ')
        : String(error);
    throw new ConfigError(`${path}: ${words}`, { cause: error });
  }
}
