import { describe, expect, it } from 'vitest';
import { Gauge } from '../../relay/gauge.ts';
import { toPacketBatch } from '../../relay/media.ts';
import { makeClip } from './formats/clip.ts';

/** The clip in equal parts, one a second, and what was read after each. */
function readEachSecond(clip: Uint8Array, seconds: number) {
  const gauge = new Gauge();
  const size = Math.floor(clip.length / seconds / 188) * 188;
  return Array.from({ length: seconds }, (_, second) => {
    gauge.take(toPacketBatch(clip.subarray(second * size, (second + 1) * size), second * 1e6));
    return gauge.read((second + 1) * 1000, undefined);
  });
}

describe('the gauge of a stream', () => {
  it('reads the frame rates of picture and sound, though sound comes sixteen frames at a time', () => {
    const last = readEachSecond(makeClip({ seconds: 6 }), 6).at(-1);
    const rates = Object.fromEntries((last?.tracks ?? []).map(({ kind, values }) => [kind, values.frameRate ?? 0]));
    expect(Math.abs((rates['video'] ?? 0) / 30 - 1)).toBeLessThan(0.02);
    expect(Math.abs((rates['audio'] ?? 0) / (48_000 / 1024) - 1)).toBeLessThan(0.1);
  });

  it('reads the bits that passed in the second before', () => {
    const clip = makeClip({ seconds: 6 });
    const size = Math.floor(clip.length / 6 / 188) * 188;
    expect(readEachSecond(clip, 6).map(({ values }) => values['bitrate'])).toEqual(Array(6).fill(size * 8));
  });

  it('has no frame rate of a track that has fallen silent', () => {
    const gauge = new Gauge();
    gauge.take(toPacketBatch(makeClip({ seconds: 6 }), 0));
    gauge.read(1000, undefined);
    expect(gauge.read(2000, undefined).tracks.map(({ values }) => values.frameRate)).toEqual([0, 0]);
  });

  it('takes reordered packets for no loss, and what was never recovered for loss', () => {
    const gauge = new Gauge();
    const link = { side: 'receive', packets: 110, unique: 90, retransmitted: 20, belated: 20, dropped: 10 } as const;
    expect(gauge.read(1000, link).values).toMatchObject({ lossRatio: 0.1, retransmitRatio: 20 / 110, dropped: 10 });
  });

  it('tells how long ago the last picture was seen', () => {
    const gauge = new Gauge();
    gauge.take(toPacketBatch(makeClip({ seconds: 6 }), 0));
    expect(
      [gauge.read(1000, undefined), gauge.read(4000, undefined)].map(({ values }) => values['frameAgeMs']),
    ).toEqual([0, 3000]);
  });
});
