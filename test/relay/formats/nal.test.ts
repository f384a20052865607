import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdtsFramer, buildAdts, buildAudioConfig, parseAudioConfig } from '../../../relay/formats/aac.ts';
import { noFaults } from '../../../relay/formats/faults.ts';
import { h264 } from '../../../relay/formats/h264.ts';
import { h265 } from '../../../relay/formats/h265.ts';
import { ParameterSets, splitAnnexB, splitLengths, unescape } from '../../../relay/formats/nal.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('NAL units', () => {
  it('trap 19, start codes: three and four bytes, zeros before and behind, nothing between', () => {
    const stream = bytes(
      0,
      0,
      0,
      1,
      9,
      0xf0,
      0,
      0,
      1,
      0x65,
      1,
      2,
      0,
      0,
      0,
      0,
      1,
      0x41,
      3,
      0,
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      1,
      6,
      4,
    );
    expect(splitAnnexB(stream).map((nal) => [...nal])).toEqual([
      [9, 0xf0],
      [0x65, 1, 2],
      [0x41, 3],
      [6, 4],
    ]);
    expect(splitAnnexB(bytes(1, 2, 3))).toEqual([]);
  });

  it('trap 19, lengths: one, two and four bytes, and a fault where they leave the frame', () => {
    expect(splitLengths(bytes(2, 7, 8, 0, 1, 9), 1).map((nal) => [...nal])).toEqual([[7, 8], [9]]);
    expect(splitLengths(bytes(0, 2, 7, 8), 2).map((nal) => [...nal])).toEqual([[7, 8]]);
    expect(splitLengths(bytes(0, 0, 0, 1, 5), 4).map((nal) => [...nal])).toEqual([[5]]);
    expect(() => splitLengths(bytes(0, 0, 0, 2, 5), 4)).toThrow('1 bytes past its frame');
  });

  it('come out as they went in, whatever they hold', () => {
    const unit = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((raw) => {
      const nal = raw.map((byte) => (byte < 4 ? byte + 4 : byte));
      return nal;
    });
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 8 }), (nals) => {
        const stream = Uint8Array.from(nals.flatMap((nal, i) => [...(i % 2 === 0 ? [0] : []), 0, 0, 1, ...nal]));
        expect(splitAnnexB(stream).map((nal) => [...nal])).toEqual(nals.map((nal) => [...nal]));
      }),
    );
  });

  it('lose their emulation prevention bytes only where zeros stand before them', () => {
    expect([...unescape(bytes(1, 0, 0, 3, 1, 3, 0, 0, 3))]).toEqual([1, 0, 0, 1, 3, 0, 0]);
  });

  it('trap 17, parameter sets: several ids are kept, and the same bytes change nothing', () => {
    const sets = new ParameterSets(h264);
    const sps = bytes(0x67, 0x64, 0, 0x0d, 0xac, 0xd9);
    for (const nal of [sps, sps]) expect(sets.take(nal, 'sps')).toBeUndefined();
    sets.take(bytes(0x68, 0b1110_0000), 'pps');
    sets.take(bytes(0x68, 0b0100_0000), 'pps');
    expect(sets.revision).toBe(3);
    expect(sets.of('pps').length).toBe(2);
    const record = h264.buildConfig(sets);
    expect(record && h264.parseConfig(record)).toEqual({ lengthSize: 4, parameterSets: sets.all() });
  });

  it('trap 9, parameter sets beyond their bound are refused', () => {
    const sets = new ParameterSets(h264);
    expect(sets.take(new Uint8Array(20_000), 'sps')).toBe('parameter-set');
  });

  it('are told apart by role in both codecs', () => {
    expect([1, 5, 7, 8, 9, 10, 12].map((type) => h264.roleOf(bytes(type, 1, 1)))).toEqual([
      'slice',
      'entry',
      'sps',
      'pps',
      'aud',
      'end',
      'filler',
    ]);
    expect([1, 19, 20, 21, 32, 33, 34, 35, 36, 38, 39].map((type) => h265.roleOf(bytes(type << 1, 1)))).toEqual([
      'slice',
      'entry',
      'entry',
      'open',
      'vps',
      'sps',
      'pps',
      'aud',
      'end',
      'filler',
      'other',
    ]);
    expect(h264.roleOf(bytes(6, 5, 2, 9, 9, 6, 1, 0xc4, 0x80))).toBe('recovery');
  });
});

describe('AAC', () => {
  const format = { objectType: 2, frequencyIndex: 3, sampleRate: 48000, channels: 2 };

  it('has a configuration that reads as it was written', () => {
    expect([...buildAudioConfig(format)]).toEqual([0x11, 0x90]);
    expect(parseAudioConfig(buildAudioConfig(format))).toEqual(format);
  });

  it('has no ADTS for what ADTS cannot say', () => {
    expect(parseAudioConfig(bytes(0xf9, 0x40))).toBeUndefined(); // Object type above 31.
    expect(parseAudioConfig(bytes(0x17, 0x80))).toBeUndefined(); // A rate in Hz that is cut off.
    expect(parseAudioConfig(bytes())).toBeUndefined();
  });

  it('trap 16, frames: come out whole with the carried clock, however the PES packets cut them', () => {
    const frames = Array.from({ length: 40 }, (_, i) => Uint8Array.from({ length: 20 + ((i * 37) % 90) }, () => i));
    const stream = Uint8Array.from(frames.flatMap((raw) => [...buildAdts(format, raw.length), ...raw]));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length }), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts, stream.length].toSorted((a, b) => a - b);
        const out: { size: number; ticks: number | undefined }[] = [];
        const framer = new AdtsFramer(noFaults(), (data, ticks) => out.push({ size: data.length, ticks }));
        const starts = frames.map((_, i) => frames.slice(0, i).reduce((sum, raw) => sum + raw.length + 7, 0));
        for (const [i, end] of at.slice(1).entries()) {
          const from = at[i] ?? 0;
          const first = starts.findIndex((start) => start >= from && start < end);
          framer.push(stream.subarray(from, end), first < 0 ? undefined : 1000 + first * 1920, true);
        }
        expect(out).toEqual(frames.map((raw, i) => ({ size: raw.length, ticks: 1000 + i * 1920 })));
      }),
    );
  });

  it('trap 16, resync: garbage before a frame needs two headers to be believed', () => {
    const faults = noFaults();
    const out: number[] = [];
    const framer = new AdtsFramer(faults, (data) => out.push(data.length));
    const frame = (length: number) => [...buildAdts(format, length), ...new Uint8Array(length).fill(5)];
    framer.push(Uint8Array.from([1, 2, 0xff, 0xf1, 3, 4, 5, 6, 7, 8, 9, ...frame(30), ...frame(40)]), 0, true);
    expect(out).toEqual([30, 40]);
    expect(faults.adts).toBeGreaterThan(0);
  });
});
