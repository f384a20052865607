import { describe, expect, it } from 'vitest';
import { Refusal } from '../../server/refusal.ts';
import { createRtmpPorts } from '../../server/rtmp-ports.ts';

function open({ saved, taken = [] }: { saved?: string; taken?: readonly number[] } = {}) {
  const kept: string[] = [];
  const ports = createRtmpPorts({
    range: { first: 1935, last: 1937 },
    saved,
    save: async (text) => void kept.push(text),
    isFree: async (port) => !taken.includes(port),
  });
  return { ports, kept };
}

describe('the RTMP port of a relay', () => {
  it('is the first free one of the range', async () => {
    const { ports } = open({ taken: [1935] });
    await ports.ensure(['asia-1', 'asia-2']);
    expect([ports.of('asia-1'), ports.of('asia-2')]).toEqual([1936, 1937]);
  });

  it('is kept through a restart of the server, though others hold it meanwhile', async () => {
    const first = open();
    await first.ports.ensure(['asia-1', 'asia-2']);
    const { ports } = open({ saved: first.kept.at(-1), taken: [1935, 1936] });
    await ports.ensure(['asia-2', 'europe-1']);
    expect(['asia-1', 'asia-2', 'europe-1'].map((relayId) => ports.of(relayId))).toEqual([1935, 1936, 1937]);
  });

  it('is saved before it is told, and only when it is new', async () => {
    const { ports, kept } = open();
    await ports.ensure(['asia-1']);
    await ports.ensure(['asia-1']);
    expect(kept).toEqual(['{"asia-1":1935}']);
  });

  it('is refused when the range is used up, and those that had one keep it', async () => {
    const { ports, kept } = open();
    await ports.ensure(['a-1', 'a-2']);
    const refused = await ports.ensure(['b-1', 'b-2']).catch((error: unknown) => error);
    expect(refused instanceof Refusal && refused.code).toBe('rtmp-ports-exhausted');
    expect([ports.of('a-1'), kept.length]).toEqual([1935, 1]);
    expect(() => ports.of('b-1')).toThrow('was given no RTMP port');
  });
});
