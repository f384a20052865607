import { describe, expect, it } from 'vitest';
import { faultText, formatText } from '../../web/client/preview-words.ts';

describe('what a preview says of the feed', () => {
  it.each([
    [
      {
        hasVideo: true,
        hasAudio: true,
        videoCodec: 'avc1.64001f',
        audioCodec: 'mp4a.40.2',
        width: 1280,
        height: 720,
        fps: 29.97002997,
      },
      'Live: H.264, 1280×720, 29.97 fps; AAC',
    ],
    [{ hasVideo: true, hasAudio: false, videoCodec: 'hvc1.1.6' }, 'Live: HEVC; no sound'],
    [{ hasVideo: false, hasAudio: true, audioCodec: 'opus' }, 'Live: no video; Opus'],
  ])('names codecs and sizes: %o', (info, words) => expect(formatText(info)).toBe(words));

  it.each([
    ['CodecUnsupported', 'cannot play the codec'],
    ['MediaMSEError', 'could not go on playing'],
    ['HttpStatusCodeInvalid', 'interrupted'],
    ['Strange', 'Strange'],
  ])('tells a fault of the player in plain words: %s', (detail, words) => expect(faultText(detail)).toContain(words));
});
