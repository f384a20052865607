import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogDesk, LogEvent, LogQuestion } from '../../../server/log-desk.ts';
import { LiveLog } from '../../../server/http/live-log.ts';
import { Refusal } from '../../../server/refusal.ts';
import { checkRange } from '../../../server/rules.ts';
import { logEvent } from '../../kit/history.ts';

let events: LogEvent[];
let asked: LogQuestion[];
let hearers: Set<(events: readonly LogEvent[]) => void>;
let live: LiveLog;
let heard: string[];
let isReadable: boolean;

/** A log of which a test says what is in it, newest first. */
const desk: LogDesk = {
  append: async () => undefined,
  read: async (question) => {
    checkRange(question, Date.now(), 7);
    if (!isReadable) throw new Refusal('history-unavailable');
    asked.push(question);
    return { events: [...events] };
  },
  count: async () => events.length,
  each: async function* () {
    yield* events;
  },
  subscribe: (hear) => {
    hearers.add(hear);
    return () => hearers.delete(hear);
  },
};

const seqs = (list: readonly LogEvent[]): string => list.map(({ seq }) => seq).join(' ');

/** Names what would be drawn. */
const renderer = {
  log: ({ events: all }: { events: readonly LogEvent[] }) => `all: ${seqs(all)}`,
  fresh: (_found: unknown, fresh: readonly LogEvent[]) => `fresh: ${seqs(fresh)}`,
  speak: (_language: string, make: () => string) => make(),
  followEnd: (_token: string, message: string) => `end: ${message}`,
};

const page = { language: 'en', send: (markup: string) => void heard.push(markup) };
const settled = () => vi.advanceTimersByTimeAsync(0);

/** Kept, and told to all who follow. */
function happen(seq: number, some: Partial<LogEvent> = {}): void {
  const event = logEvent({ seq, ...some });
  events.unshift(event);
  for (const hear of hearers) hear([event]);
}

beforeEach(() => {
  vi.useFakeTimers();
  isReadable = true;
  [events, asked, heard, hearers] = [[], [], [], new Set()];
  live = new LiveLog({
    log: desk,
    renderer,
    now: Date.now,
    onError: (error) => {
      throw error;
    },
  });
});
afterEach(() => {
  live.close();
  vi.useRealTimers();
});

describe('a page that follows the log', () => {
  it('is sent all of it at once, and then what is new', async () => {
    happen(1);
    live.follow(page, 'flow-1', 'last=900');
    await settled();
    happen(2);
    await vi.advanceTimersByTimeAsync(1000);
    happen(3);
    happen(4);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard).toEqual(['all: 1', 'fresh: 2', 'fresh: 4 3']);
  });

  it('is sent a flood once a second', async () => {
    live.follow(page, 'flow-1', 'last=900');
    await settled();
    for (let seq = 1; seq <= 500; seq++) {
      happen(seq);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(heard.length).toBeGreaterThanOrEqual(5);
    expect(heard.length).toBeLessThanOrEqual(7);
  });

  it('asks for its filters, and does not read for events that they leave out', async () => {
    live.follow(page, 'flow-1', 'last=900&type=input-backup&text=lost');
    await settled();
    expect(asked[0]).toMatchObject({ flowId: 'flow-1', types: ['input-backup'], text: 'lost', order: 'newest-first' });
    happen(1);
    happen(2, { flowId: 'another', pipeline: 'backup' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(1);
    happen(3, { pipeline: 'backup' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(2);
  });

  it('is sent all of it again where an event came late, into the middle', async () => {
    happen(1);
    happen(3);
    live.follow(page, 'flow-1', 'last=900');
    await settled();
    const late = logEvent({ seq: 2 });
    events.splice(1, 0, late);
    for (const hear of hearers) hear([late]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard).toEqual(['all: 3 1', 'all: 3 2 1']);
  });

  it('is sent nothing of an event that is delivered twice', async () => {
    happen(1);
    live.follow(page, 'flow-1', 'last=900');
    await settled();
    for (const hear of hearers) hear(events);
    await vi.advanceTimersByTimeAsync(2000);
    expect(heard).toEqual(['all: 1']);
  });

  it('misses nothing that is kept while its log is being read', async () => {
    live.follow(page, 'flow-1', 'last=900');
    const late = logEvent({ seq: 1 });
    for (const hear of hearers) hear([late]);
    await settled();
    events.unshift(late);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard).toEqual(['all: ', 'all: 1']);
  });

  it('hears of another query once it asks for one, and of nothing once it asks for none', async () => {
    live.follow(page, 'flow-1', 'last=900');
    await settled();
    live.follow(page, 'flow-1', 'last=900&type=flow');
    await settled();
    expect(asked[1]?.types).toEqual(['flow']);
    live.follow(page, 'flow-1', undefined);
    happen(1, { role: 'flow' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(heard).toEqual(['all: ', 'all: ']);
  });

  it('is told when its range has become a day long', async () => {
    live.follow(page, 'flow-1', `from=${Date.now() - 86_400_000 + 10_000}`);
    await settled();
    expect(heard).toEqual(['all: ']);
    await vi.advanceTimersByTimeAsync(20_000);
    happen(1);
    await settled();
    expect(heard[1]).toMatch(/^end: A range is shorter than 24 hours/);
  });

  it.each(['last=900&order=oldest-first', 'last=900&cursor=1.1', 'from=1&to=2', 'nonsense', ''])(
    'is sent no events of %j, which cannot be followed',
    async (query) => {
      happen(1);
      live.follow(page, 'flow-1', query === 'nonsense' ? 'from=nonsense' : query || undefined);
      await settled();
      expect(heard.filter((markup) => !markup.startsWith('end: '))).toEqual([]);
    },
  );

  it('is told that the log cannot be read, and is live again when it can', async () => {
    isReadable = false;
    live.follow(page, 'flow-1', 'last=900');
    await settled();
    isReadable = true;
    happen(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard).toEqual([expect.stringMatching(/^end: The kept history cannot be read/), 'all: 1']);
  });

  it('is forgotten when it is closed', async () => {
    live.follow(page, 'flow-1', 'last=900');
    await settled();
    live.remove(page);
    happen(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(heard).toEqual(['all: ']);
    live.close();
    expect(hearers.size).toBe(0);
  });
});
