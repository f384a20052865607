import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backupOf, damagedWords, keepBackups } from '../../server/backup.ts';
import { temporaryFolder } from '../kit/temporary.ts';

describe('the backup', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A database whose copies succeed until `fails` is set. */
  function open() {
    const copied: string[] = [];
    const told: string[] = [];
    const database = { count: 0, fails: false };
    const timer = keepBackups(
      {
        writes: () => database.count,
        copyTo: async (path) => {
          if (database.fails) throw new Error('SQLITE_FULL');
          copied.push(path);
        },
      },
      '/data/copy',
      (what, detail) => told.push(`${what}: ${String(detail['reason'])}`),
    );
    return { copied, database, told, timer };
  }

  it('is made at once, and after a change, and not where nothing has changed', async () => {
    const { copied, database, timer } = open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(copied).toHaveLength(1);
    database.count++;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(copied).toEqual(['/data/copy', '/data/copy']);
    clearInterval(timer);
  });

  it('that fails is told, and made later when there is room', async () => {
    const { copied, database, told, timer } = open();
    database.fails = true;
    database.count++;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual(['the database was not backed up: SQLITE_FULL']);
    database.fails = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(copied).toHaveLength(2);
    clearInterval(timer);
  });
});

describe('what is said of a damaged database', () => {
  it('names the file, the newest backup and the commands', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'streamlink.db');
    const config = { databaseUrl: `file://${file}` };
    writeFileSync(`${file}.backup`, '');
    expect(backupOf(config)).toBe(`${file}.backup`);
    const words = damagedWords(config, 'file is not a database');
    expect(words).toContain(`The database ${file} is damaged (file is not a database).`);
    expect(words).toContain(`The newest backup is ${file}.backup, of 20`);
    expect(words).toContain(`cp '${file}.backup' '${file}' && npm start`);
  });

  it('says so where there is no backup', () => {
    expect(damagedWords({ databaseUrl: 'file:///nowhere/streamlink.db' }, 'x')).toContain(
      'There is no backup beside it',
    );
  });

  it('has no backup beside a database on another machine', () => {
    expect(backupOf({ databaseUrl: 'libsql://db.example' })).toBeUndefined();
  });
});
