import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FlvProbe } from '../../../relay/formats/flv-probe.ts';
import { flvTag } from './flv-demux.ts';
import { type FlvTag, parseAudioBody, parseVideoBody } from '../../../relay/formats/flv-tag.ts';
import { h265 } from '../../../relay/formats/h265.ts';
import { hevcOf } from '../../kit/enhanced-flv.ts';
import { leastStep, makeClip, pictureHashes, probePackets, save, timesOf } from './clip.ts';
import { tagsOf, toFlv, toTs } from './drive.ts';
import { expectSameMedia } from './judge.ts';
import { survey } from './survey.ts';

const fixture = (name: string): FlvTag[] =>
  tagsOf(new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url))));

const hevc = () => makeClip({ video: 'h265', args: ['-pes_payload_size', '6000'] });

describe('HEVC in enhanced tags', () => {
  it('trap 15, HEVC: every picture arrives in hvc1 tags that a second reader unpacks', () => {
    const source = hevc();
    const { tags, remuxer } = toFlv(source);
    expect(remuxer.counters.videoFrames).toBe(180);
    expect(pictureHashes(save(hevcOf(tags), 'a.hevc'))).toEqual(pictureHashes(save(source, 'a.ts')));
  });

  it('trap 15, HEVC: composition time is told where it is not zero, and left away where it is', () => {
    const { tags } = toFlv(hevc());
    const types = tags
      .filter(({ kind, sequenceHeader }) => kind === 'video' && !sequenceHeader)
      .map(({ body }) => (body[0] ?? 0) & 15);
    expect(new Set(types)).toEqual(new Set([1, 3]));
  });

  it('trap 15, HEVC: keeps every frame on the way there and back', () => {
    const source = hevc();
    const { ts } = toTs(toFlv(source).tags);
    expectSameMedia({ source, output: ts, extension: 'ts' });
    expect(survey(ts).continuityErrors).toBe(0);
  });

  it("trap 15, HEVC: reads FFmpeg 8's own hvc1 tags", () => {
    const { ts, notices, remuxer } = toTs(fixture('hevc-aac.flv'));
    const path = save(ts, 'a.ts');
    expect(notices).toEqual([]);
    expect(remuxer.counters.videoFrames).toBe(30);
    expect(leastStep(timesOf(probePackets(path), 'video'))).toBeGreaterThan(0);
    const digest = createHash('sha256')
      .update(`${pictureHashes(path).join('\n')}\n`)
      .digest('hex');
    expect(digest).toBe('ae240e9f9f9cf495cd076325b616f2cb67f21acd5640027cd5c4d6aa9f1647ff');
  });

  it('trap 15, HEVC under the old codec id 12 is accepted', () => {
    const { tags } = toFlv(hevc());
    const old = tags.map((tag) => (tag.kind === 'video' ? { ...tag, body: asCodec12(tag.body) } : tag));
    expect(toTs(old).ts).toEqual(toTs(tags).ts);
  });

  it('trap 14, a peer without enhanced RTMP: HEVC is dropped by name and the sound flows', () => {
    const { tags, notices } = toFlv(hevc(), { enhanced: false });
    expect(notices).toEqual([
      { kind: 'track-dropped', reason: 'unsupported', codec: 'HEVC', pid: 0x100, streamType: 0x24 },
    ]);
    expect(tags.some(({ kind }) => kind === 'video')).toBe(false);
    expect(tags.filter(({ kind }) => kind === 'audio').length).toBeGreaterThan(200);
  });

  it('trap 2, start anywhere: begins at a key frame without the pictures that need what came before it', () => {
    const source = hevc();
    const { tags } = toFlv(source.subarray(188 * 300));
    expect(tags.find(({ kind, sequenceHeader }) => kind === 'video' && !sequenceHeader)?.keyframe).toBe(true);
    const whole = pictureHashes(save(source, 'a.ts'), 200);
    const joined = pictureHashes(save(toTs(tags).ts, 'a.ts'), 200);
    expect(joined.length).toBeGreaterThan(80);
    expect(joined).toEqual(whole.slice(-joined.length));
  });
});

/** The same tag with the legacy header that encoders used before enhanced RTMP. */
const asCodec12 = (body: Uint8Array): Uint8Array => {
  const type = (body[0] ?? 0) & 15;
  const head = [((body[0] ?? 0) & 0x70) | 12, type === 0 ? 0 : 1];
  const composition = type === 1 ? body.subarray(5, 8) : [0, 0, 0];
  return Uint8Array.from([...head, ...composition, ...body.subarray(type === 1 ? 8 : 5)]);
};

describe('other enhanced codecs', () => {
  it("trap 14, AV1 and Opus: FFmpeg 8's tags are read and dropped by name", () => {
    const tags = fixture('av1-opus.flv');
    const probe = new FlvProbe();
    for (const tag of tags) probe.push(tag);
    expect(probe.report()).toMatchObject([
      { kind: 'video', codec: 'av1', label: 'AV1', frames: 30 },
      { kind: 'audio', codec: 'opus', label: 'Opus' },
    ]);
    const { notices, ts } = toTs(tags);
    expect(notices.flatMap((notice) => (notice.kind === 'track-dropped' ? notice.codec : [])).toSorted()).toEqual([
      'AV1',
      'Opus',
    ]);
    expect(ts.length).toBe(0);
  });

  it('passes over modifiers before the codec', () => {
    const nano = [0x97, 2, 0, 0, 1, 0x01]; // ModEx of three bytes, then CodedFrames.
    const body = Uint8Array.from([...nano, ...Buffer.from('hvc1'), 0, 0, 9, 7, 7]);
    expect(parseVideoBody(body)).toMatchObject({ content: 'frame', keyframe: true, compositionMs: 9 });
  });

  it('takes the first of several tracks', () => {
    const video = Uint8Array.from([0x96, 0x11, ...Buffer.from('hvc1'), 0, 0, 0, 5, 0, 0, 3, 1, 2, 1, 0, 0, 1, 9]);
    expect(parseVideoBody(video)).toMatchObject({ content: 'frame', compositionMs: 3 });
    expect([...(parseVideoBody(video)?.data ?? [])]).toEqual([1, 2]);
    const audio = Uint8Array.from([0x95, 0x01, ...Buffer.from('Opus'), 0, 8, 8]);
    expect(parseAudioBody(audio)).toMatchObject({ content: 'frame', codec: { name: 'opus' } });
  });

  it('knows a configuration by its tag', () => {
    expect(flvTag('video', 0, Uint8Array.from([0x90, ...Buffer.from('av01'), 1]))).toMatchObject({
      sequenceHeader: true,
    });
    expect(h265.roleOf(Uint8Array.of(0x42, 1))).toBe('sps');
  });
});
