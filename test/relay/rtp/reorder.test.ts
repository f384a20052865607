import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReorderBuffer } from '../../../relay/rtp/reorder.ts';

const limits = { reorderMs: 100, reorderPackets: 50 };

/** A buffer and what it did, in order: numbers are packets, words are restarts. */
function open(some: Partial<typeof limits> = {}) {
  const out: (number | string)[] = [];
  const buffer = new ReorderBuffer<string>(
    ({ sequence }) => out.push(sequence),
    (ssrc) => out.push(`source ${ssrc}`),
    { ...limits, ...some },
  );
  const push = (sequence: number, nowMs = 0, ssrc = 1) =>
    buffer.push({ ssrc, sequence: sequence & 0xffff, item: '' }, nowMs);
  return { out, buffer, push };
}

describe('the reorder buffer', () => {
  it('hands packets that come in order straight on, across the wrap at 65536', () => {
    const { out, push, buffer } = open();
    for (const sequence of [65_534, 65_535, 65_536, 65_537]) push(sequence);
    expect(out).toEqual(['source 1', 65_534, 65_535, 0, 1]);
    expect(buffer.figures()).toMatchObject({ delivered: 4, lost: 0, reordered: 0 });
  });

  it('waits for a packet that is overtaken', () => {
    const { out, push, buffer } = open();
    for (const sequence of [65_535, 1, 2, 0]) push(sequence);
    expect(out).toEqual(['source 1', 65_535, 0, 1, 2]);
    expect(buffer.figures()).toMatchObject({ reordered: 1, lost: 0 });
  });

  it('gives a packet up when its time has passed, not before', () => {
    const { out, push, buffer } = open();
    push(1, 0);
    push(3, 10);
    buffer.poll(109);
    expect([out, buffer.deadlineMs()]).toEqual([['source 1', 1], 110]);
    buffer.poll(110);
    expect([out, buffer.deadlineMs()]).toEqual([['source 1', 1, 3], undefined]);
    expect(buffer.figures()).toMatchObject({ lost: 1, delivered: 2 });
  });

  it('gives a packet up when too many wait for it', () => {
    const { out, push, buffer } = open({ reorderPackets: 3 });
    for (const sequence of [1, 3, 4, 5, 6]) push(sequence);
    expect(out).toEqual(['source 1', 1, 3, 4, 5, 6]);
    expect(buffer.figures().lost).toBe(1);
  });

  it('drops a duplicate, whether the first waits or has gone on', () => {
    const { out, push, buffer } = open();
    for (const sequence of [1, 1, 3, 3, 2, 2]) push(sequence);
    expect(out).toEqual(['source 1', 1, 2, 3]);
    expect(buffer.figures()).toMatchObject({ duplicates: 3, late: 0 });
  });

  it('counts a packet that comes after it was given up as late', () => {
    const { out, push, buffer } = open();
    push(1, 0);
    push(3, 0);
    buffer.poll(100);
    push(2, 101);
    expect(out).toEqual(['source 1', 1, 3]);
    expect(buffer.figures()).toMatchObject({ lost: 1, late: 1, duplicates: 0 });
  });

  it.each([
    ['another SSRC', 7, 2],
    ['a jump far ahead', 20_000, 1],
    ['a jump far back', 40_000, 1],
  ])('begins anew at %s once a second packet follows the first, and loses neither', (_what, first, ssrc) => {
    const { out, push, buffer } = open();
    push(100);
    push(102);
    push(first, 5, ssrc);
    expect(out).toEqual(['source 1', 100]);
    push(first + 1, 6, ssrc);
    expect(out).toEqual(['source 1', 100, 102, `source ${ssrc}`, first, first + 1]);
    expect(buffer.figures()).toMatchObject({ restarts: 1, lost: 1, strays: 0 });
  });

  it('is not taken over by a second sender while the first is alive', () => {
    const { out, push, buffer } = open();
    for (let i = 0; i < 20; i += 1) {
      push(i, i, 1);
      push(i + 500, i, 2);
    }
    expect(out).toEqual(['source 1', ...Array(20).keys()]);
    expect(buffer.figures()).toMatchObject({ restarts: 0, strays: 19 });
  });

  it('hands the same stream from two legs on once', () => {
    const { out, push } = open();
    const legs = [
      [0, 1, 2, 4, 5],
      [0, 1, 3, 4, 5],
    ];
    for (let i = 0; i < 5; i += 1) for (const leg of legs) push(leg[i] ?? 0, i);
    expect(out).toEqual(['source 1', 0, 1, 2, 3, 4, 5]);
  });

  it('delivers rising numbers without a repeat, and accounts for each packet, whatever the network does', () => {
    const network = fc.array(fc.tuple(fc.integer({ min: -8, max: 8 }), fc.boolean(), fc.nat(30)), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(fc.nat(65_535), network, (start, fates) => {
        const { out, push, buffer } = open({ reorderPackets: 20 });
        const order = fates.map(([shift], i) => ({ i, at: i + shift })).sort((a, b) => a.at - b.at);
        let nowMs = 0;
        push(start + 1_000 - 10, nowMs);
        for (const { i } of order) {
          const [, isLost = false, waitMs = 0] = fates[i] ?? [];
          nowMs += waitMs;
          buffer.poll(nowMs);
          if (!isLost) push(start + 1_000 + i, nowMs);
        }
        buffer.poll(nowMs + 1_000);
        const numbers = out.filter((one) => typeof one === 'number');
        const steps = numbers.slice(1).map((one, i) => (one - (numbers[i] ?? 0)) & 0xffff);
        expect(steps.every((step) => step > 0 && step < 1_000)).toBe(true);
        const { received, delivered, duplicates, late, strays, lost } = buffer.figures();
        expect(received).toBe(delivered + duplicates + late + strays);
        expect(lost).toBe(steps.reduce((sum, step) => sum + step - 1, 0));
      }),
    );
  });
});
