/**
 * RTMP messages: the types, and the few that are built by hand.
 * Source: Adobe RTMP 1.0 §5.4 (protocol control), §6.2 (user control), §7.1 (commands and media).
 */

import { putU16, putU32, u24, u32 } from './bytes.ts';
import { RtmpFault } from './fault.ts';
import type { FlvTag } from '../formats/flv-tag.ts';
import { startsWith, toFlvTag, type TagKind } from './tag.ts';

/** `payload` belongs to whoever receives the message. `timestampMs` is 32 bits and wraps. */
export interface RtmpMessage {
  readonly typeId: number;
  readonly streamId: number;
  readonly timestampMs: number;
  readonly payload: Uint8Array;
}

export const messageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const;

export const userControl = { streamBegin: 0, pingRequest: 6, pingResponse: 7 } as const;

/** Chunk streams of our own messages. 2 is set by §5.4; the others are what encoders in the field use. */
export const chunkStream = { control: 2, command: 3, audio: 4, data: 5, video: 6 } as const;

/** Bytes either side may send before it waits for an acknowledgement: what servers in the field ask for. */
export const windowBytes = 2_500_000;

/** Set chunk size, abort, acknowledgement or window size: one number of 32 bits (§5.4.1 to §5.4.4). */
export const controlMessage = (typeId: number, value: number): RtmpMessage => {
  const payload = new Uint8Array(4);
  putU32(payload, 0, value);
  return { typeId, streamId: 0, timestampMs: 0, payload };
};

/** Set peer bandwidth with the limit type "dynamic" (§5.4.5). */
export const peerBandwidthMessage = (bytes: number): RtmpMessage => {
  const payload = new Uint8Array(5);
  putU32(payload, 0, bytes);
  payload[4] = 2;
  return { typeId: messageType.peerBandwidth, streamId: 0, timestampMs: 0, payload };
};

/** A user control event with one number: stream begin, ping request or ping response (§7.1.7). */
export const userControlMessage = (event: number, value: number): RtmpMessage => {
  const payload = new Uint8Array(6);
  putU16(payload, 0, event);
  putU32(payload, 2, value);
  return { typeId: messageType.userControl, streamId: 0, timestampMs: 0, payload };
};

/** The number a control message carries. Throws `control-message-short` when it holds fewer than 4 bytes. */
export const controlValue = (message: RtmpMessage): number => {
  if (message.payload.length < 4) throw new RtmpFault('control-message-short', 'A control message is cut short.');
  return u32(message.payload, 0);
};

/** The pong for a ping request, or undefined for any other user control event. */
export const pongFor = (message: RtmpMessage): RtmpMessage | undefined => {
  const { payload } = message;
  const isPing = payload.length >= 6 && payload[0] === 0 && payload[1] === userControl.pingRequest;
  return isPing ? userControlMessage(userControl.pingResponse, u32(payload, 2)) : undefined;
};

const kinds = new Map<number, TagKind>([
  [messageType.audio, 'audio'],
  [messageType.video, 'video'],
  [messageType.dataAmf0, 'data'],
  [messageType.dataAmf3, 'data'],
]);

/** AMF0 string "@setDataFrame": what encoders put before onMetaData on its way to a server, and no FLV file holds. */
const setDataFrame = Uint8Array.of(2, 0, 13, ...Buffer.from('@setDataFrame'));

/**
 * The media unit of a message, or undefined when the message is not media. Empty messages are media of no bytes and
 * come as undefined too. Of data messages the AMF3 lead byte and "@setDataFrame" are taken off.
 */
export function mediaOf(message: RtmpMessage): FlvTag | undefined {
  const kind = kinds.get(message.typeId);
  if (kind === undefined || message.payload.length === 0) return undefined;
  let body = message.payload;
  if (message.typeId === messageType.dataAmf3) body = body.subarray(1);
  if (kind === 'data' && startsWith(body, setDataFrame)) body = body.subarray(setDataFrame.length);
  return toFlvTag(kind, message.timestampMs, body);
}

/** The message that carries a tag to a server: onMetaData goes behind "@setDataFrame". The body is not copied otherwise. */
export function messageOf(tag: FlvTag, streamId: number): RtmpMessage {
  const { kind, timestampMs } = tag;
  const typeId = kind === 'data' ? messageType.dataAmf0 : messageType[kind];
  const payload = kind === 'data' && tag.sequenceHeader ? Buffer.concat([setDataFrame, tag.body]) : tag.body;
  return { typeId, streamId, timestampMs, payload };
}

/**
 * The messages inside an aggregate (§7.1.6): each an FLV tag header, a body, and a back pointer that is not read.
 * Their times are moved by the aggregate's own time less that of the first. Bodies share the aggregate's memory.
 * Throws `aggregate-broken` when a body passes the end or there are more than `most`.
 */
export function splitAggregate(message: RtmpMessage, most: number): RtmpMessage[] {
  const { payload, streamId } = message;
  const inner: RtmpMessage[] = [];
  const first = payload.length >= tagHeaderBytes ? tagTime(payload, 0) : 0;
  let at = 0;
  while (at + tagHeaderBytes <= payload.length) {
    const end = at + tagHeaderBytes + u24(payload, at + 1);
    if (end > payload.length || inner.length === most) {
      throw new RtmpFault('aggregate-broken', 'An aggregate message holds a body that passes its end, or too many.');
    }
    const timestampMs = (message.timestampMs + tagTime(payload, at) - first) >>> 0;
    inner.push({
      typeId: payload[at] ?? 0,
      streamId,
      timestampMs,
      payload: payload.subarray(at + tagHeaderBytes, end),
    });
    at = end + backPointerBytes;
  }
  return inner;
}

const tagHeaderBytes = 11;
const backPointerBytes = 4;

/** 24 bits and an upper byte behind them (FLV §E.4.1). */
const tagTime = (bytes: Uint8Array, at: number): number => u24(bytes, at + 4) + (bytes[at + 7] ?? 0) * 0x1000000;
