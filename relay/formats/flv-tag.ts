/**
 * The body of FLV tags, which is the payload of RTMP messages: headers read and written.
 * Sources: Adobe FLV v10.1 E.4.2, E.4.3; Enhanced RTMP v2 "ExVideoTagHeader", "ExAudioTagHeader".
 */

import { i24, put24, put32, putText, textAt, totalBytes, u16, u24, u8 } from './bytes.ts';
import { type Codec, codecOfFlvId, codecOfFourCc, codecs } from './codecs.ts';

/** One FLV tag, or one RTMP message of type 8, 9 or 18. The body is never changed once handed on. */
export interface FlvTag {
  readonly kind: 'audio' | 'video' | 'data';
  /** dts in ms, modulo 2^32. */
  readonly timestampMs: number;
  readonly body: Uint8Array;
  readonly keyframe: boolean;
  /** True for a codec configuration, and for onMetaData: what a new viewer must have first. */
  readonly sequenceHeader: boolean;
}

/** What the body of a video or audio tag holds. Legacy and enhanced headers read alike. */
export interface MediaBody {
  readonly codec: Codec;
  readonly content: 'header' | 'frame' | 'end' | 'other';
  readonly keyframe: boolean;
  /** pts - dts in ms; 0 for audio. */
  readonly compositionMs: number;
  /** The configuration or the frame: a view into the body. */
  readonly data: Uint8Array;
}

/** Frame types, E.4.3.1. */
const keyFrame = 1;
const interFrame = 2;
const commandFrame = 5;

/** Packet types of enhanced headers. */
const exSequenceStart = 0;
const exCodedFrames = 1;
const exSequenceEnd = 2;
const exCodedFramesX = 3;
const exMultitrack: Record<'video' | 'audio', number> = { video: 6, audio: 5 };
const exModEx = 7;

/** Undefined for a body that is too short or names nothing; codec `unknown` for one that is well-formed but strange. */
export const parseVideoBody = (body: Uint8Array): MediaBody | undefined => {
  if (body.length < 2) return undefined;
  const first = u8(body, 0);
  const frameType = (first >> 4) & 7;
  if ((first & 0x80) !== 0) return parseExtended('video', body, frameType);
  const codec = codecOfFlvId('video', first & 15) ?? codecs.unknown;
  if (codec === codecs.unknown || body.length < 5) return other(codec, body);
  const packetType = u8(body, 1);
  const content = frameType === commandFrame ? 'other' : (legacyContent[packetType] ?? 'other');
  const keyframe = frameType === keyFrame && content === 'frame';
  return { codec, content, keyframe, compositionMs: content === 'frame' ? i24(body, 2) : 0, data: body.subarray(5) };
};

/** AVCPacketType and, but for the end, AACPacketType. */
const legacyContent: Readonly<Record<number, MediaBody['content']>> = { 0: 'header', 1: 'frame', 2: 'end' };

const other = (codec: Codec, data: Uint8Array): MediaBody => ({
  codec,
  content: 'other',
  keyframe: false,
  compositionMs: 0,
  data,
});

const exAudioFormat = 9;

export const parseAudioBody = (body: Uint8Array): MediaBody | undefined => {
  if (body.length < 2) return undefined;
  const format = u8(body, 0) >> 4;
  if (format === exAudioFormat) return parseExtended('audio', body, 0);
  const codec = codecOfFlvId('audio', format) ?? codecs.unknown;
  if (codec !== codecs.aac) return { ...other(codec, body.subarray(1)), content: 'frame' };
  const content = u8(body, 1) === 0 ? 'header' : 'frame';
  return { codec, content, keyframe: false, compositionMs: 0, data: body.subarray(2) };
};

/** An enhanced header: modifiers are passed over, of several tracks the first is taken. */
const parseExtended = (kind: 'video' | 'audio', body: Uint8Array, frameType: number): MediaBody | undefined => {
  let packetType = u8(body, 0) & 15;
  let at = 1;
  while (packetType === exModEx && at < body.length) {
    const size = u8(body, at) + 1;
    const end = size === 256 ? at + 3 + u16(body, at + 1) + 1 : at + 1 + size;
    packetType = u8(body, end) & 15;
    at = end + 1;
  }
  if (packetType === exMultitrack[kind]) return firstTrack(kind, body, at, frameType);
  if (at + 4 > body.length) return undefined;
  const codec = codecOfFourCc(textAt(body, at, 4)) ?? codecs.unknown;
  return readExtended({ kind, codec, packetType, frameType, data: body.subarray(at + 4) });
};

/** Multitrack kinds: one track, many of one codec, many of many. */
const oneTrack = 0;
const manyCodecs = 2;

const firstTrack = (kind: 'video' | 'audio', body: Uint8Array, from: number, frameType: number) => {
  const multitrack = u8(body, from) >> 4;
  const packetType = u8(body, from) & 15;
  let at = from + 1;
  const shared = multitrack === manyCodecs ? '' : textAt(body, at, 4);
  if (multitrack !== manyCodecs) at += 4;
  at += 1; // trackId
  const fourCc = multitrack === manyCodecs ? textAt(body, at, 4) : shared;
  if (multitrack === manyCodecs) at += 4;
  const end = multitrack === oneTrack ? body.length : at + 3 + u24(body, at);
  if (multitrack !== oneTrack) at += 3;
  if (at > body.length || end > body.length) return undefined;
  const codec = codecOfFourCc(fourCc) ?? codecs.unknown;
  return readExtended({ kind, codec, packetType, frameType, data: body.subarray(at, end) });
};

interface Extended {
  readonly kind: 'video' | 'audio';
  readonly codec: Codec;
  readonly packetType: number;
  readonly frameType: number;
  readonly data: Uint8Array;
}

/** H.264, HEVC and VVC tell a composition time with CodedFrames; nothing else does. */
const readExtended = ({ kind, codec, packetType, frameType, data }: Extended): MediaBody => {
  const keyframe = frameType === keyFrame;
  if (packetType === exSequenceStart) return { ...other(codec, data), content: 'header' };
  if (packetType === exSequenceEnd) return { ...other(codec, data), content: 'end' };
  const isFrame = packetType === exCodedFrames || (kind === 'video' && packetType === exCodedFramesX);
  if (!isFrame || (kind === 'video' && frameType === commandFrame)) return other(codec, data);
  const composed = kind === 'video' && packetType === exCodedFrames && hasComposition.has(codec);
  if (!composed) return { codec, content: 'frame', keyframe, compositionMs: 0, data };
  return { codec, content: 'frame', keyframe, compositionMs: i24(data, 0), data: data.subarray(3) };
};

const hasComposition: ReadonlySet<Codec> = new Set([codecs.h264, codecs.h265, codecs.vvc]);

/** The codecs of video that we write: H.264 with a legacy header, HEVC with an enhanced one. */
export type WrittenVideo = 'h264' | 'h265';

/** A video configuration: avcC or hvcC. */
export const videoHeaderBody = (codec: WrittenVideo, config: Uint8Array): Uint8Array => {
  const body = new Uint8Array(5 + config.length);
  if (codec === 'h264') body[0] = (keyFrame << 4) | 7;
  else writeExtended(body, keyFrame, exSequenceStart, codecs.h265.fourCc);
  body.set(config, 5);
  return body;
};

/** A video frame of NAL units with 4-byte lengths. `compositionMs` fits 24 bits signed. */
export const videoFrameBody = (
  codec: WrittenVideo,
  nals: readonly Uint8Array[],
  { keyframe, compositionMs }: Pick<MediaBody, 'keyframe' | 'compositionMs'>,
): Uint8Array => {
  const isLegacy = codec === 'h264';
  const head = isLegacy || compositionMs === 0 ? 5 : 8;
  const body = new Uint8Array(head + nals.length * 4 + totalBytes(nals));
  const frameType = keyframe ? keyFrame : interFrame;
  if (isLegacy) {
    body[0] = (frameType << 4) | 7;
    body[1] = 1;
  } else writeExtended(body, frameType, compositionMs === 0 ? exCodedFramesX : exCodedFrames, codecs.h265.fourCc);
  if (isLegacy || compositionMs !== 0) put24(body, head - 3, compositionMs);
  writeLengths(body, head, nals);
  return body;
};

const writeLengths = (body: Uint8Array, from: number, nals: readonly Uint8Array[]): void => {
  let at = from;
  for (const nal of nals) {
    put32(body, at, nal.length);
    body.set(nal, at + 4);
    at += 4 + nal.length;
  }
};

/** The same frame with another NAL unit before its own; `media` is what `parseVideoBody` made of `body`. */
export const withNalBefore = (body: Uint8Array, media: MediaBody, nal: Uint8Array): Uint8Array => {
  const head = body.length - media.data.length;
  const longer = new Uint8Array(body.length + 4 + nal.length);
  longer.set(body.subarray(0, head));
  writeLengths(longer, head, [nal]);
  longer.set(media.data, head + 4 + nal.length);
  return longer;
};

const writeExtended = (body: Uint8Array, frameType: number, packetType: number, fourCc: string): void => {
  body[0] = 0x80 | (frameType << 4) | packetType;
  putText(body, 1, fourCc);
};

/** AAC, "44 kHz, 16 bit, stereo": what the header must say whatever the sound is, E.4.2.1. */
const aacFlags = 0xaf;

/** An AudioSpecificConfig (`isHeader`) or one raw AAC frame. */
export const aacBody = (data: Uint8Array, isHeader: boolean): Uint8Array => {
  const body = new Uint8Array(2 + data.length);
  body[0] = aacFlags;
  body[1] = isHeader ? 0 : 1;
  body.set(data, 2);
  return body;
};
