import { describe, expect, it } from 'vitest';
import type { TrackHealth } from '../../relay/contract/health.ts';
import { FormatWatch } from '../../relay/format-watch.ts';
import { StreamWitness } from '../../relay/stream-witness.ts';

const video = (changes: Partial<TrackHealth> = {}, frameRate = 25): TrackHealth => ({
  id: 'pid 256',
  kind: 'video',
  codec: 'H.264',
  profile: 'High',
  width: 1280,
  height: 720,
  values: { frameRate },
  ...changes,
});
const audio: TrackHealth = {
  id: 'pid 257',
  kind: 'audio',
  codec: 'AAC LC',
  sampleRate: 48_000,
  channels: 2,
  values: {},
};

/** What is told, second by second. */
function told(seconds: readonly (readonly TrackHealth[])[]): [second: number, code: string, format: unknown][] {
  const watch = new FormatWatch();
  return seconds.flatMap((tracks, second) => {
    const news = watch.read(tracks);
    return news ? [[second, news.code, news.facts['format']]] : [];
  });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('the format of an input', () => {
  it('is told once it has been the same for three seconds, and not again', () => {
    expect(told(times(10, [video(), audio]))).toEqual([
      [2, 'format-found', 'PID 256: H.264 High 1280x720 25 fps; PID 257: AAC LC 48 kHz 2 ch'],
    ]);
  });

  it('is told when it changes, with what it was', () => {
    const watch = new FormatWatch();
    for (const tracks of times(3, [video()])) watch.read(tracks);
    const changed = times(3, [video({ width: 1920, height: 1080 })]).map((tracks) => watch.read(tracks));
    expect(changed).toEqual([
      undefined,
      undefined,
      {
        code: 'format-changed',
        facts: { format: 'PID 256: H.264 High 1920x1080 25 fps', before: 'PID 256: H.264 High 1280x720 25 fps' },
      },
    ]);
  });

  it('tells 29.97 from 30 frames a second', () => {
    const codes = told([...times(4, [video({}, 29.97)]), ...times(4, [video({}, 30)])]);
    expect(codes.map(([, , format]) => String(format).slice(-9))).toEqual(['29.97 fps', 'x720 30 fps'.slice(-9)]);
  });

  it('is no other while the frame rate is not known, or varies', () => {
    const wild = [17, 22, 13, 0, 21].map((rate) => [video({}, rate)]);
    expect(told([...times(4, [video()]), ...wild, ...wild, ...times(4, [video()])])).toHaveLength(1);
  });

  it('without a size or a rate is told after eight seconds', () => {
    const [found] = told(times(9, [video({ width: undefined, height: undefined })]));
    expect(found).toEqual([7, 'format-found', 'PID 256: H.264 High 25 fps']);
  });

  it('names twelve tracks, and how many more there are', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ ...audio, id: `pid ${index}` }));
    expect(told(times(3, many))[0]?.[2]).toMatch(/; and 8 more$/);
  });
});

describe('the witness of an untouched transport stream', () => {
  const sample = { continuityErrors: 3, crcErrors: 1, pcrDiscontinuityErrors: 0 };

  it('counts damage as a remuxer does', () => {
    const witness = new StreamWitness();
    witness.note(sample, 0);
    expect(witness.counters()).toMatchObject({ rebases: 0, faults: { continuity: 3, 'section-crc': 1 } });
  });

  it('counts a jump of the clock where nothing is missing', () => {
    const witness = new StreamWitness();
    witness.note({ pcrDiscontinuityErrors: 1 }, 0);
    witness.note({ pcrDiscontinuityErrors: 1, continuityErrors: 2 }, 0);
    expect(witness.counters().rebases).toBe(1);
  });

  it('does not blame the encoder for what the link lost in this second or the one before', () => {
    const witness = new StreamWitness();
    witness.note({ ...sample, pcrDiscontinuityErrors: 1 }, 12);
    witness.note(sample, 0);
    expect(witness.counters()).toMatchObject({ rebases: 0, faults: { continuity: 0, 'section-crc': 2 } });
    witness.note(sample, 0);
    expect(witness.counters()).toMatchObject({ faults: { continuity: 3 } });
  });
});
