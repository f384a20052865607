import { describe, expect, it } from 'vitest';
import { Gauge, type Reading } from '../../relay/gauge.ts';
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

const rateOf = (tracks: Reading['tracks'], wanted: string): number | undefined =>
  tracks.find(({ kind }) => kind === wanted)?.values['frameRate'];

describe('the gauge of a stream', () => {
  it('reads the frame rates of picture and sound each second, though sound comes sixteen frames at a time', () => {
    for (const { tracks } of readEachSecond(makeClip({ seconds: 6 }), 6)) {
      expect(rateOf(tracks, 'video')).toBeCloseTo(30, 6);
      expect(rateOf(tracks, 'audio')).toBeCloseTo(48_000 / 1024, 1);
    }
  });

  it.each([
    ['AAC at 44.1 kHz', ['aac', '-b:a', '64k', '-ar', '44100'], 44_100 / 1024],
    ['AAC in LATM', ['aac', '-b:a', '64k', '-mpegts_flags', 'latm'], 48_000 / 1024],
    ['MPEG audio, layer II', ['mp2', '-b:a', '128k'], 48_000 / 1152],
    ['MPEG audio, layer II at 44.1 kHz', ['mp2', '-b:a', '128k', '-ar', '44100'], 44_100 / 1152],
    ['MPEG-2 audio, layer III', ['libmp3lame', '-b:a', '64k', '-ar', '22050'], 22_050 / 576],
    ['AC-3', ['ac3', '-b:a', '192k'], 48_000 / 1536],
    ['AC-3 at 44.1 kHz', ['ac3', '-b:a', '192k', '-ar', '44100'], 44_100 / 1536],
    ['E-AC-3', ['eac3', '-b:a', '192k'], 48_000 / 1536],
  ])('counts the frames of %s, not the packets that they are in', (_, audio, rate) => {
    for (const { tracks } of readEachSecond(makeClip({ audio, seconds: 6 }), 6))
      expect(Math.abs((rateOf(tracks, 'audio') ?? 0) / rate - 1)).toBeLessThan(0.005);
  });

  it('knows no frame rate before two frames have come', () => {
    const clip = makeClip({ seconds: 6 });
    const gauge = new Gauge();
    gauge.take(toPacketBatch(clip.subarray(0, 188 * 5), 0));
    expect(rateOf(gauge.read(1000, undefined).tracks, 'video')).toBeUndefined();
    gauge.take(toPacketBatch(clip.subarray(188 * 5), 0));
    expect(rateOf(gauge.read(2000, undefined).tracks, 'video')).toBeCloseTo(30, 6);
  });

  it('reads the bits that passed in the second before', () => {
    const clip = makeClip({ seconds: 6 });
    const size = Math.floor(clip.length / 6 / 188) * 188;
    expect(readEachSecond(clip, 6).map(({ values }) => values['bitrate'])).toEqual(Array(6).fill(size * 8));
  });

  it('reads rates that add up to what passed, and are even where it was even, however late a busy process looks', () => {
    const gauge = new Gauge();
    const second = 1000 * 188;
    const clip = makeClip({ seconds: 6 }).subarray(0, 2 * second);
    const looks = [0, 30, 400, 10, 700, 0].map((late, i) => (i + 1) * 1000 + late);
    const rates = looks.map((at, i) => {
      const packets = at - (looks[i - 1] ?? 0);
      gauge.take(toPacketBatch(clip.subarray(0, packets * 188), 0));
      return gauge.read(at, undefined, (i + 1) * 1000).values['bitrate'];
    });
    for (const rate of rates) expect(rate).toBeCloseTo(second * 8, 3);
  });

  it('makes no negative rate, and loses nothing, where the edge is moved by a jump of the clock', () => {
    const gauge = new Gauge();
    const clip = makeClip({ seconds: 6 }).subarray(0, 188_000);
    // The third edge is before the look of the second: it counts as that look.
    const seconds = [
      { edge: 1000, lasts: 1 },
      { edge: 1500, lasts: 0.5 },
      { edge: 700, lasts: 0.5 },
      { edge: 3900, lasts: 1.9 },
      { edge: 4000, lasts: 0.1 },
    ];
    const parts = seconds.map(({ edge, lasts }, i) => {
      gauge.take(toPacketBatch(clip, 0));
      return (gauge.read(1000 + i * 1000, undefined, edge).values['bitrate'] ?? 0) * lasts;
    });
    expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(4 * clip.length * 8, 3);
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
