import { LibsqlError } from '@libsql/client';
import { describe, expect, it } from 'vitest';
import { HELD_MS, HeldWrites } from '../../db/history-held.ts';
import type { HistoryFault } from '../../db/history-model.ts';

/** A file whose disk does as it is told: each commit that is tried takes the next of `faults`, and then none. */
function held(...faults: string[]) {
  const committed: string[] = [];
  const told: HistoryFault[] = [];
  let setAside = 0;
  const writes = new HeldWrites<string, number>({
    file: 'log',
    sizeOf: (item) => item.length,
    commit: async (items) => {
      const fault = faults.shift();
      if (fault) throw new LibsqlError(fault, fault);
      committed.push(...items);
      return items.map((item) => item.length);
    },
    setAside: async () => {
      setAside++;
    },
    tell: (fault) => told.push(fault),
  });
  return { writes, committed, codes: () => told.map(({ code }) => code), told, setAside: () => setAside };
}

const reasonOf = (failing: Promise<unknown>): Promise<unknown> => failing.catch((error: unknown) => error);

const FULL = 'SQLITE_FULL';

describe('a write', () => {
  it('that the disk does not take is kept and written later, in its order', async () => {
    const { writes, committed, codes } = held(FULL, FULL);
    const results = Promise.all([writes.add('first', 0), writes.add('second', 0)]);
    await writes.flush(0);
    await writes.flush(1000);
    expect(committed).toEqual([]);
    await writes.flush(2000);
    expect(await results).toEqual([5, 6]);
    expect(committed).toEqual(['first', 'second']);
    expect(codes()).toEqual(['storage-failed', 'storage-mended']);
  });

  it('is given up after a minute, the oldest first, and counted', async () => {
    const { writes, committed, told } = held(FULL);
    const old = reasonOf(writes.add('old', 0));
    const young = writes.add('young', 1);
    await writes.flush(HELD_MS);
    expect(await old).toMatchObject({ code: 'dropped' });
    await writes.flush(HELD_MS);
    expect(await young).toBe(5);
    expect(committed).toEqual(['young']);
    expect(told).toContainEqual(expect.objectContaining({ code: 'dropped', file: 'log', count: 1 }));
  });

  it('is given up earlier when too much is held', async () => {
    const { writes } = held(FULL);
    const half = 'x'.repeat(40_000_000);
    const first = reasonOf(writes.add(half, 0));
    const second = writes.add(half, 0);
    await writes.flush(0);
    expect(await first).toMatchObject({ code: 'dropped' });
    await writes.flush(0);
    expect(await second).toBe(half.length);
  });

  it('to a corrupt file goes to the new one', async () => {
    const { writes, committed, setAside } = held('SQLITE_CORRUPT');
    const result = writes.add('it', 0);
    await writes.flush(0);
    await result;
    expect([committed, setAside()]).toEqual([['it'], 1]);
  });

  it('to a disk on which every file is corrupt is held, and only one file is set aside', async () => {
    const { writes, codes, setAside } = held('SQLITE_CORRUPT', 'SQLITE_CORRUPT', 'SQLITE_NOTADB');
    const result = writes.add('it', 0);
    await writes.flush(0);
    await writes.flush(1000);
    expect([codes(), setAside()]).toEqual([['storage-failed'], 1]);
    await writes.flush(2000);
    expect(await result).toBe(2);
  });

  it('that fails by itself does not take the others with it', async () => {
    const { writes, committed } = held('SQLITE_CONSTRAINT', 'SQLITE_CONSTRAINT');
    const lost = reasonOf(writes.add('lost', 0));
    const kept = writes.add('kept', 0);
    await writes.flush(0);
    expect(await lost).toMatchObject({ code: 'bug' });
    await kept;
    expect(committed).toEqual(['kept']);
  });
});
