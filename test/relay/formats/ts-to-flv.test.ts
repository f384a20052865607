import { describe, expect, it } from 'vitest';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { TsToFlv } from '../../../relay/formats/ts-to-flv.ts';
import { cached, leastStep, makeClip } from './clip.ts';
import { frames, msOf, pieces, toFlv, toTs } from './drive.ts';
import { expectSameMedia } from './judge.ts';
import { begins, edited, joined, packetsOf, pidOf, randomNumbers, sealSection, videoPid } from './packets.ts';
import { survey } from './survey.ts';

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

  it('begins with onMetaData, then both configurations, then a key frame', () => {
    const { tags } = toFlv(makeClip({ seconds: 2 }));
    expect(tags.slice(0, 4).map(({ kind, sequenceHeader }) => [kind, sequenceHeader])).toEqual([
      ['data', true],
      ['audio', true],
      ['video', true],
      ['video', false],
    ]);
    expect(tags.slice(0, 4).every(({ timestampMs }) => timestampMs === 0)).toBe(true);
    expect(tags[3]?.keyframe).toBe(true);
    expect(new Set(survey(toTs(tags).ts).pmtVersions)).toEqual(new Set([0]));
  });

  it('sends all tags in order of time, whatever track they are of', () => {
    const { tags } = toFlv(makeClip({ args: ['-pes_payload_size', '6000'] }));
    expect(leastStep(tags.map(({ timestampMs }) => timestampMs))).toBeGreaterThanOrEqual(0);
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
