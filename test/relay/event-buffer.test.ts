import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RelayEvent } from '../../relay/contract/messages.ts';
import { EventBuffer } from '../../relay/event-buffer.ts';
import type { RelayHappening } from '../../relay/happening.ts';

const happening = (changes: Partial<RelayHappening> = {}): RelayHappening => ({
  flowId: 'flow-1',
  pipeline: 'primary',
  endpoint: 'input',
  role: 'source',
  code: 'refused',
  peer: { address: '192.0.2.7', port: 1 },
  facts: { cause: 'passphrase-wrong' },
  ...changes,
});

const from = (address: string, port = 1) => happening({ peer: { address, port } });

/** All that is handed out and confirmed. */
async function delivered(buffer: EventBuffer): Promise<RelayEvent[]> {
  const all: RelayEvent[] = [];
  while (!buffer.isEmpty) await buffer.flush(async (events) => void all.push(...events));
  return all;
}

const noServer = async (): Promise<never> => {
  throw new Error('no server');
};

const short = (events: readonly RelayEvent[]): [code: string, count: number, at: number][] =>
  events.map(({ code, count, at }) => [code, count, at]);

describe('events on their way', () => {
  it('are numbered in their order, and forgotten once they are confirmed', async () => {
    const buffer = new EventBuffer();
    buffer.add(happening({ code: 'connected' }), 1);
    buffer.add(happening({ code: 'disconnected' }), 2);
    expect((await delivered(buffer)).map(({ seq, code }) => [seq, code])).toEqual([
      [0, 'connected'],
      [1, 'disconnected'],
    ]);
    expect(buffer.isEmpty).toBe(true);
  });

  it('are handed out again, the very same, until they are confirmed', async () => {
    const buffer = new EventBuffer();
    buffer.add(happening(), 1);
    const tries: unknown[] = [];
    for (let time = 0; time < 2; time++)
      await buffer.flush(async (events) => {
        tries.push(events);
        throw new Error('the answer was lost');
      });
    expect(tries).toEqual([await delivered(buffer), tries[0]]);
  });

  it('go out one message at a time', async () => {
    const buffer = new EventBuffer();
    buffer.add(happening(), 1);
    let messages = 0;
    let answer = (): void => {};
    const slow = (): Promise<void> => {
      messages++;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const first = buffer.flush(slow);
    await buffer.flush(slow);
    answer();
    await first;
    expect([messages, buffer.isEmpty]).toEqual([1, true]);
  });

  it('that find no room are counted, and told where the first one after them was kept', async () => {
    const buffer = new EventBuffer(5);
    for (let at = 0; at < 8; at++) buffer.add(happening({ facts: { at } }), at);
    await buffer.flush(noServer);
    expect(short(await delivered(buffer))).toEqual([
      ...[3, 4, 5, 6, 7].map((at) => ['refused', 1, at]),
      ['events-lost', 3, 2],
    ]);
  });

  it('are not given up while they are under way', async () => {
    const buffer = new EventBuffer(2);
    buffer.add(happening({ facts: { at: 0 } }), 0);
    const seen: RelayEvent[] = [];
    await buffer.flush(async (events) => {
      for (let at = 1; at < 5; at++) buffer.add(happening({ facts: { at } }), at);
      seen.push(...events);
    });
    seen.push(...(await delivered(buffer)));
    expect(short(seen)).toEqual([
      ['refused', 1, 0],
      ['refused', 1, 4],
      ['events-lost', 3, 3],
    ]);
  });
});

describe('what repeats', () => {
  it('is told at once, then once a second with a count, then ever more rarely', async () => {
    const buffer = new EventBuffer();
    for (let at = 0; at < 10_000; at += 100) {
      if (at % 1000 === 0) buffer.second(at);
      buffer.add(from('192.0.2.7', at), at);
    }
    expect(short(await delivered(buffer))).toEqual([
      ['refused', 1, 0],
      ['refused', 9, 900],
      ['refused', 20, 2900],
      ['refused', 40, 6900],
    ]);
  });

  it('says over how long it came, and names the peer that came last', async () => {
    const buffer = new EventBuffer();
    for (const at of [0, 300, 700]) buffer.add(from('192.0.2.7', at), at);
    buffer.second(1000);
    const [, repeats] = await delivered(buffer);
    expect(repeats).toMatchObject({ count: 2, peer: { port: 700 }, facts: { cause: 'passphrase-wrong', overMs: 400 } });
  });

  it('is told at once again after ten seconds of quiet', async () => {
    const buffer = new EventBuffer();
    for (const at of [0, 500]) buffer.add(happening(), at);
    for (let at = 1000; at < 12_000; at += 1000) buffer.second(at);
    buffer.add(happening(), 12_000);
    expect(short(await delivered(buffer)).at(-1)).toEqual(['refused', 1, 12_000]);
  });

  it('does not hide how things stand for more than a second', async () => {
    const buffer = new EventBuffer();
    for (let at = 0; at < 9000; at += 500) {
      buffer.add(happening({ code: 'disconnected', facts: { cause: 'peer-closed', durationMs: at } }), at);
      buffer.second(at);
    }
    const ats = (await delivered(buffer)).map(({ at }) => at);
    expect(Math.max(...ats.slice(1).map((at, index) => at - (ats[index] ?? 0)))).toBeLessThanOrEqual(1500);
  });

  it('is another thing where address, pipeline, code or facts differ', async () => {
    const buffer = new EventBuffer();
    buffer.add(happening(), 1);
    buffer.add(from('192.0.2.8'), 1);
    buffer.add(happening({ pipeline: 'backup' }), 1);
    buffer.add(happening({ facts: { cause: 'passphrase-missing' } }), 1);
    expect(await delivered(buffer)).toHaveLength(4);
  });
});

describe('a flood', () => {
  it('from many addresses is ten lines, and how many more there were', async () => {
    const buffer = new EventBuffer();
    for (let caller = 0; caller < 1000; caller++) buffer.add(from(`10.0.${caller >> 8}.${caller & 255}`), caller / 10);
    buffer.second(1100);
    const events = await delivered(buffer);
    expect(events.filter(({ code }) => code === 'refused')).toHaveLength(10);
    const more = events.filter(({ code }) => code === 'more-events');
    expect(more.reduce((sum, { count }) => sum + count, 0)).toBe(990);
    expect(more).toHaveLength(2);
    expect(more[0]).toMatchObject({ facts: { of: 'refused' } });
  });

  it('at one endpoint, or of one kind, leaves the others their lines', async () => {
    const buffer = new EventBuffer();
    for (let caller = 0; caller < 100; caller++) buffer.add(from(`10.0.0.${caller}`), 1);
    buffer.add(happening({ code: 'disconnected', facts: { cause: 'peer-silent' } }), 2);
    buffer.add({ ...from('10.0.0.200'), endpoint: 'output-1' }, 2);
    expect((await delivered(buffer)).slice(-2).map(({ code, endpoint }) => [code, endpoint])).toEqual([
      ['disconnected', 'input'],
      ['refused', 'output-1'],
    ]);
  });
});

it('counts everything, and numbers every line once, whatever happens in whatever order', async () => {
  const codes = ['refused', 'connected', 'disconnected', 'bad-media'] as const;
  const happenings = fc.array(
    fc.record({ code: fc.constantFrom(...codes), caller: fc.nat(30), waitMs: fc.nat(1500), fails: fc.boolean() }),
    { maxLength: 300 },
  );
  await fc.assert(
    fc.asyncProperty(happenings, async (list) => {
      const buffer = new EventBuffer();
      const kept = new Map<number, RelayEvent>();
      let [at, second] = [0, 0];
      const flush = (fails: boolean): Promise<void> =>
        buffer.flush(async (events) => {
          for (const event of events) kept.set(event.seq, event);
          if (fails) throw new Error('the answer was lost');
        });
      const pass = (ms: number): void => {
        at += ms;
        for (; second + 1000 <= at; second += 1000) buffer.second(second + 1000);
      };
      for (const { code, caller, waitMs, fails } of list) {
        pass(waitMs);
        buffer.add({ ...from(`10.0.0.${caller}`), code }, at);
        await flush(fails);
      }
      pass(120_000);
      while (!buffer.isEmpty) await flush(false);
      const all = [...kept.values()];
      expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(list.length);
      expect(all.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(all.map((_, index) => index));
    }),
  );
});
