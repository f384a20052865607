import { describe, expect, it } from 'vitest';
import type { HealthSecond } from '../../relay/contract/health.ts';
import { HealthBuffer, MOST_SECONDS } from '../../relay/health-buffer.ts';

const second = (seq: number, ends: number): HealthSecond => ({
  seq,
  at: seq * 1000,
  endpoints: Array.from({ length: ends }, () => ({
    flowId: 'f',
    pipeline: 'primary',
    id: 'input',
    values: {},
    tracks: [],
  })),
});

const bufferOf = (seconds: number, ends: number): HealthBuffer => {
  const buffer = new HealthBuffer();
  for (let seq = 0; seq < seconds; seq++) buffer.add(second(seq, ends));
  return buffer;
};

/** The sequence numbers of each message. */
async function flushed(buffer: HealthBuffer): Promise<number[][]> {
  const messages: number[][] = [];
  await buffer.flush(async (seconds) => messages.push(seconds.map(({ seq }) => seq)));
  return messages;
}

describe('health on its way to the server', () => {
  it('goes out whole at once after the server was away, in messages that it checks in a moment', async () => {
    const messages = await flushed(bufferOf(60, 100));
    expect(messages).toHaveLength(30);
    expect(messages.flat()).toEqual(Array.from({ length: 60 }, (_, seq) => seq));
  });

  it('of few ends goes in messages of thirty seconds', async () => {
    expect((await flushed(bufferOf(70, 2))).map((seqs) => seqs.length)).toEqual([30, 30, 10]);
  });

  it('of more ends than one message takes goes second by second', async () => {
    expect(await flushed(bufferOf(2, 1000))).toEqual([[0], [1]]);
  });

  it('stays, where it was not confirmed, and goes again', async () => {
    const buffer = bufferOf(3, 200);
    const given: number[] = [];
    await buffer.flush(async ([first]) => {
      given.push(first?.seq ?? -1);
      if (given.length === 2) throw new Error('No server.');
    });
    expect([given, await flushed(buffer)]).toEqual([
      [0, 1],
      [[1], [2]],
    ]);
  });

  it('is given up, the oldest first, after ten minutes without a server', async () => {
    const buffer = bufferOf(MOST_SECONDS + 2, 1);
    expect([(await flushed(buffer)).flat().at(0), buffer.lost]).toEqual([2, 2]);
  });
});
