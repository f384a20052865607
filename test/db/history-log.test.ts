import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { History } from '../../db/history.ts';
import type { LogEvent, LogQuery } from '../../db/history-model.ts';
import { csvLine } from '../../db/history-text.ts';
import { logEvent, temporaryHistory } from '../kit/history.ts';

const all: LogQuery = { flowId: 'flow-1', from: 0, to: 1000, order: 'oldest-first' };
const at = (seq: number, some: Partial<LogEvent> = {}): LogEvent => logEvent({ seq, at: seq, ...some });
const seqsOf = async (history: History, query: Partial<LogQuery> = {}): Promise<readonly number[]> =>
  (await history.log({ ...all, ...query })).events.map(({ seq }) => seq);

describe('the log', () => {
  it('gives events back as they were', async () => {
    const { history } = await temporaryHistory();
    const events = [
      at(1, { peer: { address: '2001:db8::7', port: 9000 }, count: 12, facts: { reason: 'idle', afterMs: 30_000 } }),
      at(2, { pipeline: 'backup', role: 'output', endpointId: 'output-1', name: '东 "1"' }),
    ];
    await history.append(events);
    expect(await history.log(all)).toEqual({ events });
  });

  it('keeps an event once, however often it is delivered', async () => {
    const { history } = await temporaryHistory();
    await history.append([at(1), at(2)]);
    await history.append([at(2), at(3), at(1, { boot: 'boot-2', at: 4 })]);
    expect(await seqsOf(history)).toEqual([1, 2, 3, 1]);
  });

  it('keeps each event once, in whatever order batches come and however often', async () => {
    const { history } = await temporaryHistory();
    const batches = fc.array(fc.array(fc.record({ seq: fc.nat(12), boot: fc.constantFrom('a', 'b') })), {
      maxLength: 8,
    });
    let flows = 0;
    await fc.assert(
      fc.asyncProperty(batches, async (list) => {
        const relay = `relay-${++flows}`;
        const events = list.map((batch) => batch.map(({ seq, boot }) => at(seq, { relay, boot, flowId: relay })));
        await Promise.all(events.map((batch) => history.append(batch)));
        const kept = (await history.log({ ...all, flowId: relay })).events.map(({ boot, seq }) => `${boot} ${seq}`);
        const wanted = new Set(events.flat().map(({ boot, seq }) => `${boot} ${seq}`));
        expect(kept.toSorted()).toEqual([...wanted].toSorted());
      }),
      { numRuns: 30 },
    );
  });

  it('is not held up by an event that cannot be kept', async () => {
    const { history } = await temporaryHistory();
    const broken = at(1, { count: Number.NaN });
    const [lost, kept] = await Promise.allSettled([history.append([broken]), history.append([at(2)])]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { name: 'HistoryError', code: 'bug' } });
    expect(kept.status).toBe('fulfilled');
    expect(await seqsOf(history)).toEqual([2]);
  });

  it('is pruned by the time of its events', async () => {
    const { history } = await temporaryHistory({ retentionDays: 1 });
    await history.append([at(1), at(2, { at: 500 })]);
    expect(await history.prune(86_400_000 + 400)).toMatchObject({ removed: 1 });
    expect(await seqsOf(history)).toEqual([2]);
  });
});

describe('a query of the log', () => {
  const events = [
    at(1, { name: 'Camera 100%', peer: { address: '203.0.113.7', port: 4000 } }),
    at(2, { pipeline: 'backup', code: 'refused', facts: { cause: 'passphrase-wrong' } }),
    at(3, { role: 'output', name: 'Youtube' }),
    at(4, { role: 'output', pipeline: 'backup', flowId: 'flow-2' }),
  ];

  it('is counted, whatever page of it is read', async () => {
    const { history } = await temporaryHistory();
    await history.append(events);
    expect(await history.countLog({ ...all, limit: 1, offset: 2 })).toBe(3);
    expect(await history.countLog({ ...all, types: ['input-backup'] })).toBe(1);
    expect(await history.countLog({ ...all, flowId: 'flow-9' })).toBe(0);
  });

  it.each([
    [0, 2, [1, 2]],
    [1, 2, [2, 3]],
    [2, 2, [3]],
    [3, 2, []],
  ])('passes over %i events and reads %i', async (offset, limit, seqs) => {
    const { history } = await temporaryHistory();
    await history.append(events);
    expect(await seqsOf(history, { offset, limit })).toEqual(seqs);
  });

  it.each<[string, Partial<LogQuery>, number[]]>([
    ['a flow', {}, [1, 2, 3]],
    ['every flow', { flowId: undefined }, [1, 2, 3, 4]],
    ['a range without its end', { from: 2, to: 3 }, [2]],
    ['types', { types: ['input-backup', 'output-primary'] }, [2, 3]],
    ['no type', { types: [] }, []],
    ['a name, in any case', { text: 'youTUBE' }, [3]],
    ['a code', { text: 'refus' }, [2]],
    ['a peer', { text: '113.7:4000' }, [1]],
    ['a fact', { text: 'passphrase' }, [2]],
    ['a sign that means something to SQL', { text: '%' }, [1]],
    ['another such sign', { text: '_' }, []],
    ['an empty text', { text: '' }, [1, 2, 3]],
    ['the newest first', { order: 'newest-first' }, [3, 2, 1]],
  ])('finds %s', async (_, query, seqs) => {
    const { history } = await temporaryHistory();
    await history.append(events);
    expect(await seqsOf(history, query)).toEqual(seqs);
  });

  it('with a cursor that is none is refused', async () => {
    const { history } = await temporaryHistory();
    await expect(history.log({ ...all, cursor: "1' OR 1" })).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('paging', () => {
  it('shows what was there once each and in order, while events come in', { timeout: 30_000 }, async () => {
    const { history } = await temporaryHistory();
    const times = fc.array(fc.nat(20), { maxLength: 12 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        times,
        fc.array(times, { maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('newest-first' as const, 'oldest-first' as const),
        async (before, during, limit, order) => {
          const flowId = `run-${run++}`;
          let seq = 0;
          const append = (some: readonly number[]) =>
            history.append(some.map((time) => logEvent({ flowId, boot: flowId, seq: seq++, at: time })));
          await append(before);
          const seen: LogEvent[] = [];
          let cursor: string | undefined;
          do {
            const page = await history.log({ flowId, from: 0, to: 100, order, limit, cursor });
            seen.push(...page.events);
            cursor = page.next;
            await append(during.pop() ?? []);
          } while (cursor !== undefined);
          const seqs = seen.map((event) => event.seq);
          expect(new Set(seqs).size).toBe(seqs.length);
          expect(seqs).toEqual(expect.arrayContaining(before.map((_, index) => index)));
          const direction = order === 'oldest-first' ? 1 : -1;
          expect(seen).toEqual(seen.toSorted((a, b) => direction * (a.at - b.at || a.seq - b.seq)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('goes through all of a long log for a download', async () => {
    const { history } = await temporaryHistory();
    await history.append(Array.from({ length: 1234 }, (_, seq) => logEvent({ seq, at: seq % 10 })));
    let count = 0;
    for await (const _ of history.eachEvent(all)) count++;
    expect(count).toBe(1234);
    expect((await history.log({ ...all, limit: 10_000 })).events).toHaveLength(500);
  });
});

describe('a line of CSV', () => {
  it('quotes what needs it, and disarms what a spreadsheet would run', () => {
    expect(csvLine([1, 'a,b', 'say "x"', '=1+1', 'plain'])).toBe(`1,"a,b","say ""x""",'=1+1,plain\r\n`);
  });
});
