/**
 * One unit of RTMP media and what its first bytes say.
 * Source: Adobe Flash Video File Format 10.1 §E.4.2 and §E.4.3; Enhanced RTMP v2, "ExVideoTagHeader", "ExAudioTagHeader".
 */

import type { FlvTag } from '../formats/flv-tag.ts';

export type TagKind = FlvTag['kind'];

/** The unit for a message payload, which is kept, not copied. An empty or cut body is neither key frame nor header. */
export function toFlvTag(kind: TagKind, timestampMs: number, body: Uint8Array): FlvTag {
  if (kind === 'video') return { kind, timestampMs, body, ...classifyVideo(body) };
  const sequenceHeader = kind === 'audio' ? isAudioHeader(body) : startsWith(body, onMetaData);
  return { kind, timestampMs, body, keyframe: false, sequenceHeader };
}

export const startsWith = (bytes: Uint8Array, head: Uint8Array): boolean =>
  bytes.length >= head.length && head.every((byte, i) => bytes[i] === byte);

/** The AMF0 string that opens the body of a data tag with metadata. */
const onMetaData = Uint8Array.of(2, 0, 10, ...Buffer.from('onMetaData'));

const frameTypeKey = 1;
const codecAvc = 7;
/** HEVC by a number that was never assigned: Chinese encoders and their CDNs use it. */
const codecHevcUnofficial = 12;
const soundAac = 10;
const soundExtended = 9;

/** Packet types of the extended headers. Types 5 and 4 mean different things for video and audio. */
const exSequenceStart = 0;
const exVideoCodedFrames = 1;
const exVideoCodedFramesX = 3;
const exVideoMpeg2tsStart = 5;
const exVideoMultitrack = 6;
const exAudioMultichannel = 4;
const exAudioMultitrack = 5;
const exModEx = 7;

function classifyVideo(body: Uint8Array): { keyframe: boolean; sequenceHeader: boolean } {
  const first = body[0] ?? 0;
  const isKey = ((first >> 4) & 0x7) === frameTypeKey;
  if ((first & 0x80) === 0) {
    const codec = first & 0x0f;
    const hasHeaders = codec === codecAvc || codec === codecHevcUnofficial;
    const sequenceHeader = hasHeaders && body[1] === 0;
    // Packet type 2 is the end of a sequence: no frame either.
    const isFrame = !hasHeaders || body[1] === 1;
    return { keyframe: isKey && isFrame, sequenceHeader };
  }
  const type = exPacketType(body, exVideoMultitrack);
  return {
    keyframe: isKey && (type === exVideoCodedFrames || type === exVideoCodedFramesX),
    sequenceHeader: type === exSequenceStart || type === exVideoMpeg2tsStart,
  };
}

function isAudioHeader(body: Uint8Array): boolean {
  const format = (body[0] ?? 0) >> 4;
  if (format === soundAac) return body[1] === 0;
  if (format !== soundExtended) return false;
  const type = exPacketType(body, exAudioMultitrack);
  return type === exSequenceStart || type === exAudioMultichannel;
}

/** The packet type after any ModEx prefixes and inside a multitrack header; 15 (unassigned) when the body is cut short. */
function exPacketType(body: Uint8Array, multitrack: number): number {
  let type = (body[0] ?? 0) & 0x0f;
  let at = 1;
  while (type === exModEx && at < body.length) {
    let size = (body[at] ?? 0) + 1;
    at += 1;
    if (size === 256) {
      size = (((body[at] ?? 0) << 8) | (body[at + 1] ?? 0)) + 1;
      at += 2;
    }
    at += size;
    type = (body[at] ?? 0x0f) & 0x0f;
    at += 1;
  }
  return type === multitrack ? (body[at] ?? 0x0f) & 0x0f : type;
}
