/** The copy of the database that is kept beside it, and what an operator is told when the database is damaged. */
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { OpenedDatabase } from '../db/open.ts';
import type { Config } from './config.ts';

/** A change is in the copy after this long at most. The copy of a thousand flows is a megabyte or two. */
const LOOK_MS = 10_000;

/** The server does not start: what stands in the way, and how to mend it. */
export class DamagedStore extends Error {
  override readonly name = 'DamagedStore';
}

/** Where the copy lies; undefined where the database is no file of this machine. */
export function backupOf({ databaseUrl }: Pick<Config, 'databaseUrl'>): string | undefined {
  return databaseUrl.startsWith('file:') ? `${fileURLToPath(databaseUrl)}.backup` : undefined;
}

/** One copy now, when the database was just found to be sound, and one after changes. A copy that fails is told. */
export function keepBackups(
  { copyTo, writes }: Pick<OpenedDatabase, 'copyTo' | 'writes'>,
  path: string,
  complain: (what: string, detail: Record<string, unknown>) => void,
): NodeJS.Timeout {
  let copied = -1;
  const keep = async (): Promise<void> => {
    const now = writes();
    if (now === copied) return;
    try {
      await copyTo(path);
      copied = now;
    } catch (error) {
      complain('the database was not backed up', { reason: error instanceof Error ? error.message : String(error) });
    }
  };
  void keep();
  return setInterval(() => void keep(), LOOK_MS);
}

/** What is wrong, that nothing was changed, and the commands that put the backup in place. */
export function damagedWords(config: Pick<Config, 'databaseUrl'>, found: string): string {
  const backup = backupOf(config) ?? '';
  const file = backup.replace(/\.backup$/, '');
  const at = statSync(backup, { throwIfNoEntry: false })?.mtime.toISOString();
  const copy = at ? `The newest backup is ${backup}, of ${at}.` : `There is no backup beside it; use one of your own.`;
  return [
    `The database ${file} is damaged (${found}). It was left as it is, and flows that run go on running.`,
    copy,
    'To put it in place, with what changed since then lost:',
    `  mv '${file}' '${file}.damaged' && rm -f '${file}-wal' '${file}-shm'`,
    `  cp '${at ? backup : 'your-backup.db'}' '${file}' && npm start`,
  ].join('\n');
}
