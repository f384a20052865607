import { describe, expect, it } from 'vitest';
import { mediaOf, messageOf } from '../../../relay/rtmp/message.ts';
import { toFlvTag } from '../../../relay/rtmp/tag.ts';
import { hex } from './kit.ts';

describe('a video tag', () => {
  it.each([
    ['an AVC sequence header', '17 00 000000', false, true],
    ['an AVC key frame', '17 01 000000', true, false],
    ['an AVC inter frame', '27 01 000000', false, false],
    ['an AVC end of sequence', '17 02 000000', false, false],
    ['an HEVC sequence header under codec 12', '1c 00 000000', false, true],
    ['an HEVC key frame under codec 12', '1c 01 000000', true, false],
    ['an H.263 key frame', '12 00', true, false],
    ['an hvc1 sequence start', '90 68766331', false, true],
    ['an hvc1 key frame', '91 68766331 000000', true, false],
    ['an hvc1 key frame without composition time', '93 68766331', true, false],
    ['an hvc1 inter frame', 'a3 68766331', false, false],
    ['an hvc1 sequence end', '92 68766331', false, false],
    ['hvc1 colour metadata', 'd4 68766331', false, false],
    ['an av01 MPEG-2 TS sequence start', '95 61763031', false, true],
    ['a multitrack sequence start', '96 00 68766331', false, true],
    ['a multitrack key frame', '96 13 68766331', true, false],
    ['a key frame behind a ModEx nanosecond offset', '97 02 000001 03 68766331', true, false],
    ['a sequence start behind two ModEx', '97 00 aa 07 00 bb 00 68766331', false, true],
    ['a ModEx cut short', '97 ff', false, false],
    ['nothing', '', false, false],
  ])('that is %s says so', (_what, bytes, keyframe, sequenceHeader) => {
    expect(toFlvTag('video', 0, hex(bytes))).toMatchObject({ keyframe, sequenceHeader });
  });
});

describe('an audio tag', () => {
  it.each([
    ['an AAC sequence header', 'af 00 1190', true],
    ['an AAC frame', 'af 01 00', false],
    ['an MP3 frame', '2f 00', false],
    ['an Opus sequence start', '90 4f707573', true],
    ['Opus coded frames', '91 4f707573', false],
    ['a multichannel configuration', '94 4f707573', true],
    ['a multitrack sequence start', '95 00 4f707573', true],
  ])('that is %s says so', (_what, bytes, sequenceHeader) => {
    expect(toFlvTag('audio', 0, hex(bytes))).toMatchObject({ keyframe: false, sequenceHeader });
  });
});

describe('a data message', () => {
  const setDataFrame = '02 000d 40736574446174614672616d65';
  const metadata = '02 000a 6f6e4d65746144617461 03 0000 09';
  const message = (typeId: number, body: string) => ({ typeId, streamId: 1, timestampMs: 5, payload: hex(body) });

  it.each([
    ['plain', 18, metadata],
    ['behind @setDataFrame', 18, `${setDataFrame} ${metadata}`],
    ['as AMF3', 15, `00 ${setDataFrame} ${metadata}`],
  ])('with onMetaData %s gives the body an FLV file would hold', (_how, typeId, body) => {
    const tag = mediaOf(message(typeId, body));
    expect(tag && Buffer.from(tag.body)).toEqual(hex(metadata));
    expect(tag?.sequenceHeader).toBe(true);
  });

  it('goes to a server behind @setDataFrame', () => {
    const tag = toFlvTag('data', 5, hex(metadata));
    expect(Buffer.from(messageOf(tag, 1).payload)).toEqual(hex(`${setDataFrame} ${metadata}`));
  });
});
