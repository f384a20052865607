import { describe, expect, it } from 'vitest';
import { cached, leastStep, makeClip, pictureHashes, probePackets, save, timesOf } from './clip.ts';
import { flvFile, pieces, toFlv } from './drive.ts';
import { expectSameMedia } from './judge.ts';
import { audioPid, begins, edited, joined, packetsOf, payloadOf, pidOf, randomNumbers, videoPid } from './packets.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { TsToFlv } from '../../../relay/formats/ts-to-flv.ts';
import { splitLengths } from '../../../relay/formats/nal.ts';
import { crc32 } from '../../../relay/formats/ts-psi.ts';

const frames = (tags: readonly FlvTag[], kind: 'video' | 'audio'): FlvTag[] =>
  tags.filter((tag) => tag.kind === kind && !tag.sequenceHeader);

const msOf = (tags: readonly FlvTag[], kind: 'video' | 'audio'): number[] =>
  frames(tags, kind).map(({ timestampMs }) => timestampMs);

const lastPositive = (steps: readonly number[]): number =>
  Math.max(...steps.slice(1).map((ms, i) => ms - (steps[i] ?? 0)));

describe('TS to FLV', () => {
  it('keeps every frame of H.264 with B-frames and AAC with 16 frames per PES', () => {
    const source = makeClip({ args: ['-pes_payload_size', '6000'] });
    const { flv, remuxer, notices } = toFlv(source);
    expectSameMedia({ source, output: flv, extension: 'flv' });
    expect(Object.values(remuxer.counters.faults).every((count) => count === 0)).toBe(true);
    expect(notices).toEqual([]);
  });

  it('gives the same tags however the bytes are cut', () => {
    const source = makeClip({ seconds: 2 });
    const whole = toFlv(source, {}, source.length).tags;
    for (const size of [1, 7, 188, 1316, 5000]) expect(toFlv(source, {}, size).tags, `${size} bytes`).toEqual(whole);
  });

  it('begins with onMetaData, both configurations before their frames, and a key frame', () => {
    const { tags } = toFlv(makeClip({ seconds: 2 }));
    expect(tags.slice(0, 3).map(({ kind, sequenceHeader }) => [kind, sequenceHeader])).toEqual([
      ['data', true],
      ['video', true],
      ['video', false],
    ]);
    expect(frames(tags, 'video')[0]?.keyframe).toBe(true);
    expect(tags.find(({ kind }) => kind === 'audio')?.sequenceHeader).toBe(true);
  });

  it('sends all tags in order of time, whatever track they are of', () => {
    const { tags } = toFlv(makeClip({ args: ['-pes_payload_size', '6000'] }));
    expect(leastStep(tags.map(({ timestampMs }) => timestampMs))).toBeGreaterThanOrEqual(0);
  });
});

describe('the clock of TS to FLV', () => {
  it('trap 1, wrap: crosses 2^33 with no step above one frame and no drift of the sound', () => {
    const wrapSeconds = 2 ** 33 / 90000;
    const source = makeClip({ args: ['-output_ts_offset', String(wrapSeconds - 3), '-muxdelay', '0'] });
    const { tags, remuxer } = toFlv(source);
    expect(remuxer.counters.rebases).toBe(0);
    expect(lastPositive(msOf(tags, 'video'))).toBeLessThanOrEqual(34);
    expect(lastPositive(msOf(tags, 'audio'))).toBeLessThanOrEqual(22);
    expect(msOf(tags, 'video').length).toBe(180);
    const still = toFlv(makeClip({ args: ['-output_ts_offset', '10', '-muxdelay', '0'] }));
    expect(Math.abs((msOf(tags, 'audio')[0] ?? 0) - (msOf(still.tags, 'audio')[0] ?? 0))).toBeLessThanOrEqual(1);
  });

  it('trap 2, start anywhere: begins at the first IDR and leaves out sound before it', () => {
    const packets = packetsOf(makeClip());
    const { tags, remuxer } = toFlv(joined(packets.slice(Math.floor(packets.length * 0.1))));
    expect(frames(tags, 'video')[0]).toMatchObject({ keyframe: true, timestampMs: 0 });
    expect(msOf(tags, 'audio')[0]).toBeGreaterThanOrEqual(0);
    expect(msOf(tags, 'audio')[0]).toBeLessThan(50);
    expect(remuxer.counters.awaitingKeyframe).toBeGreaterThan(5);
    expect(remuxer.counters.overlapping).toBeGreaterThan(5);
  });

  it('trap 3, ms: rounds dts and pts by themselves, so that 59.94 fps has no drift', () => {
    const args =
      '-f lavfi -i testsrc2=size=320x180:rate=60000/1001 -t 5 -c:v libx264 -preset ultrafast -bf 2 -f mpegts';
    const source = cached(args.split(' '));
    const before = probePackets(save(source, 'a.ts'));
    const after = probePackets(save(toFlv(source).flv, 'a.flv'));
    const shift = (before[0]?.dts ?? 0) - (after[0]?.dts ?? 0);
    for (const [i, packet] of after.entries()) {
      expect(Math.abs(packet.dts + shift - (before[i]?.dts ?? 0))).toBeLessThan(0.001);
      expect(Math.abs(packet.pts + shift - (before[i]?.pts ?? 0))).toBeLessThan(0.001);
    }
  });

  it('trap 5, restart: another time base with other PIDs goes on one frame later, from an IDR', () => {
    const first = makeClip({ seconds: 3 });
    const args = [
      '-streamid',
      '0:768',
      '-streamid',
      '1:769',
      '-output_ts_offset',
      '5000',
      '-mpegts_pmt_start_pid',
      '0x900',
    ];
    const { tags, remuxer } = toFlv(joined([first, makeClip({ seconds: 3, args })]));
    expect(remuxer.counters.rebases).toBe(1);
    expect(leastStep(msOf(tags, 'video'))).toBeGreaterThan(0);
    expect(leastStep(msOf(tags, 'audio'))).toBeGreaterThan(0);
    expect(lastPositive(msOf(tags, 'video'))).toBeLessThan(150);
    expect(frames(tags, 'video').length).toBe(180);
    expect(frames(tags, 'video')[90]?.keyframe).toBe(true);
  });

  it.each([
    ['back by an hour', 3605, 5],
    ['on by an hour', 5, 3605],
    ['back by 2 s', 7, 2],
  ])('trap 5, jump without a flag: %s, with no step back and no hole', (_, from, to) => {
    const parts = [from, to].map((offset) => makeClip({ seconds: 3, args: ['-output_ts_offset', String(offset)] }));
    const { tags, flv } = toFlv(joined(parts));
    expect(leastStep(msOf(tags, 'video'))).toBeGreaterThan(0);
    expect(leastStep(msOf(tags, 'audio'))).toBeGreaterThan(0);
    expect(lastPositive(msOf(tags, 'video'))).toBeLessThan(150);
    expect(timesOf(probePackets(save(flv, 'a.flv')), 'video').length).toBe(180);
  });

  it('trap 5, jump: sound and picture come out of it as far apart as they went in', () => {
    const parts = [5, 905].map((offset) => makeClip({ seconds: 3, args: ['-output_ts_offset', String(offset)] }));
    const { tags } = toFlv(joined(parts));
    const second = (kind: 'video' | 'audio') => msOf(tags, kind).at(-1) ?? 0;
    const alone = toFlv(makeClip({ seconds: 3, args: ['-output_ts_offset', '905'] })).tags;
    const skew =
      second('audio') - second('video') - ((msOf(alone, 'audio').at(-1) ?? 0) - (msOf(alone, 'video').at(-1) ?? 0));
    expect(Math.abs(skew)).toBeLessThanOrEqual(2);
  });

  it('trap 5, flag: a time base that is announced to break leaves no hole, though it steps by 3 s only', () => {
    const second = makeClip({ seconds: 3, args: ['-output_ts_offset', '6', '-mpegts_flags', 'initial_discontinuity'] });
    const { tags } = toFlv(joined([makeClip({ seconds: 3 }), second]));
    expect(lastPositive(msOf(tags, 'video'))).toBeLessThan(150);
    const silent = makeClip({ seconds: 3, args: ['-output_ts_offset', '6'] });
    expect(lastPositive(msOf(toFlv(joined([makeClip({ seconds: 3 }), silent])).tags, 'video'))).toBeGreaterThan(2900);
  });

  it('trap 5, another source: begins at its key frame, one frame later, though its clock is the same', () => {
    const tags: FlvTag[] = [];
    const remuxer = new TsToFlv({ onTag: (tag) => tags.push(tag) });
    const packets = packetsOf(makeClip({ seconds: 3 }));
    for (const packet of packets) remuxer.push(packet, 0);
    remuxer.rejoin();
    for (const packet of packets.slice(200)) remuxer.push(packet, 0);
    remuxer.end();
    expect(frames(tags, 'video')[90]?.keyframe).toBe(true);
    expect(leastStep(msOf(tags, 'video'))).toBeGreaterThan(0);
    expect(leastStep(msOf(tags, 'audio'))).toBeGreaterThan(0);
    expect(lastPositive(msOf(tags, 'video'))).toBeLessThan(150);
  });

  it('trap 2, no IDR ever: begins at a recovery point after three seconds, with pictures that decode', () => {
    const args = `-f lavfi -i testsrc2=size=320x180:rate=30 -t 8 -c:v libx264 -preset veryfast -threads 1 -bf 2 -g 30
      -x264-params open-gop=1:keyint=30:scenecut=0 -pix_fmt yuv420p -f mpegts`;
    const source = cached(args.split(/\s+/));
    const { tags, flv } = toFlv(joined(packetsOf(source).slice(100)));
    const known = new Set(pictureHashes(save(source, 'a.ts'), 300));
    expect(frames(tags, 'video')[0]).toMatchObject({ keyframe: true, timestampMs: 0 });
    expect(frames(tags, 'video').length).toBeGreaterThan(80);
    expect(pictureHashes(save(flv, 'a.flv'), 300).every((hash) => known.has(hash))).toBe(true);
  });

  it('trap 2, no picture ever: sound goes alone after ten seconds, and says so once', () => {
    const packets = packetsOf(makeClip({ seconds: 14 })).filter((packet) => pidOf(packet) !== videoPid);
    const { tags, notices } = toFlv(joined(packets));
    expect(frames(tags, 'audio').length).toBeGreaterThan(150);
    expect(msOf(tags, 'audio')[0]).toBe(0);
    expect(notices).toEqual([{ kind: 'no-keyframe' }]);
  });

  it('trap 6, PES without pts: takes the time of the frame before and adds a frame', () => {
    let count = 0;
    const args = '-f lavfi -i testsrc2=size=320x180:rate=25 -t 3 -c:v libx264 -preset ultrafast -bf 0 -f mpegts';
    const source = edited(cached(args.split(' ')), (packet) => {
      if (pidOf(packet) !== videoPid || !begins(packet) || ++count % 3 !== 0) return;
      packet[payloadOf(packet) + 7] = 0; // No pts; the header keeps its length as stuffing.
    });
    const times = msOf(toFlv(source).tags, 'video');
    expect(times).toEqual(Array.from({ length: 75 }, (_, i) => i * 40));
  });
});

describe('loss on the way into TS to FLV', () => {
  it.each([0.01, 0.05])('trap 7, loss of %d: sends on, never back, with what is damaged counted', (share) => {
    const random = randomNumbers(7);
    const source = joined(packetsOf(makeClip()).filter(() => random() >= share));
    const { tags, remuxer } = toFlv(source);
    expect(leastStep(msOf(tags, 'video'))).toBeGreaterThan(0);
    expect(leastStep(msOf(tags, 'audio'))).toBeGreaterThan(0);
    expect(remuxer.counters.faults.continuity).toBeGreaterThan(5);
    expect(remuxer.counters.damaged).toBeGreaterThan(3);
    expect(frames(tags, 'video').length).toBeGreaterThan(140);
  });

  it('trap 7, the option: drops from a damaged frame to the next key frame', () => {
    const packets = packetsOf(makeClip());
    const lost = packets.findIndex((packet, i) => i > 400 && pidOf(packet) === videoPid && !begins(packet));
    const { tags } = toFlv(joined(packets.filter((_, i) => i !== lost)), { damaged: 'drop' });
    const gap = frames(tags, 'video').findIndex(
      ({ timestampMs }, i, all) => timestampMs - (all[i - 1]?.timestampMs ?? 0) > 40,
    );
    expect(frames(tags, 'video')[gap]?.keyframe).toBe(true);
  });

  it('trap 7, repetition: a packet that comes twice is taken once', () => {
    const source = makeClip({ seconds: 2 });
    const twice = joined(
      packetsOf(source).flatMap((packet) => (pidOf(packet) === videoPid ? [packet, packet] : [packet])),
    );
    const { tags, remuxer } = toFlv(twice);
    expect(tags).toEqual(toFlv(source).tags);
    expect(remuxer.counters.faults.continuity).toBe(0);
  });

  it('trap 7, transport errors: a packet that says so is dropped', () => {
    const source = edited(makeClip({ seconds: 2 }), (packet, i) => {
      if (i % 97 === 50) packet[1] = (packet[1] ?? 0) | 0x80;
    });
    expect(toFlv(source).remuxer.counters.faults['transport-error']).toBeGreaterThan(3);
  });

  it('trap 7, resync: garbage between packets costs no more than the packets that it hits', () => {
    const packets = packetsOf(makeClip({ seconds: 3 }));
    const garbage = Uint8Array.from({ length: 1000 }, (_, i) => (i * 71) & 0xff);
    const middle = Math.floor(packets.length / 2);
    const source = joined([garbage, ...packets.slice(0, middle), garbage, ...packets.slice(middle)]);
    const { tags, remuxer } = toFlv(source, {}, 1000);
    expect(remuxer.counters.faults['sync-loss']).toBeGreaterThanOrEqual(2);
    expect(frames(tags, 'video').length).toBeGreaterThanOrEqual(88);
  });
});

describe('the end of a frame in TS to FLV', () => {
  const lastFrame = (source: Uint8Array, waitMs: number): number => {
    const tags: FlvTag[] = [];
    const remuxer = new TsToFlv({ onTag: (tag) => tags.push(tag) });
    for (const piece of pieces(source)) remuxer.push(piece, 1000);
    remuxer.flush(1000 + waitMs);
    remuxer.flush(1000 + waitMs + 1);
    return frames(tags, 'video').length;
  };

  it('trap 8, quiet input: the last frame leaves the pipe when its track falls silent', () => {
    const source = makeClip({ seconds: 2, audio: [] });
    expect(lastFrame(source, 0)).toBe(59);
    expect(lastFrame(source, 100)).toBe(60);
  });

  it('trap 8, declared length: a video PES that tells its length ends with it', () => {
    const args = ['-omit_video_pes_length', '0'];
    expect(lastFrame(makeClip({ seconds: 2, audio: [], args }), 0)).toBe(60);
  });

  it('trap 9, bounds: a PES that never ends is dropped at its bound and counted', () => {
    const packets = packetsOf(makeClip({ seconds: 2, audio: [] }));
    const start = packets.findIndex((packet) => pidOf(packet) === videoPid && begins(packet));
    const filler = Uint8Array.from({ length: 188 }, () => 0x55);
    filler.set([0x47, 0x01, 0x00, 0x10]);
    const endless = Array.from({ length: 50_000 }, (_, i) => {
      const packet = filler.slice();
      packet[3] = 0x10 | ((i + 1 + ((packets[start]?.[3] ?? 0) & 15)) & 15);
      return packet;
    });
    const { remuxer } = toFlv(joined([...packets.slice(0, start + 1), ...endless]));
    expect(remuxer.counters.faults['pes-too-long']).toBe(1);
  });
});

describe('tables on the way into TS to FLV', () => {
  it('trap 10, damaged tables: a wrong CRC is counted and the old table holds', () => {
    const source = edited(makeClip({ seconds: 3 }), (packet, i) => {
      if (i > 100 && pidOf(packet) === 0x1000) packet[20] = (packet[20] ?? 0) ^ 0xff;
    });
    const { tags, remuxer } = toFlv(source);
    expect(remuxer.counters.faults['section-crc']).toBeGreaterThan(3);
    expect(frames(tags, 'video').length).toBe(90);
  });

  it('trap 10, not yet current: a table that is announced changes nothing', () => {
    const source = edited(makeClip({ seconds: 2 }), (packet, i) => {
      if (pidOf(packet) !== 0x1000 || i < 100) return;
      packet[10] = (packet[10] ?? 0) & 0xfe;
      packet[14] = 0xff; // Another PCR PID, which a careless reader would believe.
      sealSection(packet);
    });
    expect(frames(toFlv(source).tags, 'video').length).toBe(60);
  });

  it('trap 10, moved PIDs: the same version number with other content is read', () => {
    const parts = [0, 3].map((offset) =>
      makeClip({
        seconds: 3,
        args: ['-output_ts_offset', String(offset), ...(offset === 3 ? ['-streamid', '0:768'] : [])],
      }),
    );
    const { tags } = toFlv(joined(parts));
    expect(frames(tags, 'video').length).toBe(180);
    expect(leastStep(msOf(tags, 'video'))).toBeGreaterThan(0);
  });

  it('trap 11, several programs: carries the lowest and names the others once', () => {
    const args = [
      '-f lavfi -i testsrc2=size=320x180:rate=30 -f lavfi -i testsrc=size=160x90:rate=25 -t 2 -map 1 -map 0',
      '-c:v libx264 -preset ultrafast -program program_num=7:st=0 -program program_num=3:st=1 -f mpegts',
    ];
    const source = cached(args.join(' ').split(' '));
    const { notices, tags } = toFlv(source);
    expect(notices).toEqual([{ kind: 'program-chosen', program: 3, others: [7] }]);
    expect(frames(tags, 'video').length).toBe(60);
    expect(frames(toFlv(source, { program: 7 }).tags, 'video').length).toBe(50);
  });

  it('trap 12, padding: null packets do not reach FLV', () => {
    const source = makeClip({ seconds: 2, args: ['-muxrate', '4M'] });
    const { tags, remuxer } = toFlv(source);
    expect(frames(tags, 'video').length).toBe(60);
    expect(remuxer.counters.faults.continuity).toBe(0);
  });
});

/** Makes the CRC of a one-packet section right again. */
const sealSection = (packet: Uint8Array): void => {
  const end = 5 + 3 + (((packet[6] ?? 0) & 15) << 8) + (packet[7] ?? 0);
  new DataView(packet.buffer, packet.byteOffset).setUint32(end - 4, crc32(packet, 5, end - 4));
};

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
      ...[type, 0xe0 | (pid >> 8), pid & 255, 0xf0, descriptors.length],
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
