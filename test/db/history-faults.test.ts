import { execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient, type ResultSet } from '@libsql/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type History, openHistory } from '../../db/history.ts';
import type { HistoryFault } from '../../db/history-model.ts';
import { builtWorkers, bundle, healthChannel, logEvent, temporaryHistory } from '../kit/history.ts';
import { must } from '../kit/must.ts';
import { run } from '../kit/program.ts';
import { temporaryFolder } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';

const PAGE = 4096;
const channel = healthChannel();
const past = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 6 * 3_600_000;

const write = (history: History, second: number) =>
  history.write([{ channel, at: past + second * 1000, values: { dropped: second } }]);

/** The first `seconds` seconds. */
async function dropped(history: History, seconds: number): Promise<readonly number[]> {
  const { columns } = await history.read({ channel, from: past, to: past + seconds * 1000, fields: ['dropped'] });
  return [...must(columns[0], 'column').values];
}

const codesOf = (faults: readonly HistoryFault[]): readonly string[] => faults.map(({ code }) => code);
const setAside = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.includes('.corrupt-'));

describe('a server that is killed in the middle of writing', () => {
  it('loses nothing that was acknowledged', { timeout: 60_000 }, async () => {
    const workers = await builtWorkers();
    const child = join(await bundle(['test/kit/history-writer-child.ts']), 'history-writer-child.js');
    for (const lines of [120, 333]) {
      const folder = temporaryFolder();
      const program = await run(process.execPath, [child, folder, workers, String(past)]);
      await until(`${lines} seconds are acknowledged`, () => program.words().split('\n').length > lines, 30);
      await program.end('SIGKILL');
      const last = Number(program.words().trim().split('\n').at(-1));
      const { history, faults } = await temporaryHistory({ folder });
      expect(await dropped(history, last + 1)).toEqual(Array.from({ length: last + 1 }, (_, second) => second));
      let events = 0;
      for await (const _ of history.eachEvent({ from: past, to: past + (last + 1) * 1000 })) events++;
      expect([events, faults]).toEqual([last + 1, []]);
      await history.close();
    }
  });
});

describe('a full disk', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'holds samples in memory, and they are written when there is room',
    { timeout: 30_000 },
    async () => {
      const folder = temporaryFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
      onTestFinished(() => {
        execFileSync('umount', ['-l', folder]);
      });
      const { history, faults } = await temporaryHistory({ folder });
      await write(history, 0);
      const ballast = join(folder, 'ballast');
      fillUp(ballast);
      const pending = Promise.all(Array.from({ length: 400 }, (_, index) => write(history, index + 1)));
      // A batch that compresses to nothing finds room in pages that are there already.
      const events = Array.from({ length: 4000 }, (_, seq) =>
        logEvent({ seq, at: past, facts: { noise: Math.random() } }),
      );
      const logged = history.append(events);
      await until('it is told', () => codesOf(faults).includes('storage-failed'));
      expect(await dropped(history, 1)).toEqual([0]);
      rmSync(ballast);
      await Promise.all([pending, logged]);
      expect(await dropped(history, 401)).toEqual(Array.from({ length: 401 }, (_, second) => second));
      expect(codesOf(faults)).toContain('storage-mended');
      await history.close();
    },
  );
});

describe('a file that is locked by somebody else', () => {
  it('is written when it is let go', { timeout: 20_000 }, async () => {
    const { history, folder, faults } = await temporaryHistory();
    await write(history, 0);
    const other = createClient({ url: pathToFileURL(join(folder, 'health.db')).href });
    const lock = await other.transaction('write');
    const written = write(history, 1);
    await until('it is told', () => codesOf(faults).includes('storage-failed'));
    await lock.rollback();
    other.close();
    await written;
    await write(history, 2);
    await history.close();
    const again = await temporaryHistory({ folder });
    expect(await dropped(again.history, 3)).toEqual([0, 1, 2]);
  });
});

describe('a corrupt file', () => {
  it('is set aside at the start, and a new one begun', async () => {
    const folder = temporaryFolder();
    for (const name of ['health.db', 'log.db']) writeFileSync(join(folder, name), 'no database '.repeat(1000));
    const { history, faults } = await temporaryHistory({ folder });
    await until('both are told', () => faults.length === 2);
    expect(codesOf(faults)).toEqual(['corrupt', 'corrupt']);
    expect(setAside(folder)).toHaveLength(2);
    await write(history, 0);
    await history.append([logEvent()]);
    expect(await dropped(history, 1)).toEqual([0]);
  });

  it('that is found while reading is replaced, and what was not sealed yet is kept', async () => {
    const first = await temporaryHistory();
    await write(first.history, 0);
    await first.history.seal();
    await first.history.close();
    const file = join(first.folder, 'health.db');
    const { rows } = await change(file, "SELECT rootpage FROM sqlite_schema WHERE name = 'blocks'");
    damagePage(file, Number(rows[0]?.rootpage));
    const { history, faults } = await temporaryHistory({ folder: first.folder });
    await write(history, 1);
    expect(await dropped(history, 2)).toEqual([Number.NaN, 1]);
    expect(codesOf(faults)).toEqual(['corrupt']);
    expect(setAside(first.folder)).toHaveLength(1);
    await history.seal();
    await history.close();
    const third = await temporaryHistory({ folder: first.folder });
    expect(await dropped(third.history, 2)).toEqual([Number.NaN, 1]);
  });

  it('that is damaged in one block shows it as a gap, and says so', async () => {
    const { history, folder, faults } = await temporaryHistory();
    await history.write([
      { channel, at: past, values: { dropped: 1 } },
      { channel, at: past + 600_000, values: { dropped: 2 } },
    ]);
    await history.seal();
    await change(
      join(folder, 'health.db'),
      'UPDATE blocks SET data = zeroblob(20) WHERE id = (SELECT min(id) FROM blocks)',
    );
    expect((await dropped(history, 601)).filter((value) => value > 0)).toEqual([2]);
    expect(faults).toMatchObject([{ code: 'unreadable', file: 'health', count: 1 }]);
  });
});

describe('a worker that dies', () => {
  /** A writer that ends itself at the first `deaths` calls of `mark`, and otherwise is the real one. */
  async function dyingWriter(deaths: number): Promise<{ history: History; faults: HistoryFault[] }> {
    const built = await builtWorkers();
    const workers = join(built, `dying-${process.pid}-${deaths}`);
    const folder = temporaryFolder();
    mkdirSync(workers, { recursive: true });
    onTestFinished(() => rmSync(workers, { recursive: true }));
    copyFileSync(join(built, 'history-reader.js'), join(workers, 'history-reader.js'));
    writeFileSync(
      join(workers, 'history-writer.js'),
      `import { appendFileSync, statSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       await import('../history-writer.js');
       parentPort.on('message', ({ name }) => {
         if (name !== 'mark') return;
         const count = ${JSON.stringify(join(folder, 'deaths'))};
         appendFileSync(count, 'x');
         if (statSync(count).size <= ${deaths}) throw new Error('It dies.');
       });`,
    );
    const faults: HistoryFault[] = [];
    const history = openHistory({ folder, workers, onFault: (fault) => faults.push(fault) });
    onTestFinished(() => history.close());
    return { history, faults };
  }

  it('is replaced, and its work is done by the next', async () => {
    const { history, faults } = await dyingWriter(1);
    await write(history, 0);
    await Promise.all([history.mark(channel, past), write(history, 1)]);
    expect(await dropped(history, 2)).toEqual([0, 1]);
    expect(codesOf(faults)).toEqual(['worker-died']);
  });

  it('of the same call twice is not given it a third time', async () => {
    const { history } = await dyingWriter(2);
    await expect(history.mark(channel, past)).rejects.toMatchObject({ name: 'HistoryError', code: 'unavailable' });
    await write(history, 0);
    expect(await dropped(history, 1)).toEqual([0]);
  });
});

describe('a worker that does not answer any more', () => {
  it('is told of and replaced, and its work is done by the next', { timeout: 30_000 }, async () => {
    const built = await builtWorkers();
    const workers = join(built, `hanging-${process.pid}`);
    const folder = temporaryFolder();
    mkdirSync(workers, { recursive: true });
    onTestFinished(() => rmSync(workers, { recursive: true }));
    copyFileSync(join(built, 'history-reader.js'), join(workers, 'history-reader.js'));
    writeFileSync(
      join(workers, 'history-writer.js'),
      `import { existsSync, writeFileSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       await import('../history-writer.js');
       const mark = ${JSON.stringify(join(folder, 'hung'))};
       parentPort.on('message', ({ name }) => {
         if (name !== 'mark' || existsSync(mark)) return;
         writeFileSync(mark, '');
         for (;;);
       });`,
    );
    const faults: HistoryFault[] = [];
    const history = openHistory({ folder, workers, hangMs: 1500, onFault: (fault) => faults.push(fault) });
    onTestFinished(() => history.close());
    await write(history, 0);
    await Promise.all([history.mark(channel, past), write(history, 1)]);
    expect(await dropped(history, 2)).toEqual([0, 1]);
    expect(codesOf(faults)).toEqual(['worker-died']);
    expect(faults[0]?.detail).toContain('no answer');
  });
});

describe('a history that is just opened', () => {
  it('takes calls before its files are open, and answers with all that was kept', { timeout: 30_000 }, async () => {
    const first = await temporaryHistory();
    await Promise.all(Array.from({ length: 300 }, (_, second) => write(first.history, second)));
    await first.history.close();
    const workers = await builtWorkers();
    const history = openHistory({ folder: first.folder, workers, onFault: () => undefined });
    onTestFinished(() => history.close());
    const [kept, page] = await Promise.all([dropped(history, 300), history.log({ from: past, to: past + 1000 })]);
    expect(kept).toEqual(Array.from({ length: 300 }, (_, second) => second));
    expect(page.events).toEqual([]);
  });
});

describe('closing', () => {
  it('commits what was written, and what comes later is refused', async () => {
    const { history, folder } = await temporaryHistory();
    const written = write(history, 0);
    await Promise.all([history.close(), history.close()]);
    await written;
    await expect(write(history, 1)).rejects.toMatchObject({ code: 'unavailable' });
    const again = await temporaryHistory({ folder });
    expect(await dropped(again.history, 1)).toEqual([0]);
  });
});

/** Writes until there is no room for one page more. */
function fillUp(path: string): void {
  const file = openSync(path, 'w');
  const page = Buffer.alloc(PAGE, 1);
  try {
    for (;;) writeSync(file, page);
  } catch {
    // The disk is full, as it was meant to be.
  } finally {
    closeSync(file);
  }
}

function damagePage(path: string, page: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(PAGE, 0xa5), 0, PAGE, (page - 1) * PAGE);
  closeSync(file);
}

async function change(path: string, sql: string): Promise<ResultSet> {
  const client = createClient({ url: pathToFileURL(path).href, timeout: 1000 });
  const result = await client.execute(sql);
  client.close();
  return result;
}
