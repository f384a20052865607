/** Opens libSQL, brings its tables up to date, and gives the one lane in which everything is written. */
import { renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Client, createClient, LibsqlError } from '@libsql/client';
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import * as schema from './schema.ts';

export type Database = LibSQLDatabase<typeof schema>;

/** A lock held by somebody else is waited for this long; the wait blocks the event loop, so it is short. */
const BUSY_WAIT_MS = 250;

export interface OpenedDatabase {
  readonly db: Database;
  /** One write after the other. A busy database is fatal: `fatal` is called, since libSQL may lose later writes after it. */
  readonly write: <T>(work: () => Promise<T>) => Promise<T>;
  /** How many writes there have been: another number, another content. */
  readonly writes: () => number;
  /** Keeps a sound copy at this path. Rejects where there is no room for it; the copy before is then still there. */
  readonly copyTo: (path: string) => Promise<void>;
  readonly close: () => void;
}

/** Thrown when the file is no sound database. It is left as it is: nothing is repaired, and nothing put in its place. */
export class DatabaseDamaged extends Error {
  override readonly name = 'DatabaseDamaged';
}

/** `migrations` is the folder of generated SQL. Rejects with DatabaseDamaged, or when the file cannot be opened. */
export async function openDatabase(
  url: string,
  migrations: string,
  fatal: (error: unknown) => void,
): Promise<OpenedDatabase> {
  const client = createClient({ url, timeout: BUSY_WAIT_MS });
  if (url.startsWith('file:')) {
    await checkSound(client);
    await tune(client);
  }
  const db = drizzle(client, { schema });
  await migrate(db, { migrationsFolder: migrations });
  const lane = createLane(fatal);
  let writes = 0;
  return {
    db,
    write: (work) => {
      writes++;
      return lane(work);
    },
    writes: () => writes,
    copyTo: (path) => lane(() => copyTo(client, path)),
    close: () => client.close(),
  };
}

/** Source: libsql-client-ts issue 352: after one SQLITE_BUSY a file client may resolve writes that are never committed. */
function createLane(fatal: (error: unknown) => void): OpenedDatabase['write'] {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = tail.then(work);
    tail = run.catch((error: unknown) => {
      if (isBusy(error)) fatal(error);
    });
    return run;
  };
}

/** Reads every page once: some milliseconds, for flows, keys and sessions are all that is in here. */
async function checkSound(client: Client): Promise<void> {
  try {
    const { rows } = await client.execute('PRAGMA quick_check(1)');
    const found = rows[0]?.['quick_check'];
    if (found !== 'ok') throw new DatabaseDamaged(typeof found === 'string' ? found : 'nothing was found out');
  } catch (error) {
    if (error instanceof Error && /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error)))
      throw new DatabaseDamaged(error.message, { cause: error });
    throw error;
  }
}

/** A sound copy of the whole database at `path`, which replaces the one before only once it is complete. */
async function copyTo(client: Client, path: string): Promise<void> {
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  await client.execute({ sql: 'VACUUM INTO ?', args: [fresh] });
  renameSync(fresh, path);
}

async function tune(client: Client): Promise<void> {
  await client.execute('PRAGMA journal_mode = WAL');
}

function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/** True where the disk, not the request, is at fault: the change was not made and may be tried again later. */
export function isStorageFault(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|READONLY|CORRUPT)/.test(codeOf(error));
}

/** drizzle wraps libSQL's error in its own, but `db.batch` throws it bare; and libSQL's has a cause of another class. */
function codeOf(error: unknown): string {
  if (error instanceof LibsqlError) return error.code;
  return error instanceof Error ? codeOf(error.cause) : '';
}

/** The migrations folder beside the package, from the sources and from a bundle alike. */
export const migrationsBeside = (packageRoot: URL): string => fileURLToPath(new URL('db/migrations', packageRoot));
