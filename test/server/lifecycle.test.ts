import { describe, expect, it } from 'vitest';
import { type Holding, flowState } from '../../server/lifecycle.ts';
import { must } from '../kit/must.ts';
import { flow } from '../kit/samples.ts';

/** The flow is at revision 5. */
const held: Readonly<Record<string, Holding>> = {
  'needed and running it': { needed: true, applied: 5 },
  'needed and behind': { needed: true, applied: 4 },
  'needed and not running it': { needed: true, applied: undefined },
  'not needed and still running it': { needed: false, applied: 4 },
  'not needed and not running it': { needed: false, applied: undefined },
};
const names = Object.keys(held);
const pairs = names.flatMap((first) => names.map((second) => [first, second] as const));

const running = (name: string): boolean => name !== 'needed and behind' && name !== 'needed and not running it';
const holds = (name: string): boolean => held[name]?.applied !== undefined;

describe('the state of a flow that is wished to run', () => {
  it.each(pairs)('with one relay %s and another %s', (first, second) => {
    const state = flowState(flow({ running: true, revision: 5 }), [
      must(held[first], first),
      must(held[second], second),
    ]);
    expect(state).toBe(running(first) && running(second) ? 'running' : 'starting');
  });
});

describe('the state of a flow that is wished to stop', () => {
  it.each(pairs)('with one relay %s and another %s', (first, second) => {
    const state = flowState(flow({ running: false, revision: 5 }), [
      must(held[first], first),
      must(held[second], second),
    ]);
    expect(state).toBe(holds(first) || holds(second) ? 'stopping' : 'idle');
  });

  it('is idle when no relay has anything to do with it', () => {
    expect(flowState(flow(), [])).toBe('idle');
  });
});
