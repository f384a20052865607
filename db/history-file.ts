/** One libSQL file of the history on one connection: opened when first used, reopened when busy, set aside when corrupt. */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Client,
  createClient,
  type InArgs,
  type InStatement,
  LibsqlError,
  type Row,
  type Value,
} from '@libsql/client';

/** A lock held by somebody else is waited for this long; the wait blocks only the worker that waits. */
const BUSY_WAIT_MS = 250;

/** `held`: the disk is full, read-only or failing, or the lock is another's: it may be tried again later. */
export type FileFault = 'held' | 'corrupt';

/** What is wrong with the file, or undefined where the error is not the file's: a bug. */
export function faultOf(error: unknown): FileFault | undefined {
  if (!(error instanceof LibsqlError)) return undefined;
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) return 'corrupt';
  return /^SQLITE_(BUSY|FULL|IOERR|READONLY|CANTOPEN|LOCKED|PROTOCOL)/.test(error.code) ? 'held' : undefined;
}

/** What is run on each new connection of the file's one writer. NORMAL: a power cut may cost the last commits, a kill none. */
export const forWriting = (tables: readonly string[]): readonly string[] => [
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = NORMAL',
  'PRAGMA journal_size_limit = 16777216',
  ...tables,
];

export const forReading: readonly string[] = ['PRAGMA query_only = 1'];

/** Calls must not overlap. Everything blocks the thread that calls it. */
export class HistoryFile {
  readonly path: string;
  readonly #prepare: readonly string[];
  #client: Client | undefined;
  #inode = 0;

  constructor(path: string, prepare: readonly string[]) {
    this.path = path;
    this.#prepare = prepare;
  }

  /** Which file it is that we opened last, whatever it is called by now; 0 where none was. */
  get inode(): number {
    return this.#inode;
  }

  /** All or nothing. Rejects with libSQL's error, when busy only after a second try on a new connection. */
  async run(statements: readonly InStatement[]): Promise<void> {
    await this.#twice(async (client) => {
      await client.batch([...statements], 'write');
    });
  }

  /** Rejects as `run` does. */
  async rows(sql: string, args: InArgs = []): Promise<readonly Row[]> {
    return this.#twice(async (client) => (await client.execute({ sql, args })).rows);
  }

  /** The next call opens the file anew. */
  reopen(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  /** Leaves a file that needs no recovery. */
  async close(): Promise<void> {
    try {
      await this.#client?.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // The log of writes stays beside the file and is read again at the next start.
    }
    this.reopen();
  }

  /** The file gets another name and the next call begins a new one. Returns that name; an older file set aside is deleted. */
  setAside(now: Date): string {
    this.reopen();
    const folder = dirname(this.path);
    const marked = `${basename(this.path)}.corrupt-`;
    for (const name of readdirSync(folder)) if (name.startsWith(marked)) rmSync(join(folder, name), { force: true });
    const aside = join(folder, `${marked}${now.toISOString().replaceAll(':', '-')}`);
    renameSync(this.path, aside);
    rmSync(`${this.path}-shm`, { force: true });
    rmSync(`${this.path}-wal`, { force: true });
    return aside;
  }

  /** Source: libsql-client-ts issue 352: after one SQLITE_BUSY a connection may resolve writes that are never committed. */
  async #twice<T>(work: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await this.#once(work);
    } catch (error) {
      if (!isBusy(error)) throw error;
      return this.#once(work);
    }
  }

  async #once<T>(work: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#open());
    } catch (error) {
      if (faultOf(error)) this.reopen();
      throw error;
    }
  }

  async #open(): Promise<Client> {
    if (this.#client) return this.#client;
    const client = createClient({ url: pathToFileURL(this.path).href, timeout: BUSY_WAIT_MS, concurrency: 1 });
    this.#inode = statSync(this.path).ino;
    try {
      for (const statement of this.#prepare) await client.execute(statement);
    } catch (error) {
      client.close();
      throw error;
    }
    this.#client = client;
    return client;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof LibsqlError && error.code.startsWith('SQLITE_BUSY');
}

/** A column's value as what its table says it is. They throw where it is not: the file was written by something else. */
export function bytesOf(value: Value | undefined): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError('A column of the history holds no bytes.');
}

export function numberOf(value: Value | undefined): number {
  if (typeof value === 'number') return value;
  throw new TypeError('A column of the history holds no number.');
}

export function textOf(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw new TypeError('A column of the history holds no text.');
}
