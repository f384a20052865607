import { describe, expect, it } from 'vitest';
import { flvTag } from './flv-demux.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { FlvToTs } from '../../../relay/formats/flv-to-ts.ts';
import { h264 } from '../../../relay/formats/h264.ts';
import { splitAnnexB } from '../../../relay/formats/nal.ts';
import { cached, complaints, leastStep, makeClip, save } from './clip.ts';
import { tagsOf, toFlv, toTs } from './drive.ts';
import { expectSameMedia } from './judge.ts';
import { audioPid, joined, packetsOf, payloadOf, pidOf, videoPid } from './packets.ts';
import { longestStep, survey } from './survey.ts';

const clip = (seconds = 6): FlvTag[] => tagsOf(makeClip({ container: 'flv', seconds }));

const moved = (tags: readonly FlvTag[], ms: number): FlvTag[] =>
  tags.map((tag) => ({ ...tag, timestampMs: (tag.timestampMs + ms) % 2 ** 32 }));

const dtsOf = (ts: Uint8Array, pid: number): number[] => (survey(ts).pes.get(pid) ?? []).map(({ dtsMs }) => dtsMs);

describe('FLV to TS', () => {
  it('keeps every frame of H.264 with B-frames and AAC', () => {
    const source = makeClip({ container: 'flv' });
    const { ts, remuxer } = toTs(tagsOf(source));
    expectSameMedia({ source, output: ts, extension: 'ts' });
    expect(survey(ts).continuityErrors).toBe(0);
    expect(Object.values(remuxer.counters.faults).every((count) => count === 0)).toBe(true);
    expect(complaints(save(ts, 'a.ts'))).toBe('');
  });

  it('keeps every frame on the way there and back', () => {
    const source = makeClip({ args: ['-pes_payload_size', '6000'] });
    const { ts } = toTs(toFlv(source).tags);
    expectSameMedia({ source, output: ts, extension: 'ts' });
  });
});

describe('the clock of FLV to TS', () => {
  it.each([
    ['0xffffff, where RTMP extends its timestamps', 0xffffff - 3000],
    ['2^31, where signed numbers end', 2 ** 31 - 3000],
    ['2^32, where RTMP wraps', 2 ** 32 - 3000],
  ])('trap 4, 32 bits of ms: crosses %s as if nothing were there', (_, startMs) => {
    expect(toTs(moved(clip(), startMs)).ts).toEqual(toTs(clip()).ts);
  });

  it('trap 1, wrap: its own 33 bits wrap with no gap above one frame', () => {
    const { ts } = toTs(clip(), { startTicks: 2 ** 33 - 3 * 90_000 });
    const { pcrMs, continuityErrors } = survey(ts);
    expect(continuityErrors).toBe(0);
    expect(leastStep(dtsOf(ts, videoPid))).toBeGreaterThan(32);
    expect(longestStep(dtsOf(ts, videoPid))).toBeLessThan(35);
    expect(longestStep(pcrMs)).toBeLessThanOrEqual(40);
    expect(leastStep(pcrMs)).toBeGreaterThan(0);
    expect(Math.max(...pcrMs)).toBeGreaterThan(2 ** 33 / 90);
  });

  it.each([-5_000_000, 3_600_000])('trap 5, jump of the publisher by %d ms: goes on one frame later', (jump) => {
    const tags = moved(clip(3), 10_000_000);
    const { ts, remuxer } = toTs([...tags, ...moved(tags, 4000 + jump)]);
    expect(remuxer.counters.rebases).toBe(1);
    for (const pid of [videoPid, audioPid]) {
      expect(leastStep(dtsOf(ts, pid))).toBeGreaterThan(0);
      expect(longestStep(dtsOf(ts, pid))).toBeLessThan(150);
    }
    expect(survey(ts).pes.get(videoPid)?.length).toBe(180);
  });

  it('trap 28, another publisher: begins at its key frame, one frame later, with its own configuration', () => {
    const packets: Uint8Array[] = [];
    const remuxer = new FlvToTs({ onPackets: (lent) => packets.push(lent.slice()) });
    const small = '-f lavfi -i testsrc=size=160x90:rate=30 -t 2 -c:v libx264 -preset ultrafast -f flv'.split(' ');
    for (const tag of clip(2)) remuxer.push(tag);
    remuxer.rejoin();
    for (const tag of tagsOf(cached(small))) remuxer.push(tag);
    const ts = new Uint8Array(Buffer.concat(packets));
    const times = survey(ts).pes.get(videoPid) ?? [];
    expect(times.length).toBe(120);
    expect(times[60]?.randomAccess).toBe(true);
    expect(leastStep(dtsOf(ts, videoPid))).toBeGreaterThan(0);
    expect(longestStep(dtsOf(ts, videoPid))).toBeLessThan(150);
    expect(survey(ts).continuityErrors).toBe(0);
    expect(complaints(save(ts, 'a.ts'))).not.toMatch(/error|non-existing/i);
  });

  it('trap 22, B-frames: pts is never before dts, and differs where frames are reordered', () => {
    const times = survey(toTs(clip()).ts).pes.get(videoPid) ?? [];
    expect(times.every(({ ptsMs, dtsMs }) => ptsMs >= dtsMs)).toBe(true);
    expect(times.some(({ ptsMs, dtsMs }) => ptsMs > dtsMs + 30)).toBe(true);
  });
});

describe('what a receiver needs of FLV to TS', () => {
  it('trap 20, clock: PCR at most every 40 ms and tables at most every 100 ms', () => {
    const { pcrMs, patMs, pmtMs } = survey(toTs(clip()).ts);
    expect(longestStep(pcrMs)).toBeLessThanOrEqual(40);
    expect(longestStep(patMs)).toBeLessThanOrEqual(100);
    expect(longestStep(pmtMs)).toBeLessThanOrEqual(100);
  });

  it('trap 20, clock: the same where frames are rare, and for sound alone', () => {
    const rare = '-f lavfi -i testsrc2=size=320x180:rate=2 -t 6 -c:v libx264 -preset ultrafast -f flv'.split(' ');
    const alone = clip(3).filter(({ kind }) => kind === 'audio');
    for (const tags of [tagsOf(cached(rare)), alone]) {
      const { pcrMs, pmtMs, continuityErrors } = survey(toTs(tags).ts);
      expect(pcrMs.length).toBeGreaterThan(20);
      expect(longestStep(pcrMs)).toBeLessThanOrEqual(40);
      expect(longestStep(pmtMs)).toBeLessThanOrEqual(100);
      expect(continuityErrors).toBe(0);
    }
  });

  it('trap 20, lag: every frame comes 0 to 400 ms before its dts on the clock', () => {
    const frames = [...survey(toTs(clip()).ts).pes.values()].flat();
    for (const { dtsMs, pcrMs } of frames) {
      expect(dtsMs - pcrMs).toBeGreaterThanOrEqual(0);
      expect(dtsMs - pcrMs).toBeLessThanOrEqual(400);
    }
  });

  it('trap 20, tables: PAT and PMT come right before each IDR', () => {
    const { ts } = toTs(clip());
    const packets = packetsOf(ts);
    const entries = (survey(ts).pes.get(videoPid) ?? []).filter(({ randomAccess }) => randomAccess);
    expect(entries.length).toBe(6);
    for (const { index } of entries) {
      const before = packets.slice(Math.max(0, index - 3), index).map(pidOf);
      expect(before).toContain(0);
      expect(before).toContain(0x1000);
    }
  });

  it('trap 17, parameter sets: a delimiter, SPS and PPS come before each IDR slice, a delimiter before all', () => {
    const { ts } = toTs(clip());
    const units = (survey(ts).pes.get(videoPid) ?? []).map(({ index, randomAccess }) => {
      const packet = packetsOf(ts)[index] ?? new Uint8Array(188);
      const payload = packet.subarray(payloadOf(packet));
      const nals = splitAnnexB(payload.subarray(9 + (payload[8] ?? 0)));
      return { randomAccess, roles: nals.map((nal) => h264.roleOf(nal)) };
    });
    expect(units.every(({ roles }) => roles[0] === 'aud')).toBe(true);
    for (const { roles } of units.filter(({ randomAccess }) => randomAccess)) {
      expect(roles.slice(0, 3)).toEqual(['aud', 'sps', 'pps']);
    }
  });

  it('trap 21, sound 300 ms off: no frame is late for the clock, whichever track is behind', () => {
    for (const shift of [-300, 300]) {
      const tags = moved(clip(), 1000).map((tag) =>
        tag.kind === 'audio' ? { ...tag, timestampMs: tag.timestampMs + shift } : tag,
      );
      const { ts } = toTs(tags);
      const late = [...survey(ts).pes.values()].flat().filter(({ dtsMs, pcrMs }) => dtsMs < pcrMs);
      expect(late.length, `${shift} ms`).toBe(0);
      expect(longestStep(survey(ts).pcrMs)).toBeLessThanOrEqual(40);
    }
  });

  it('trap 21, silent sound: does not hold the picture back', () => {
    const tags = clip().filter(({ kind, timestampMs }) => kind !== 'audio' || timestampMs < 1000);
    const { pes, pcrMs } = survey(toTs(tags).ts);
    expect(pes.get(videoPid)?.length).toBe(180);
    expect(Math.max(...pcrMs)).toBeGreaterThan(5500);
  });

  it('trap 21, long frames: a frame above 65535 bytes is written without a length', () => {
    const noise = '-f lavfi -i nullsrc=size=640x360:rate=30,geq=random(1)*255:128:128 -t 0.2 -c:v libx264 -qp 4 -f flv';
    const source = cached(noise.split(' '));
    expect(Math.max(...tagsOf(source).map(({ body }) => body.length))).toBeGreaterThan(65_535);
    expectSameVideo(source);
  });
});

const expectSameVideo = (source: Uint8Array): void => {
  const { ts } = toTs(tagsOf(source));
  expect(complaints(save(ts, 'a.ts'))).toBe('');
  expect(survey(ts).pes.get(videoPid)?.length).toBe(
    tagsOf(source).filter((tag) => tag.kind === 'video' && !tag.sequenceHeader && tag.body[1] === 1).length,
  );
};

describe('what publishers send', () => {
  it('trap 19, length sizes: NAL lengths of two bytes are read by the avcC that announces them', () => {
    const tags = clip(2);
    const short = tags.map((tag) => (tag.kind === 'video' ? { ...tag, body: withShortLengths(tag.body) } : tag));
    expect(toTs(short).ts).toEqual(toTs(tags).ts);
  });

  it('trap 17, new picture: another avcC repeats the new parameter sets from its IDR on', () => {
    const small = '-f lavfi -i testsrc=size=160x90:rate=30 -t 2 -c:v libx264 -preset ultrafast -f flv'.split(' ');
    const { ts } = toTs([...clip(2), ...moved(tagsOf(cached(small)), 2100)]);
    expect(survey(ts).pes.get(videoPid)?.length).toBe(120);
    expect(complaints(save(ts, 'a.ts'))).not.toMatch(/non-existing|error/i);
  });

  it('trap 14, codecs that TS does not get: dropped by name, once, and the rest flows', () => {
    const av1 = Buffer.concat([Buffer.from([0x90]), Buffer.from('av01'), Buffer.from([0x81, 0, 0, 0])]);
    const opus = Buffer.concat([Buffer.from([0x91]), Buffer.from('Opus'), Buffer.from([1, 2, 3])]);
    const strange = [flvTag('video', 0, av1), flvTag('audio', 0, opus), flvTag('video', 40, av1)];
    const { notices, ts } = toTs([...strange, ...clip(2)]);
    expect(notices).toEqual([
      { kind: 'track-dropped', reason: 'unsupported', codec: 'AV1' },
      { kind: 'track-dropped', reason: 'unsupported', codec: 'Opus' },
    ]);
    expect(survey(ts).pes.get(videoPid)?.length).toBe(60);
  });

  it('trap 16, HE-AAC told explicitly: becomes its core in ADTS', () => {
    const tags = clip(1).map((tag) =>
      tag.kind === 'audio' && tag.sequenceHeader
        ? flvTag('audio', 0, Uint8Array.of(0xaf, 0, 0x2b, 0x11, 0x88, 0))
        : tag,
    );
    const packet = packetsOf(toTs(tags).ts).find((one) => pidOf(one) === audioPid && ((one[1] ?? 0) & 0x40) !== 0);
    const adts = packet?.subarray(payloadOf(packet) + 14) ?? new Uint8Array();
    // 24 kHz core (index 6), LC, stereo.
    expect([...adts.subarray(0, 4)]).toEqual([0xff, 0xf1, 0x58, expect.any(Number)]);
  });

  it('trap 3, composition: a negative or absurd one becomes pts = dts and is counted', () => {
    const tags = clip(1).map((tag) => {
      if (tag.kind !== 'video' || tag.sequenceHeader || tag.keyframe) return tag;
      return { ...tag, body: Uint8Array.from([...tag.body.subarray(0, 2), 0x80, 0, 0, ...tag.body.subarray(5)]) };
    });
    const { ts, remuxer } = toTs(tags);
    expect(remuxer.counters.faults.timestamp).toBe(29);
    expect((survey(ts).pes.get(videoPid) ?? []).every(({ ptsMs, dtsMs }) => ptsMs >= dtsMs)).toBe(true);
  });

  it('a frame whose NAL lengths leave it is left out and counted', () => {
    const tags = clip(1);
    const at = tags.findIndex(({ kind, timestampMs }) => kind === 'video' && timestampMs > 300);
    const cut = tags.map((tag, i) => (i === at ? { ...tag, body: tag.body.subarray(0, 40) } : tag));
    const { remuxer } = toTs(cut);
    expect(remuxer.counters.faults['nal-length']).toBe(1);
    expect(remuxer.counters.videoFrames).toBe(29);
  });

  it('a new track makes a new version of the PMT', () => {
    const tags = clip(3).filter(
      ({ kind, timestampMs, sequenceHeader }) => kind !== 'audio' || (!sequenceHeader && timestampMs > 1000),
    );
    const late = clip(3).find(({ kind, sequenceHeader }) => kind === 'audio' && sequenceHeader);
    const at = tags.findIndex(({ timestampMs }) => timestampMs > 1000);
    const { ts } = toTs([...tags.slice(0, at), ...(late ? [{ ...late, timestampMs: 1000 }] : []), ...tags.slice(at)]);
    expect(new Set(survey(ts).pmtVersions)).toEqual(new Set([0, 1]));
    expect(joined(packetsOf(ts)).length).toBe(ts.length);
  });
});

/** The same H.264 tag with NAL lengths of two bytes. */
const withShortLengths = (body: Uint8Array): Uint8Array => {
  if (body[1] === 0) return body.map((byte, i) => (i === 9 ? (byte & 0xfc) | 1 : byte));
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const out = [...body.subarray(0, 5)];
  for (let at = 5; at + 4 <= body.length; ) {
    const end = at + 4 + view.getUint32(at);
    out.push(...body.subarray(at + 2, end));
    at = end;
  }
  return Uint8Array.from(out);
};
