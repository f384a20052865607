import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyHealth } from '../../kit/empty-health.ts';
import { must } from '../../kit/must.ts';
import { createRestHouse } from '../../kit/rest-house.ts';
import { inPieces, PIECE_BYTES } from '../../../server/http/pieces.ts';

const input = { name: 'Camera', protocol: 'srt' };
const draft = { name: 'Measured', regionId: 'europe', maxBitrate: 10_000_000, input };

describe('a large answer', () => {
  it('is made piece by piece, no two of them in one turn of the event loop', async () => {
    const bytes = Uint8Array.from({ length: PIECE_BYTES * 2 + 5 }, (_, i) => i % 251);
    const reader = inPieces(bytes).getReader();
    const [got, turns]: [Uint8Array[], number[]] = [[], []];
    const turn = countTurns();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      got.push(next.value);
      turns.push(turn());
    }
    expect(got.map(({ length }) => length)).toEqual([PIECE_BYTES, PIECE_BYTES, 5]);
    expect(new Set(turns).size).toBe(3);
    expect(Buffer.concat(got).equals(bytes)).toBe(true);
    expect(await new Response(inPieces(new Uint8Array(0))).text()).toBe('');
  });
});

/** Gives how often the event loop has turned. */
function countTurns(): () => number {
  let turns = 0;
  const next = (): void => {
    turns++;
    immediate = setImmediate(next);
  };
  let immediate = setImmediate(next);
  onTestFinished(() => clearImmediate(immediate));
  return () => turns;
}

describe('kept health over the JSON API', () => {
  it('is the text that the history made, byte for byte: no number of it is handled here', async () => {
    const text = `{"from":0,"stepMs":1000,"columns":[${' '.repeat(PIECE_BYTES * 3)}],"resets":[]}`;
    const numbers = async (): Promise<never> => expect.fail('The numbers were asked for.');
    const asked: unknown[] = [];
    const readText = async (question: unknown, form: string): Promise<Uint8Array> => {
      asked.push(form, question);
      return new TextEncoder().encode(text);
    };
    const house = createRestHouse({ health: { ...emptyHealth, read: numbers, readText } });
    await house.call('POST', '/flows', draft);
    const { id } = must(house.store.all()[0], 'flow');
    const query = 'pipeline=primary&endpoint=input&fields=bitrate,rttMs&from=1&to=2&maxPoints=9';
    const answer = await house.call('GET', `/flows/${id}/health?${query}`);
    expect([answer.status, answer.type, answer.text === text]).toEqual([200, 'application/json', true]);
    const channel = { flowId: id, pipeline: 'primary', endpointId: 'input' };
    expect(asked).toEqual(['json', { channel, from: 1, to: 2, fields: ['bitrate', 'rttMs'], maxPoints: 9 }]);
  });
});
