/**
 * Messages to chunks: the sending half of the RTMP chunk stream.
 * Source: Adobe RTMP 1.0 §5.3.1; extended timestamps §5.3.1.3.
 */

import { elapsed32, putU24, putU32, putU32le } from './bytes.ts';
import { controlMessage, chunkStream, messageType, type RtmpMessage } from './message.ts';

const extendedMark = 0xffffff;
const basicBytes = 1;
const fullHeaderBytes = 11;
const deltaHeaderBytes = 7;

/** What the peer remembers of a chunk stream, and we with it. */
interface SentHeader {
  readonly timestampMs: number;
  readonly streamId: number;
}

/**
 * Writes each message whole. The first message of a chunk stream gets a full header, later ones a time step (fmt 1),
 * so that extended timestamps, which many peers read wrongly, come up only when a stream begins late or steps back.
 */
export class ChunkWriter {
  readonly #sent = new Map<number, SentHeader>();
  #chunkSize = 128;

  /** The message that tells the peer, in bytes; from now on messages are cut to `size`. */
  setChunkSize(size: number): Uint8Array {
    const bytes = this.write(chunkStream.control, controlMessage(messageType.setChunkSize, size));
    this.#chunkSize = size;
    return bytes;
  }

  /** The message as bytes of its own: the payload is copied. `csid` is 2 … 63. */
  write(csid: number, message: RtmpMessage): Uint8Array {
    const { payload, streamId, timestampMs } = message;
    const before = this.#sent.get(csid);
    const stepMs = before?.streamId === streamId ? elapsed32(timestampMs, before.timestampMs) : -1;
    const isStep = stepMs >= 0 && stepMs < extendedMark;
    this.#sent.set(csid, { timestampMs, streamId });

    const time = isStep ? stepMs : timestampMs;
    const extended = time >= extendedMark ? time : undefined;
    const extendedBytes = extended === undefined ? 0 : 4;
    const headerBytes = basicBytes + (isStep ? deltaHeaderBytes : fullHeaderBytes) + extendedBytes;
    const further = Math.max(0, Math.ceil(payload.length / this.#chunkSize) - 1);
    const bytes = new Uint8Array(headerBytes + payload.length + further * (basicBytes + extendedBytes));
    bytes[0] = (isStep ? 0x40 : 0x00) | csid;
    putU24(bytes, 1, Math.min(time, extendedMark));
    putU24(bytes, 4, payload.length);
    bytes[7] = message.typeId;
    if (!isStep) putU32le(bytes, 8, streamId);
    if (extended !== undefined) putU32(bytes, headerBytes - 4, extended);
    this.#cut(bytes, headerBytes, payload, { csid, extended });
    return bytes;
  }

  /** Lays the payload behind the first header, with a fmt 3 header between chunks. */
  #cut(
    bytes: Uint8Array,
    start: number,
    payload: Uint8Array,
    { csid, extended }: { readonly csid: number; readonly extended: number | undefined },
  ): void {
    let at = start;
    for (let from = 0; from < payload.length; from += this.#chunkSize) {
      if (from > 0) {
        bytes[at] = 0xc0 | csid;
        at += basicBytes;
        if (extended !== undefined) {
          putU32(bytes, at, extended);
          at += 4;
        }
      }
      const part = payload.subarray(from, from + this.#chunkSize);
      bytes.set(part, at);
      at += part.length;
    }
  }
}
