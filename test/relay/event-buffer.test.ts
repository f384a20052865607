import { describe, expect, it } from 'vitest';
import type { MediaEvent } from '../../relay/contract/messages.ts';
import { EventBuffer } from '../../relay/event-buffer.ts';

const event = (changes: Partial<MediaEvent> = {}): MediaEvent => ({
  at: 1000,
  flowId: 'flow-1',
  pipeline: 'primary',
  endpoint: 'input',
  code: 'capped',
  facts: { dropped: 1 },
  ...changes,
});

const bufferOf = (...events: readonly MediaEvent[]): EventBuffer => {
  const buffer = new EventBuffer();
  for (const one of events) buffer.add(one);
  return buffer;
};

describe('events on their way', () => {
  it('are handed over once, in their order', () => {
    const [first, second] = [event(), event({ endpoint: 'output-1' })];
    const buffer = bufferOf(first, second);
    expect([buffer.take(), buffer.take(), buffer.isEmpty]).toEqual([[first, second], [], true]);
  });

  it('fold into one where the same is told again, with how often', () => {
    const buffer = bufferOf(event(), event({ at: 1100 }), event({ at: 1200 }));
    expect(buffer.take()).toEqual([event({ facts: { dropped: 1, times: 3 } })]);
  });

  it('do not fold where anything but the time differs', () => {
    const buffer = bufferOf(event(), event({ pipeline: 'backup' }), event({ facts: { dropped: 2 } }));
    expect(buffer.take()).toHaveLength(3);
  });

  it('are bounded, and the last of them says how many found no room', () => {
    const buffer = bufferOf(...Array.from({ length: 503 }, (_, index) => event({ facts: { dropped: index } })));
    const taken = buffer.take();
    expect([taken.length, taken.at(-1)?.facts]).toEqual([500, { dropped: 499, unreported: 3 }]);
  });
});
