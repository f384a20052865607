import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeChannels, encodeBatch, visitBatch } from '../../db/history-batch.ts';
import {
  ABSENT,
  BLOCK_SECONDS,
  blockOfRow,
  channelOfRow,
  decodeBlock,
  emptyColumn,
  encodeBlock,
  mergeColumns,
  rowOf,
} from '../../db/history-block.ts';
import { fieldOfName, healthFields, quantise, valueOfSteps } from '../../db/history-fields.ts';
import type { Columns, HealthSample } from '../../db/history-model.ts';
import { healthChannel } from '../kit/history.ts';
import { must } from '../kit/must.ts';

/** From lone seconds to whole blocks, with values that differ by more than 32 bits hold. */
const column: fc.Arbitrary<Int32Array> = fc
  .array(fc.tuple(fc.nat(BLOCK_SECONDS - 1), fc.nat(40), fc.integer({ min: ABSENT + 1, max: 2 ** 31 - 1 })), {
    maxLength: 40,
  })
  .map((runs) => {
    const made = emptyColumn();
    for (const [from, length, steps] of runs) made.fill(steps, from, from + length + 1);
    return made;
  });

const columns: fc.Arbitrary<Columns> = fc
  .uniqueArray(fc.tuple(fc.nat(300), column), { selector: ([field]) => field, maxLength: 6 })
  .map((pairs) => new Map(pairs));

const copyOf = (made: Columns): Columns => new Map([...made].map(([field, of]) => [field, of.slice()]));

describe('a block', () => {
  it('is unpacked as it was packed, whatever is in it', () => {
    fc.assert(
      fc.property(columns, (made) => {
        expect(decodeBlock(encodeBlock(made))).toEqual(made);
      }),
      { numRuns: 60 },
    );
  });

  it('gives only the fields that are wanted', () => {
    const made: Columns = new Map([
      [1, emptyColumn().fill(5)],
      [2, emptyColumn().fill(6)],
    ]);
    expect([...decodeBlock(encodeBlock(made), new Set([2])).keys()]).toEqual([2]);
  });

  it('merged with another has the other over it, and merged once more is the same', () => {
    fc.assert(
      fc.property(columns, columns, (older, newer) => {
        const merged = mergeColumns(copyOf(older), copyOf(newer));
        for (const [field, made] of merged)
          made.forEach((steps, second) => {
            const over = newer.get(field)?.[second] ?? ABSENT;
            expect(steps).toBe(over === ABSENT ? (older.get(field)?.[second] ?? ABSENT) : over);
          });
        expect(mergeColumns(copyOf(merged), copyOf(newer))).toEqual(merged);
      }),
      { numRuns: 20 },
    );
  });

  it('that is damaged is an error, not figures', () => {
    const block = encodeBlock(new Map([[0, emptyColumn().fill(1_000_000, 100, 500)]]));
    expect(() => decodeBlock(block.subarray(0, block.length - 3))).toThrow('The bytes end too early.');
    expect(() => decodeBlock(Uint8Array.of(9, ...block.subarray(1)))).toThrow('another version');
  });

  it('of a quiet link is a few bytes a minute', () => {
    const quiet: Columns = new Map(healthFields.map((_, field) => [field, emptyColumn().fill(field)]));
    expect(encodeBlock(quiet).length).toBeLessThan(600);
  });

  it('has a row from which its time and channel are told', () => {
    const row = rowOf(2_999_999, 2 ** 28 - 1);
    expect([blockOfRow(row), channelOfRow(row)]).toEqual([2_999_999, 2 ** 28 - 1]);
    expect(Number.isSafeInteger(row)).toBe(true);
  });
});

describe('a batch of samples', () => {
  it('is heard as it was packed', () => {
    const video = healthChannel({ track: 'pid 256' });
    const samples: HealthSample[] = [
      { channel: healthChannel(), at: 1_800_000_000_999, values: { rttMs: 20.34, dropped: 3 } },
      { channel: video, at: 1_800_000_001_000, values: { frameRate: 29.97 } },
      { channel: healthChannel(), at: 1_700_000_000_000, values: {} },
    ];
    const batch = encodeBatch(samples);
    const heard: number[][] = [];
    visitBatch(batch, {
      sample: (place, second) => heard.push([place, second]),
      value: (field, steps) => heard.at(-1)?.push(field, steps),
    });
    const [rtt, dropped, rate] = ['rttMs', 'dropped', 'frameRate'].map((name) => must(fieldOfName(name), name).number);
    expect(decodeChannels(batch)).toEqual([healthChannel(), video]);
    expect(heard).toEqual([
      [0, 1_800_000_000, rtt, 203, dropped, 3],
      [1, 1_800_000_001, rate, 2997],
      [0, 1_700_000_000],
    ]);
  });

  it('leaves out what is not a number', () => {
    const values = { rttMs: Number.NaN, bitrate: Number.POSITIVE_INFINITY, dropped: 1 };
    const fields: number[] = [];
    const batch = encodeBatch([{ channel: healthChannel(), at: 0, values }]);
    visitBatch(batch, { sample: () => undefined, value: (field) => fields.push(field) });
    expect(fields).toEqual([must(fieldOfName('dropped'), 'dropped').number]);
  });

  it('that ends too early is an error', () => {
    const batch = encodeBatch([{ channel: healthChannel(), at: 0, values: { dropped: 1 } }]);
    const hear = { sample: () => undefined, value: () => undefined };
    expect(() => visitBatch(batch.subarray(0, batch.length - 1), hear)).toThrow(RangeError);
  });
});

describe('a field', () => {
  it('keeps a value to half a step', () => {
    fc.assert(
      fc.property(fc.constantFrom(...healthFields), fc.double({ min: -1e5, max: 1e5, noNaN: true }), (field, value) => {
        expect(Math.abs(valueOfSteps(field, quantise(field, value)) - value)).toBeLessThanOrEqual(field.step * 0.5001);
      }),
    );
  });

  it('keeps what is beyond its range as the end of its range', () => {
    const { field } = must(fieldOfName('dropped'), 'dropped');
    expect([quantise(field, 1e12), quantise(field, -1e12)]).toEqual([2 ** 31 - 1, -(2 ** 31) + 1]);
  });

  it('has the place on disk that it has had from the beginning', () => {
    const names = healthFields.map(({ name }) => name);
    expect(names.slice(0, 13)).toEqual([
      'bitrate',
      'nullBitrate',
      'frameRate',
      'lossRatio',
      'retransmitRatio',
      'rttMs',
      'dropped',
      'bufferMs',
      'latencyMs',
      'linkBandwidth',
      'queueMs',
      'frameAgeMs',
      'continuityErrors',
    ]);
    expect(new Set(names).size).toBe(names.length);
  });
});
