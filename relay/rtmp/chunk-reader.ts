/**
 * Chunks to messages: the receiving half of the RTMP chunk stream. Bytes in, messages out; no socket, no clock.
 * Source: Adobe RTMP 1.0 §5.3.1 (format), §5.4.1 (set chunk size), §5.4.2 (abort), §7.1.6 (aggregate).
 */

import { elapsed32, joined, u24, u32, u32le } from './bytes.ts';
import { RtmpFault } from './fault.ts';
import { rtmpLimits, type RtmpLimits } from './limits.ts';
import { controlValue, messageType, splitAggregate, type RtmpMessage } from './message.ts';

/** What one chunk stream remembers from chunk to chunk (§5.3.1.2). */
interface ChunkStream {
  /** The message time, 32 bits. */
  timestampMs: number;
  /** The step that a message opened by a fmt 3 chunk takes. */
  deltaMs: number;
  /** The extended timestamp field as last sent, while one is in force. */
  extended: number | undefined;
  length: number;
  typeId: number;
  streamId: number;
  /** The message under way: grows up to `length` as bytes come, so that a claim costs nothing. */
  body: Uint8Array;
  received: number;
  underWay: boolean;
}

interface ChunkHeader {
  readonly size: number;
  readonly format: number;
  readonly csid: number;
  /** The timestamp or delta in the header; undefined for fmt 3 without an extended timestamp. */
  readonly time: number | undefined;
  readonly extended: number | undefined;
  readonly length: number;
  readonly typeId: number;
  readonly streamId: number;
}

const messageHeaderBytes = [11, 7, 3, 0] as const;
const extendedMark = 0xffffff;
const firstAllocation = 64 * 1024;
const largestChunkSize = 0x7fffffff;

/**
 * A fmt 3 chunk that opens a message right after a fmt 0 one means, by §5.3.1.2.4, "step by the timestamp itself".
 * ffmpeg sends it so; librtmp means "same time as before". Up to this time the first reading can be true, above it no
 * two frames lie that far apart and the second is taken.
 */
const longestFirstStepMs = 1_000;

/** How far a new time may lie from the last for four bytes after a fmt 3 header to be read as an extended timestamp. */
const plausibleStepMs = 60_000;

export class ChunkReader {
  readonly #deliver: (message: RtmpMessage) => void;
  readonly #limits: RtmpLimits;
  readonly #streams = new Map<number, ChunkStream>();
  #messageBytes: number;
  #mostPending: number;
  #chunkSize = 128;
  #carry: Uint8Array = new Uint8Array(0);
  #current: ChunkStream | undefined;
  /** Bytes that the chunk under way still brings. */
  #left = 0;
  #pendingBytes = 0;

  /** `deliver` gets each whole message in order of its last byte, never set chunk size, abort or an aggregate as such. */
  constructor(deliver: (message: RtmpMessage) => void, limits: RtmpLimits = rtmpLimits) {
    this.#deliver = deliver;
    this.#limits = limits;
    this.#messageBytes = limits.unprovenMessageBytes;
    this.#mostPending = limits.unprovenBytes;
  }

  /** The peer may publish: messages may now be as long as media needs. */
  trust(): void {
    this.#messageBytes = this.#limits.messageBytes;
    this.#mostPending = this.#limits.pendingBytes;
  }

  /**
   * Takes bytes cut anywhere; they are copied, not kept. Throws RtmpFault, and so does whatever `deliver` throws:
   * after that the reader is of no more use.
   */
  push(bytes: Uint8Array): void {
    const input = this.#carry.length === 0 ? plain(bytes) : joined([this.#carry, bytes]);
    let at = 0;
    while (at < input.length) {
      if (this.#left > 0) {
        at += this.#takePayload(input, at);
        continue;
      }
      if (this.#continueChunk(input[at] ?? 0)) {
        at += 1;
        continue;
      }
      const header = this.#parseHeader(input, at);
      if (header === undefined) break;
      at += header.size;
      this.#openChunk(header);
    }
    this.#carry = input.slice(at);
  }

  /**
   * Takes the one-byte header that goes on with a message, which nearly all headers are: at 128 bytes a chunk, as many
   * encoders send, there are 20,000 a second for 20 Mbit/s.
   */
  #continueChunk(header: number): boolean {
    if (header < 0xc2) return false;
    const stream = this.#streams.get(header & 0x3f);
    if (stream === undefined || !stream.underWay || stream.extended !== undefined) return false;
    this.#current = stream;
    this.#left = Math.min(this.#chunkSize, stream.length - stream.received);
    return true;
  }

  /** The header at `at`, or undefined while its last bytes are still on their way. Changes nothing. */
  #parseHeader(input: Uint8Array, at: number): ChunkHeader | undefined {
    const first = input[at] ?? 0;
    const format = first >> 6;
    const form = first & 0x3f;
    const basicBytes = form > 1 ? 1 : 2 + form;
    const headerBytes = basicBytes + (messageHeaderBytes[format] ?? 0);
    if (at + headerBytes > input.length) return undefined;
    const csid = form > 1 ? form : 64 + (input[at + 1] ?? 0) + (form === 1 ? 256 * (input[at + 2] ?? 0) : 0);
    const known = this.#streams.get(csid);
    if (format === 3) return repeatedHeader(input, at, basicBytes, { csid, known });

    const head = at + basicBytes;
    const field = u24(input, head);
    const isExtended = field === extendedMark;
    if (isExtended && at + headerBytes + 4 > input.length) return undefined;
    const extended = isExtended ? u32(input, at + headerBytes) : undefined;
    return {
      size: headerBytes + (isExtended ? 4 : 0),
      format,
      csid,
      time: extended ?? field,
      extended,
      length: format < 2 ? u24(input, head + 3) : (known?.length ?? 0),
      typeId: format < 2 ? (input[head + 6] ?? 0) : (known?.typeId ?? 0),
      streamId: format === 0 ? u32le(input, head + 7) : (known?.streamId ?? 0),
    };
  }

  #openChunk(header: ChunkHeader): void {
    const stream = this.#streams.get(header.csid) ?? this.#addStream(header);
    if (header.format < 3 && stream.underWay) this.#abandon(stream);
    if (!stream.underWay) this.#openMessage(stream, header);
    this.#current = stream;
    this.#left = Math.min(this.#chunkSize, stream.length - stream.received);
    if (this.#left === 0) this.#finishMessage(stream);
  }

  /** Only fmt 0 tells all; fmt 1 is let through too, since librtmp opens some streams with it. */
  #addStream(header: ChunkHeader): ChunkStream {
    if (header.format > 1) throw new RtmpFault('chunk-without-header', 'A chunk refers to a header that never came.');
    if (this.#streams.size === this.#limits.chunkStreams) {
      throw new RtmpFault('too-many-chunk-streams', 'The peer opened too many chunk streams.');
    }
    const stream: ChunkStream = {
      timestampMs: 0,
      deltaMs: 0,
      extended: undefined,
      length: 0,
      typeId: 0,
      streamId: 0,
      body: new Uint8Array(0),
      received: 0,
      underWay: false,
    };
    this.#streams.set(header.csid, stream);
    return stream;
  }

  #openMessage(stream: ChunkStream, header: ChunkHeader): void {
    if (header.length > this.#messageBytes) {
      throw new RtmpFault('message-too-long', `A message of ${header.length} bytes is over ${this.#messageBytes}.`);
    }
    advanceTime(stream, header);
    stream.length = header.length;
    stream.typeId = header.typeId;
    stream.streamId = header.streamId;
    stream.underWay = true;
    this.#grow(stream, Math.min(header.length, firstAllocation));
  }

  /** Copies what is here of the chunk under way; the count of bytes taken. */
  #takePayload(input: Uint8Array, at: number): number {
    const stream = this.#current;
    if (stream === undefined) throw new Error('Payload came without a chunk under way.');
    const count = Math.min(this.#left, input.length - at);
    const needed = stream.received + count;
    if (needed > stream.body.length)
      this.#grow(stream, Math.min(stream.length, Math.max(needed, stream.body.length * 2)));
    stream.body.set(input.subarray(at, at + count), stream.received);
    stream.received = needed;
    this.#left -= count;
    if (needed === stream.length) this.#finishMessage(stream);
    return count;
  }

  #grow(stream: ChunkStream, size: number): void {
    this.#pendingBytes += size - stream.body.length;
    if (this.#pendingBytes > this.#mostPending) {
      throw new RtmpFault('too-much-pending', 'The peer leaves too many messages unfinished.');
    }
    const body = new Uint8Array(size);
    body.set(stream.body.subarray(0, stream.received));
    stream.body = body;
  }

  #finishMessage(stream: ChunkStream): void {
    const { typeId, streamId, timestampMs, body } = stream;
    this.#abandon(stream);
    this.#dispatch({ typeId, streamId, timestampMs, payload: body });
  }

  #abandon(stream: ChunkStream): void {
    this.#pendingBytes -= stream.body.length;
    stream.body = new Uint8Array(0);
    stream.received = 0;
    stream.underWay = false;
  }

  #dispatch(message: RtmpMessage): void {
    switch (message.typeId) {
      case messageType.setChunkSize:
        this.#setChunkSize(controlValue(message));
        return;
      case messageType.abort: {
        const stream = this.#streams.get(controlValue(message));
        if (stream !== undefined) this.#abandon(stream);
        return;
      }
      case messageType.aggregate:
        for (const inner of splitAggregate(message, this.#limits.aggregateMessages)) this.#deliver(inner);
        return;
      default:
        this.#deliver(message);
    }
  }

  /** Holds from the next chunk on, also of a message under way. */
  #setChunkSize(size: number): void {
    if (size < 1 || size > largestChunkSize)
      throw new RtmpFault('chunk-size-invalid', `The chunk size ${size} is invalid.`);
    this.#chunkSize = size;
  }
}

/** The same bytes without Buffer's own ways: its slice is no copy, and its subarray costs more than a short chunk. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * The header of a fmt 3 chunk. While an extended timestamp is in force it is repeated here (§5.3.1.3), but old senders
 * leave it out: bytes that cannot be it are payload. As soon as one byte tells, no further one is waited for.
 */
function repeatedHeader(
  input: Uint8Array,
  at: number,
  basicBytes: number,
  { csid, known }: { readonly csid: number; readonly known: ChunkStream | undefined },
): ChunkHeader | undefined {
  const kept = {
    format: 3,
    csid,
    length: known?.length ?? 0,
    typeId: known?.typeId ?? 0,
    streamId: known?.streamId ?? 0,
  };
  const bare: ChunkHeader = { ...kept, size: basicBytes, time: undefined, extended: known?.extended };
  if (known?.extended === undefined) return bare;
  const field = at + basicBytes;
  const here = Math.min(4, input.length - field);
  if (known.underWay) {
    const candidates = [known.extended, known.timestampMs];
    if (!candidates.some((value) => startsWithNumber(input, field, here, value))) return bare;
    return here < 4 ? undefined : { ...bare, size: basicBytes + 4 };
  }
  if (here < 4) return undefined;
  const time = u32(input, field);
  if (Math.abs(elapsed32(time, known.extended)) > plausibleStepMs) return bare;
  return { ...bare, size: basicBytes + 4, time, extended: time };
}

const startsWithNumber = (input: Uint8Array, at: number, count: number, value: number): boolean => {
  for (let i = 0; i < count; i += 1) {
    if (input[at + i] !== ((value >>> (24 - 8 * i)) & 0xff)) return false;
  }
  return true;
};

/** Moves the stream's clock to the message that `header` opens (§5.3.1.2.1 to §5.3.1.2.4), mod 2³². */
function advanceTime(stream: ChunkStream, header: ChunkHeader): void {
  const { format, time } = header;
  stream.extended = header.extended;
  if (format === 0) {
    stream.timestampMs = time ?? 0;
    stream.deltaMs = stream.timestampMs <= longestFirstStepMs ? stream.timestampMs : 0;
    return;
  }
  if (format === 3 && time !== undefined && stream.deltaMs === 0) {
    // An extended timestamp repeated after a fmt 0 header is absolute.
    stream.timestampMs = time;
    return;
  }
  stream.deltaMs = time ?? stream.deltaMs;
  stream.timestampMs = (stream.timestampMs + stream.deltaMs) >>> 0;
}
