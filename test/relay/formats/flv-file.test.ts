import { describe, expect, it } from 'vitest';
import { noFaults } from '../../../relay/formats/faults.ts';
import { FlvDemuxer, flvTag } from './flv-demux.ts';
import { metadataBody } from '../../../relay/formats/flv-metadata.ts';
import { flvHeader, flvTagBytes } from './flv-mux.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { cached, makeClip, probePackets, save } from './clip.ts';
import { flvFile, pieces, tagsOf } from './drive.ts';

const read = (bytes: Uint8Array, size: number) => {
  const tags: FlvTag[] = [];
  const faults = noFaults();
  const demuxer = new FlvDemuxer(faults, (tag) => tags.push(tag));
  for (const piece of pieces(bytes, size)) demuxer.push(piece);
  return { tags, faults, demuxer };
};

describe('an FLV file', () => {
  it('is written as ffmpeg writes it, byte for byte', () => {
    const source = makeClip({ container: 'flv', seconds: 2 });
    expect(Buffer.from(flvFile(tagsOf(source))).equals(Buffer.from(source))).toBe(true);
  });

  it('gives the same tags however its bytes are cut', () => {
    const source = makeClip({ container: 'flv', seconds: 2 });
    for (const size of [1, 11, 1000, source.length]) expect(read(source, size).tags).toEqual(read(source, 4096).tags);
  });

  it('has times above 0xffffff in its extended byte', () => {
    const tag = flvTag('audio', 0xfedcba98, Uint8Array.of(0xaf, 1, 7));
    const file = Buffer.concat([flvHeader({ audio: true, video: false }), flvTagBytes(tag)]);
    expect(read(new Uint8Array(file), 5).tags).toEqual([tag]);
    expect([...flvTagBytes(tag).subarray(4, 8)]).toEqual([0xdc, 0xba, 0x98, 0xfe]);
  });

  it('trap 9, bounds: ends at a tag that claims more than 8 MB, and at what is no FLV', () => {
    const huge = Uint8Array.from([...flvHeader({ audio: false, video: true }), 9, 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const { demuxer, faults } = read(huge, 7);
    expect(demuxer.broken).toBe(true);
    expect(faults.tag).toBe(1);
    expect(read(new Uint8Array(100), 7).demuxer.broken).toBe(true);
  });

  it('trap 26, metadata: is told from other data, with and without the word of RTMP before it', () => {
    const body = metadataBody({ width: 320, videocodecid: 7 });
    const word = [2, 0, 13, ...Buffer.from('@setDataFrame')];
    expect(flvTag('data', 0, body).sequenceHeader).toBe(true);
    expect(flvTag('data', 0, Uint8Array.from([...word, ...body])).sequenceHeader).toBe(true);
    expect(flvTag('data', 0, Uint8Array.from([2, 0, 9, ...Buffer.from('onCuePoint')])).sequenceHeader).toBe(false);
  });

  it('trap 26, metadata: ffmpeg takes ours in', () => {
    const tags = tagsOf(cached('-f lavfi -i testsrc=size=160x90:rate=10 -t 1 -c:v libx264 -f flv'.split(' ')));
    const ours = flvTag('data', 0, metadataBody({ width: 160, height: 90, framerate: 10, videocodecid: 7 }));
    const file = flvFile([ours, ...tags.filter(({ kind }) => kind !== 'data')]);
    expect(probePackets(save(file, 'a.flv')).length).toBe(10);
  });
});
