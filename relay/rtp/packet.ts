/**
 * RTP packets that carry MPEG-TS: bytes to fields and back.
 * Source: RFC 3550 §5.1 (header), §5.3.1 (extension); RFC 2250 §2 (payload: whole TS packets, clock 90 kHz).
 */

/** `payload` is a view into the datagram: n × 188 bytes, n ≥ 1. `timestamp` is on a 90 kHz clock, 32 bits. */
export interface RtpPacket {
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
}

export type RtpFaultCode = 'rtp-short' | 'rtp-version' | 'rtp-payload-type' | 'rtp-padding' | 'ts-misaligned';

export const tsPacketBytes = 188;
/** The payload type for MPEG-TS (RFC 3551 §6). */
export const payloadTypeTs = 33;
export const rtpHeaderBytes = 12;
/** 7 × 188 bytes: what fits an Ethernet frame with RTP, UDP and IP in front, and what everybody sends. */
export const tsPacketsPerDatagram = 7;

const tsSync = 0x47;

/** The packet in a datagram, or why it is none. Nothing is copied; never throws. */
export function parseRtp(datagram: Uint8Array): RtpPacket | RtpFaultCode {
  if (datagram.length < rtpHeaderBytes) return 'rtp-short';
  const first = datagram[0] ?? 0;
  const second = datagram[1] ?? 0;
  if (first >> 6 !== 2) return 'rtp-version';
  if ((second & 0x7f) !== payloadTypeTs) return 'rtp-payload-type';
  const start = payloadStart(datagram, first);
  if (start > datagram.length) return 'rtp-short';
  const padding = (first & 0x20) === 0 ? 0 : (datagram[datagram.length - 1] ?? 0);
  const end = datagram.length - padding;
  if (end < start || ((first & 0x20) !== 0 && padding === 0)) return 'rtp-padding';
  const payload = datagram.subarray(start, end);
  if (!isTs(payload)) return 'ts-misaligned';
  const view = new DataView(datagram.buffer, datagram.byteOffset, rtpHeaderBytes);
  return {
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    marker: (second & 0x80) !== 0,
    payload,
  };
}

/**
 * Whether a datagram is RTCP, which a sender puts on the next port: it may be another input's. It is no fault of anybody.
 * Source: RFC 5761 section 4 (the packet types that RTP never uses).
 */
export function isRtcp(datagram: Uint8Array): boolean {
  const [first = 0, type = 0] = datagram;
  return first >> 6 === 2 && type >= 192 && type <= 223;
}

/** Whether the bytes are whole TS packets, one at least, each with its sync byte. */
export function isTs(bytes: Uint8Array): boolean {
  if (bytes.length === 0 || bytes.length % tsPacketBytes !== 0) return false;
  for (let at = 0; at < bytes.length; at += tsPacketBytes) {
    if (bytes[at] !== tsSync) return false;
  }
  return true;
}

export interface RtpHeader {
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** A datagram of its own: a plain header of 12 bytes and a copy of the payload. Numbers are taken mod 2¹⁶ and 2³². */
export function buildRtp({ sequence, timestamp, ssrc }: RtpHeader, payload: Uint8Array): Uint8Array {
  const datagram = new Uint8Array(rtpHeaderBytes + payload.length);
  const view = new DataView(datagram.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, payloadTypeTs);
  view.setUint16(2, sequence);
  view.setUint32(4, timestamp);
  view.setUint32(8, ssrc);
  datagram.set(payload, rtpHeaderBytes);
  return datagram;
}

/** Writes the timestamp, mod 2³², into a datagram that is built already. */
export const stampRtp = (datagram: Uint8Array, timestamp: number): void =>
  new DataView(datagram.buffer, datagram.byteOffset).setUint32(4, timestamp);

/** Behind the header, the contributing sources and the extension, as far as the header claims them. */
function payloadStart(datagram: Uint8Array, first: number): number {
  const afterSources = rtpHeaderBytes + (first & 0x0f) * 4;
  if ((first & 0x10) === 0) return afterSources;
  const words = ((datagram[afterSources + 2] ?? 0) << 8) | (datagram[afterSources + 3] ?? 0);
  return afterSources + 4 + words * 4;
}
