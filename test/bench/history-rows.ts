/** What the history is measured against: one row a second in a table of (channel, at), as plain as it gets. */
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Client, createClient } from '@libsql/client';
import type { HealthValues } from '../../db/history-fields.ts';
import { fields } from './history-noise.ts';

const ROWS_A_STATEMENT = 2000;

export interface Rows {
  readonly client: Client;
  readonly bytes: number;
  readonly rows: number;
  readonly microsecondsARow: number;
}

/** `channels` channels of one day from `from` (epoch s). */
export async function makeRows(
  path: string,
  channels: number,
  from: number,
  pool: readonly HealthValues[],
): Promise<Rows> {
  const client = createClient({ url: pathToFileURL(path).href });
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('PRAGMA synchronous = NORMAL');
  const columns = fields.map((field) => `${field} REAL`).join();
  await client.execute(
    `CREATE TABLE rows (channel INTEGER, at INTEGER, ${columns}, PRIMARY KEY (channel, at)) WITHOUT ROWID`,
  );
  const picks = fields.map((_, index) => `value ->> ${index + 2}`).join();
  const insert = `INSERT INTO rows SELECT value ->> 0, value ->> 1, ${picks} FROM json_each(?)`;
  const seconds = Math.floor(ROWS_A_STATEMENT / channels);
  const start = performance.now();
  for (let second = 0; second < 86_400; second += seconds) {
    const rows = Array.from({ length: seconds * channels }, (_, index) => {
      const at = second + Math.floor(index / channels);
      const values = pool[(at + index * 997) % pool.length];
      return [index % channels, from + at, ...fields.map((field) => values?.[field] ?? null)];
    });
    await client.execute({ sql: insert, args: [JSON.stringify(rows)] });
  }
  const microsecondsARow = ((performance.now() - start) * 1000) / (86_400 * channels);
  await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
  return { client, bytes: statSync(path).size, rows: 86_400 * channels, microsecondsARow };
}

/** A day of one channel as rows. */
export async function readRows({ client }: Rows, from: number, wanted: readonly string[]): Promise<number> {
  const sql = `SELECT at, ${wanted.join()} FROM rows WHERE channel = 1 AND at >= ? AND at < ? ORDER BY at`;
  return (await client.execute({ sql, args: [from, from + 86_400] })).rows.length;
}

/** The same as one text that SQLite builds: the fastest that rows were found to be. */
export async function readRowsAsText({ client }: Rows, from: number, wanted: readonly string[]): Promise<number> {
  const sql = `SELECT json_group_array(json_array(at, ${wanted.join()})) AS text FROM rows
    WHERE channel = 1 AND at >= ? AND at < ?`;
  const text = (await client.execute({ sql, args: [from, from + 86_400] })).rows[0]?.text;
  return typeof text === 'string' ? text.length : 0;
}

/** What a file would have without its free pages. */
export async function usedBytes(path: string): Promise<number> {
  const client = createClient({ url: pathToFileURL(path).href });
  const { rows } = await client.execute(
    'SELECT (page_count - freelist_count) * page_size AS bytes FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
  );
  client.close();
  return Number(rows[0]?.bytes);
}
