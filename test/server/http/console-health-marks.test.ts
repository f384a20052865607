import { describe, expect, it } from 'vitest';
import { eventsOf, MOST_MARKS, toMarks } from '../../../server/http/console-health-marks.ts';
import { logEvent } from '../../kit/history.ts';

const range = { from: 0, to: 200_000 };
const ask = { flowId: 'flow-1', pipeline: 'primary', endpointId: 'input', ...range } as const;
const events = (count: number, everyMs: number) =>
  Array.from({ length: count }, (_, seq) =>
    logEvent({ seq, at: seq * everyMs, peer: { address: '192.0.2.7', port: seq } }),
  );

describe('the marks on the time axis', () => {
  it('are one an event where there is room', () => {
    expect(toMarks([5000], events(3, 10_000), range).map(({ at, kind }) => [at, kind])).toEqual([
      [0, 'event'],
      [5000, 'reset'],
      [10_000, 'event'],
      [20_000, 'event'],
    ]);
  });

  it('fold what is too dense to be told apart, and count what they do not say', () => {
    const marks = toMarks([], events(2000, 100), range);
    expect(marks).toHaveLength(MOST_MARKS);
    expect(marks[0]).toEqual({
      at: 0,
      kind: 'event',
      text: `${[0, 1, 2].map((port) => `Connected from 192.0.2.7:${port}.`).join(' ')} And 7 more.`,
    });
  });
});

describe('the events that are marked', () => {
  it('are read page by page, of this end alone, and not without end', async () => {
    const asked: (string | undefined)[] = [];
    const found = await eventsOf(
      {
        read: async ({ types, cursor }) => {
          asked.push(cursor);
          expect(types).toEqual(['input-primary', 'flow']);
          const at = 1000 * asked.length;
          return {
            events: [logEvent({ at }), logEvent({ at, pipeline: 'backup' }), logEvent({ at, endpointId: 'other' })],
            next: `page ${asked.length}`,
          };
        },
      },
      ask,
    );
    expect(asked).toEqual([undefined, 'page 1', 'page 2', 'page 3']);
    expect(found.map(({ at }) => at)).toEqual([1000, 2000, 3000, 4000]);
  });
});
