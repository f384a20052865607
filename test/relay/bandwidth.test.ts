import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BandwidthCap } from '../../relay/bandwidth.ts';
import type { PacketBatch, TagBatch } from '../../relay/media.ts';
import { toFlvTag } from '../../relay/rtmp/tag.ts';
import { createBatch, createTags } from '../kit/fake-ends.ts';

const SECOND = 1e6;

/** What of a batch of packets passes. */
function packetsOf(cap: BandwidthCap, batch: PacketBatch): PacketBatch | undefined {
  const admitted = cap.admit(batch);
  return admitted?.container === 'ts' ? admitted : undefined;
}

/** Times of the tags that pass. */
function timesOf(cap: BandwidthCap, batch: TagBatch): number[] {
  const admitted = cap.admit(batch);
  return admitted?.container === 'flv' ? admitted.tags.map(({ timestampMs }) => timestampMs) : [];
}

describe('capping a source', () => {
  it('hands on the very batch that fits', () => {
    const batch = createBatch(7, { at: 0, bytes: 100 });
    expect(packetsOf(new BandwidthCap(10_000), batch)).toBe(batch);
  });

  it('lets a second’s worth pass at once, and then nothing', () => {
    const cap = new BandwidthCap(8000);
    expect(packetsOf(cap, createBatch(10, { bytes: 100 }))?.lengths.length).toBe(10);
    expect(packetsOf(cap, createBatch(1, { bytes: 100 }))).toBeUndefined();
  });

  it('lets pass again what has become free since', () => {
    const cap = new BandwidthCap(8000);
    cap.admit(createBatch(10, { bytes: 100 }));
    expect(packetsOf(cap, createBatch(10, { at: SECOND / 2, bytes: 100 }))?.lengths.length).toBe(5);
  });

  it('saves up no more than one second in a pause', () => {
    const cap = new BandwidthCap(8000);
    cap.admit(createBatch(1, { bytes: 100 }));
    expect(packetsOf(cap, createBatch(30, { at: 60 * SECOND, bytes: 100 }))?.lengths.length).toBe(10);
  });

  it('cuts between messages and keeps their due times', () => {
    const batch: PacketBatch = { ...createBatch(3, { bytes: 100 }), dues: new BigInt64Array([5n, 6n, 7n]) };
    const admitted = packetsOf(new BandwidthCap(2000), batch);
    expect(admitted && { ...admitted, data: [admitted.data[0], admitted.data[199], admitted.data.length] }).toEqual({
      container: 'ts',
      at: 0,
      data: [1, 2, 200],
      lengths: new Uint16Array([100, 100]),
      dues: new BigInt64Array([5n, 6n]),
    });
  });

  it('never passes more than the limit plus one second over any window', () => {
    const arrivals = fc.array(
      fc.record({
        after: fc.nat(2 * SECOND),
        lengths: fc.array(fc.integer({ min: 1, max: 1456 }), { minLength: 1, maxLength: 40 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 8000, max: 500_000 }), arrivals, (maxBitrate, list) => {
        const cap = new BandwidthCap(maxBitrate);
        let at = 0;
        const passed = list.map(({ after, lengths }) => {
          at += after;
          const data = new Uint8Array(lengths.reduce((all, length) => all + length, 0));
          const admitted = packetsOf(cap, { container: 'ts', data, lengths: new Uint16Array(lengths), at });
          return { at, bits: (admitted?.data.length ?? 0) * 8 };
        });
        for (const [first, from] of passed.entries()) {
          let bits = 0;
          for (const to of passed.slice(first)) {
            bits += to.bits;
            expect(bits).toBeLessThanOrEqual(maxBitrate * (1 + (to.at - from.at) / SECOND) + 1e-3);
          }
        }
      }),
    );
  });

  it('passes whole messages from the front only', () => {
    const lengthsOf = fc.array(fc.integer({ min: 1, max: 1456 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 100_000 }), lengthsOf, (maxBitrate, lengths) => {
        const data = new Uint8Array(lengths.reduce((all, length) => all + length, 0)).map((_, index) => index & 255);
        const admitted = packetsOf(new BandwidthCap(maxBitrate), {
          container: 'ts',
          data,
          lengths: new Uint16Array(lengths),
          at: 0,
        });
        const count = admitted?.lengths.length ?? 0;
        const bytes = lengths.slice(0, count).reduce((all, length) => all + length, 0);
        expect([...(admitted?.data ?? [])]).toEqual([...data.subarray(0, bytes)]);
        expect(bytes + (lengths[count] ?? Number.POSITIVE_INFINITY)).toBeGreaterThan(maxBitrate / 8);
      }),
    );
  });
});

describe('warning of a source over its limit', () => {
  it('comes after three seconds in a row', () => {
    const cap = new BandwidthCap(1000);
    expect([1001, 1001, 1001, 1001].map((bitrate) => cap.isOver(bitrate))).toEqual([false, false, true, true]);
  });

  it('starts counting again after a second at the limit', () => {
    const cap = new BandwidthCap(1000);
    expect([1001, 1001, 1000, 1001, 1001, 1001].map((bitrate) => cap.isOver(bitrate))).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it('ends with the first second at or below the limit', () => {
    const cap = new BandwidthCap(1000);
    for (const bitrate of [2000, 2000, 2000]) cap.isOver(bitrate);
    expect(cap.isOver(1000)).toBe(false);
  });
});

describe('capping frames', () => {
  it('hands on the very batch that fits', () => {
    const batch = createTags(10, { bytes: 100 });
    expect(new BandwidthCap(8000).admit(batch)).toBe(batch);
  });

  it('drops whole frames, and goes on at the next key frame only', () => {
    const cap = new BandwidthCap(8000);
    const first = timesOf(cap, createTags(12, { bytes: 100 }));
    const later = timesOf(cap, createTags(4, { at: SECOND, bytes: 100, fromMs: 480, keyframes: [2] }));
    expect([first.length, later]).toEqual([10, [560, 600]]);
  });

  it('lets headers pass whatever they weigh', () => {
    const cap = new BandwidthCap(800);
    timesOf(cap, createTags(1, { bytes: 100 }));
    const header = toFlvTag('video', 40, Uint8Array.from([0x17, 0, 0, 0, 0, ...new Uint8Array(500)]));
    expect(timesOf(cap, { container: 'flv', tags: [header], at: 0 })).toEqual([40]);
  });

  it('lets sound pass while it fits, for it needs no key frame', () => {
    const cap = new BandwidthCap(8000);
    timesOf(cap, createTags(12, { bytes: 90 }));
    const sound = toFlvTag('audio', 480, Uint8Array.from([0xaf, 1, ...new Uint8Array(5)]));
    expect(timesOf(cap, { container: 'flv', tags: [sound], at: 0 })).toEqual([480]);
  });
});
