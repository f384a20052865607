import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkReadable, readFact, writeFact } from '../../db/access.ts';
import { loadFlows, type Seals, saveFlow } from '../../db/flows.ts';
import { DatabaseDamaged, isStorageFault, openDatabase } from '../../db/open.ts';
import { openStore } from '../../server/store.ts';
import { flow, output } from '../kit/samples.ts';
import { MIGRATIONS, temporaryDatabase, temporaryFolder } from '../kit/temporary.ts';

const plain: Seals = { seal: (secret) => secret, open: (sealed) => sealed };
const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  );

/** Another program that writes to the same file, for the length of the test. */
async function lock(file: string): Promise<void> {
  const other = createClient({ url: `file:${file}` });
  const transaction = await other.transaction('write');
  await transaction.execute("INSERT INTO facts VALUES ('held', 'by another')");
  onTestFinished(() => {
    transaction.close();
    other.close();
  });
}

describe('opening the database', () => {
  it('makes its tables', async () => {
    const { db } = await temporaryDatabase();
    expect(await loadFlows(db, plain)).toEqual([]);
  });

  it('changes nothing the second time', async () => {
    const folder = temporaryFolder();
    const first = await temporaryDatabase(folder);
    await saveFlow(first.db, plain, flow());
    first.close();
    const second = await temporaryDatabase(folder);
    expect(await loadFlows(second.db, plain)).toEqual([flow()]);
  });

  it('keeps a write-ahead log, so that readers do not wait for writers', async () => {
    const { db } = await temporaryDatabase();
    expect(await db.all('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  });

  it('is refused for a file that is no database', async () => {
    const file = join(temporaryFolder(), 'streamlink.db');
    writeFileSync(file, 'This is no database, but it is long enough to be taken for one. '.repeat(100));
    await expect(openDatabase(`file:${file}`, MIGRATIONS, () => {})).rejects.toThrow(/not a database/);
  });

  it('is refused for one with a damaged page, which is left as it is', async () => {
    const first = await temporaryDatabase();
    await saveFlow(first.db, plain, flow());
    await first.db.run('PRAGMA wal_checkpoint(TRUNCATE)');
    first.close();
    const bytes = readFileSync(first.file);
    bytes.fill(0xa5, 4096, 8192);
    writeFileSync(first.file, bytes);
    await expect(openDatabase(`file:${first.file}`, MIGRATIONS, () => {})).rejects.toThrow(DatabaseDamaged);
    expect(readFileSync(first.file).equals(bytes)).toBe(true);
  });

  it('can be copied, and the copy opens with what was in it', async () => {
    const { db, copyTo, file } = await temporaryDatabase();
    await saveFlow(db, plain, flow());
    await copyTo(`${file}.backup`);
    const copy = await openDatabase(`file:${file}.backup`, MIGRATIONS, () => {});
    onTestFinished(() => copy.close());
    expect(await loadFlows(copy.db, plain)).toEqual([flow()]);
  });

  it('keeps the copy before where a new one fails', async () => {
    const { copyTo, file } = await temporaryDatabase();
    const backup = join(temporaryFolder(), 'backup');
    await copyTo(backup);
    mkdirSync(`${backup}.new`);
    await expect(copyTo(backup)).rejects.toThrow(/EISDIR|ERR_FS_EISDIR|directory/i);
    expect(existsSync(backup)).toBe(true);
    expect(existsSync(file)).toBe(true);
  });

  it.each(['a b', 'a%20b', 'a#b', 'ä'])('finds its file in a folder named %s', async (name) => {
    const folder = join(temporaryFolder(), name);
    mkdirSync(folder);
    const { db, file } = await temporaryDatabase(folder);
    await checkReadable(db);
    expect(existsSync(file)).toBe(true);
  });
});

describe('the write lane', () => {
  it('does one write after the other', async () => {
    const { write } = await temporaryDatabase();
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
    };
    await Promise.all([write(work('a')), write(work('b'))]);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('goes on after a write that failed', async () => {
    const { fatal, write } = await temporaryDatabase();
    const failed = write(async () => {
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await write(async () => 'yes')).toBe('yes');
    expect(fatal).toEqual([]);
  });

  it('calls a busy database fatal when a single write meets it', async () => {
    const { db, fatal, file, write } = await temporaryDatabase();
    await lock(file);
    await reasonOf(write(() => writeFact(db, 'key', 'value')));
    expect(fatal).toHaveLength(1);
  });

  // A finding: db.batch throws a LibsqlError whose cause is no LibsqlError, and only the cause is looked at.
  it('calls a busy database fatal when a flow is saved', async () => {
    const { db, fatal, file, write } = await temporaryDatabase();
    await lock(file);
    await reasonOf(write(() => saveFlow(db, plain, flow())));
    expect(fatal).toHaveLength(1);
  });
});

describe('a full disk', () => {
  /** SQLite says the same of a file that may not grow as of a disk that is full. */
  async function full() {
    const opened = await temporaryDatabase();
    await opened.db.run('PRAGMA max_page_count = 1');
    return opened;
  }
  const large = flow({ name: 'x'.repeat(100_000), outputs: [output()] });

  it('is told from other faults when a fact is written', async () => {
    const { db } = await full();
    expect(isStorageFault(await reasonOf(writeFact(db, 'key', 'x'.repeat(100_000))))).toBe(true);
  });

  // A finding: as above, so that a save on a full disk answers 500 and not 507.
  it('is told from other faults when a flow is saved', async () => {
    const { db } = await full();
    expect(isStorageFault(await reasonOf(saveFlow(db, plain, large)))).toBe(true);
  });

  it('is a refusal that says what to do, and changes nothing', async () => {
    const opened = await temporaryDatabase();
    const store = await openStore(opened, plain);
    await opened.db.run('PRAGMA max_page_count = 1');
    await expect(store.save(large)).rejects.toMatchObject({ code: 'storage-fault' });
    expect(store.all()).toEqual([]);
  });

  it('leaves what was kept before readable', async () => {
    const opened = await temporaryDatabase();
    await writeFact(opened.db, 'key', 'value');
    await opened.db.run('PRAGMA max_page_count = 1');
    await reasonOf(saveFlow(opened.db, plain, large));
    expect(await readFact(opened.db, 'key')).toBe('value');
  });

  it('is not what a port that is taken is called', async () => {
    const { db } = await temporaryDatabase();
    await saveFlow(db, plain, flow());
    expect(isStorageFault(await reasonOf(saveFlow(db, plain, flow({ id: 'flow-2' }))))).toBe(false);
  });
});
