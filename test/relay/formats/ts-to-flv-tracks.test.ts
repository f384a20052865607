import { describe, expect, it } from 'vitest';
import { splitLengths } from '../../../relay/formats/nal.ts';
import { cached, makeClip, probePackets, save, timesOf } from './clip.ts';
import { flvFile, frames, msOf, toFlv } from './drive.ts';
import { audioPid, edited, joined, pidOf, sealSection } from './packets.ts';

describe('tracks that FLV cannot carry', () => {
  const tone = (frequency: number): string => `-f lavfi -i sine=frequency=${frequency}:sample_rate=48000`;

  it('trap 13, two sounds: carries the first, or the one that was asked for, and names the other once', () => {
    const args = `-f lavfi -i testsrc2=size=320x180:rate=30 ${tone(400)} ${tone(900)} -t 2 -map 0 -map 1 -map 2 -c:v libx264
      -preset ultrafast -c:a aac -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu -f mpegts`;
    const source = cached(args.split(/\s+/));
    expect(toFlv(source).notices).toEqual([
      { kind: 'track-dropped', reason: 'extra', codec: 'AAC', pid: 0x102, streamType: 0x0f },
    ]);
    expect(toFlv(source, { audioLanguage: 'deu' }).notices).toMatchObject([{ pid: 0x101 }]);
    expect(toFlv(source, { audioPid: 0x102 }).notices).toMatchObject([{ pid: 0x101 }]);
  });

  it.each([
    ['MP2', 'MPEG audio', ['mp2'], 0x03],
    ['AC-3', 'AC-3', ['ac3'], 0x81],
    ['E-AC-3', 'E-AC-3', ['eac3'], 0x87],
    ['Opus', 'Opus', ['libopus'], 0x06],
  ])('trap 14, %s: dropped by name, and the picture flows', (_, codec, audio, streamType) => {
    const { notices, tags } = toFlv(makeClip({ seconds: 2, audio }));
    expect(notices).toEqual([{ kind: 'track-dropped', reason: 'unsupported', codec, pid: audioPid, streamType }]);
    expect(frames(tags, 'video').length).toBe(60);
    expect(tags.some(({ kind }) => kind === 'audio')).toBe(false);
  });

  it('trap 16, LATM: dropped by name, as it is not ADTS', () => {
    const source = edited(makeClip({ seconds: 2 }), (packet) => {
      const at = pidOf(packet) === 0x1000 ? packet.indexOf(0x0f, 17) : -1;
      if (at < 0) return;
      packet[at] = 0x11;
      sealSection(packet);
    });
    expect(toFlv(source).notices).toMatchObject([{ kind: 'track-dropped', codec: 'AAC in LATM', streamType: 0x11 }]);
  });

  it('trap 18, captions and time codes: SEI stays in its frame, delimiters and filler go', () => {
    const args = `-f lavfi -i testsrc2=size=320x180:rate=30 -t 1 -c:v libx264 -preset ultrafast -b:v 2M -minrate 2M
      -maxrate 2M -bufsize 500k -x264-params nal-hrd=cbr:filler=1:pic-struct=1 -f mpegts`;
    const roles = frames(toFlv(cached(args.split(/\s+/))).tags, 'video').map(({ body }) =>
      splitLengths(body.subarray(5), 4).map((nal) => (nal[0] ?? 0) & 31),
    );
    expect(roles.every((types) => types.includes(6))).toBe(true);
    expect(roles.flat().filter((type) => [7, 8, 9, 12].includes(type))).toEqual([]);
  });

  it('trap 18, data tracks: SCTE-35, KLV, DVB subtitles and teletext are dropped by name', () => {
    const source = withStreams([
      [0x86, 0x200, []],
      [0x06, 0x201, [5, 4, ...Buffer.from('KLVA')]],
      [0x06, 0x202, [0x59, 8, ...Buffer.from('eng'), 0x10, 0, 1, 0, 1]],
      [0x06, 0x203, [0x56, 5, ...Buffer.from('eng'), 8, 0]],
    ]);
    const { notices, tags } = toFlv(source);
    expect(notices).toEqual([
      { kind: 'track-dropped', reason: 'unsupported', codec: 'SCTE-35', pid: 0x200, streamType: 0x86 },
      { kind: 'track-dropped', reason: 'unsupported', codec: 'KLV', pid: 0x201, streamType: 0x06 },
      { kind: 'track-dropped', reason: 'unsupported', codec: 'DVB subtitles', pid: 0x202, streamType: 0x06 },
      { kind: 'track-dropped', reason: 'unsupported', codec: 'teletext', pid: 0x203, streamType: 0x06 },
    ]);
    expect(frames(tags, 'video').length).toBe(60);
  });

  it('sound without picture flows by itself', () => {
    const { tags } = toFlv(makeClip({ seconds: 2, video: 'none' }));
    expect(frames(tags, 'audio').length).toBeGreaterThan(90);
    expect(msOf(tags, 'audio')[0]).toBe(0);
  });
});

/** The clip with more streams in its PMT. */
const withStreams = (streams: readonly (readonly [number, number, readonly number[]])[]): Uint8Array =>
  edited(makeClip({ seconds: 2 }), (packet) => {
    if (pidOf(packet) !== 0x1000) return;
    const end = 8 + (((packet[6] ?? 0) & 15) << 8) + (packet[7] ?? 0) - 4;
    const more = streams.flatMap(([type, pid, descriptors]) => [
      type,
      0xe0 | (pid >> 8),
      pid & 255,
      0xf0,
      descriptors.length,
      ...descriptors,
    ]);
    packet.set(more, end);
    packet[7] = (packet[7] ?? 0) + more.length;
    sealSection(packet);
  });

describe('AAC and H.264 configurations', () => {
  it('trap 16, AAC: frames that span PES packets and many in one all arrive, byte for byte', () => {
    for (const size of ['100', '700', '6000']) {
      const source = makeClip({ seconds: 3, args: ['-pes_payload_size', size] });
      const audio = frames(toFlv(source).tags, 'audio').map(({ body }) => Buffer.from(body).toString('hex'));
      const plain = frames(toFlv(makeClip({ seconds: 3 })).tags, 'audio').map(({ body }) =>
        Buffer.from(body).toString('hex'),
      );
      expect(audio, `${size} bytes a PES`).toEqual(plain);
    }
  });

  it('trap 16, AAC: another sample rate sends a new configuration before its first frame', () => {
    const parts = [['aac'], ['aac', '-ar', '44100']].map((audio, i) =>
      makeClip({ seconds: 2, audio, args: ['-output_ts_offset', String(i * 100)] }),
    );
    const audio = toFlv(joined(parts)).tags.filter(({ kind }) => kind === 'audio');
    const headers = audio.filter(({ sequenceHeader }) => sequenceHeader);
    expect(headers.map(({ body }) => [...body.subarray(2)])).toEqual([
      [0x11, 0x88],
      [0x12, 0x08],
    ]);
  });

  it('trap 17, new picture: another SPS sends a new configuration right before its IDR', () => {
    const small =
      '-f lavfi -i testsrc=size=160x90:rate=30 -t 2 -c:v libx264 -preset ultrafast -output_ts_offset 50 -f mpegts';
    const { tags, flv } = toFlv(joined([makeClip({ seconds: 2, audio: [] }), cached(small.split(' '))]));
    const second = tags.findLastIndex(({ kind, sequenceHeader }) => kind === 'video' && sequenceHeader);
    expect(second).toBeGreaterThan(50);
    expect(tags[second + 1]).toMatchObject({ kind: 'video', keyframe: true, sequenceHeader: false });
    expect(timesOf(probePackets(save(flv, 'a.flv')), 'video').length).toBe(120);
  });

  it('trap 28, reconnection: the headers in force can be had again', () => {
    const { remuxer, tags } = toFlv(makeClip({ seconds: 2 }));
    const again = remuxer.headers();
    expect(again.map(({ kind, sequenceHeader }) => [kind, sequenceHeader])).toEqual([
      ['data', true],
      ['video', true],
      ['audio', true],
    ]);
    const late = [...again, ...tags.filter(({ sequenceHeader }) => !sequenceHeader)];
    expect(timesOf(probePackets(save(flvFile(late), 'a.flv')), 'video').length).toBe(60);
  });
});
