/** Folders and databases that are gone after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { type OpenedDatabase, openDatabase } from '../../db/open.ts';

export const MIGRATIONS = 'db/migrations';

/** Call it within a test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'streamlink-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TemporaryDatabase extends OpenedDatabase {
  readonly file: string;
  /** What was told as fatal. */
  readonly fatal: unknown[];
}

/** Call it within a test. */
export async function temporaryDatabase(folder = temporaryFolder()): Promise<TemporaryDatabase> {
  const fatal: unknown[] = [];
  const file = join(folder, 'streamlink.db');
  const opened = await openDatabase(pathToFileURL(file).href, MIGRATIONS, (error) => fatal.push(error));
  onTestFinished(() => opened.close());
  return { ...opened, file, fatal };
}
