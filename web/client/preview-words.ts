/** What a preview says of itself: what is in the feed, and why it cannot be shown. */
import { t } from './words.ts';

export interface FeedInfo {
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly videoCodec?: string;
  readonly audioCodec?: string;
  readonly hasVideo?: boolean;
  readonly hasAudio?: boolean;
}

/** Names of RFC 6381 begin with these. */
const codecNames: readonly (readonly [string, string])[] = [
  ['avc', 'H.264'],
  ['hvc', 'HEVC'],
  ['hev', 'HEVC'],
  ['av01', 'AV1'],
  ['mp4a', 'AAC'],
  ['mp3', 'MP3'],
  ['ac-3', 'AC-3'],
  ['ec-3', 'E-AC-3'],
  ['opus', 'Opus'],
];

const nameOf = (codec: string): string => codecNames.find(([start]) => codec.startsWith(start))?.[1] ?? codec;

/** One line, such as "Live: H.264, 1280×720, 25 fps; AAC". */
export function formatText({ width, height, fps, videoCodec, audioCodec, hasVideo, hasAudio }: FeedInfo): string {
  const video = [
    videoCodec ? nameOf(videoCodec) : t('video'),
    width && height ? `${width}×${height}` : '',
    fps ? `${Math.round(fps * 100) / 100} fps` : '',
  ];
  const parts = [
    hasVideo === false ? t('no video') : video.filter(Boolean).join(', '),
    hasAudio === false ? t('no sound') : audioCodec ? nameOf(audioCodec) : t('sound'),
  ];
  return t('Live: {parts}', { parts: parts.join('; ') });
}

/** By mpegts.js's ErrorDetails and the browser's own words. The feed goes on whatever a browser can play. */
export function faultText(detail: string): string {
  if (/codec|format|not supported|unsupported/i.test(detail))
    return t('This browser cannot play the codec of this feed. The feed itself is not affected.');
  if (/MediaMSE/i.test(detail))
    return t('This browser could not go on playing. The feed itself is not affected; press Preview to try again.');
  if (/http|early|network|exception|connecting/i.test(detail))
    return t('The preview was interrupted. Press Preview to try again.');
  return t('The preview cannot go on ({detail}). The feed itself is not affected.', { detail });
}
