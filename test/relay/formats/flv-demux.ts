/** The bytes of an FLV file to tags, incrementally. Source: Adobe FLV v10.1 E.2 to E.4.1. */

import { textAt, u24, u32, u8 } from '../../../relay/formats/bytes.ts';
import type { Faults } from '../../../relay/formats/faults.ts';
import { tagHeaderBytes, tagTypes } from './flv-mux.ts';
import { type FlvTag, parseAudioBody, parseVideoBody } from '../../../relay/formats/flv-tag.ts';
import { limits } from '../../../relay/formats/limits.ts';

/** Makes a tag of the parts that RTMP and FLV both give; finds out whether it is a key frame or a configuration. */
export const flvTag = (kind: FlvTag['kind'], timestampMs: number, body: Uint8Array): FlvTag => {
  if (kind === 'data') return { kind, timestampMs, body, keyframe: false, sequenceHeader: isMetadata(body) };
  const media = kind === 'video' ? parseVideoBody(body) : parseAudioBody(body);
  const keyframe = media?.keyframe ?? false;
  return { kind, timestampMs, body, keyframe, sequenceHeader: media?.content === 'header' };
};

/** True for onMetaData, with or without "@setDataFrame" before it (AMF0 strings, marker and two bytes of length). */
const isMetadata = (body: Uint8Array): boolean =>
  textAt(body, 3, 10) === 'onMetaData' ||
  (textAt(body, 3, 13) === '@setDataFrame' && textAt(body, 19, 10) === 'onMetaData');

/** Keeps at most one tag. A tag beyond `limits.tagBytes` or of no known kind ends the reading: FLV cannot resync. */
export class FlvDemuxer {
  readonly #faults: Faults;
  readonly #onTag: (tag: FlvTag) => void;
  /** Bytes not read yet, `#length` of them. */
  #buffer = new Uint8Array(64 << 10);
  #length = 0;
  #wanted = 13;
  #state: 'header' | 'tag' | 'body' | 'broken' = 'header';

  constructor(faults: Faults, onTag: (tag: FlvTag) => void) {
    this.#faults = faults;
    this.#onTag = onTag;
  }

  /** True after bytes that were no FLV: nothing more will come. */
  get broken(): boolean {
    return this.#state === 'broken';
  }

  /** Bytes of the file, cut anywhere; they are not kept. */
  push(data: Uint8Array): void {
    if (this.#state === 'broken') return;
    this.#append(data);
    const at = this.#read(this.#buffer.subarray(0, this.#length));
    this.#buffer.copyWithin(0, at, this.#length);
    this.#length -= at;
  }

  #append(data: Uint8Array): void {
    const needed = this.#length + data.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(needed * 2);
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(data, this.#length);
    this.#length = needed;
  }

  /** Reads what is whole; gives how far it came. */
  #read(bytes: Uint8Array): number {
    let at = 0;
    while (at + this.#wanted <= bytes.length && this.#state !== 'broken') {
      const unit = bytes.subarray(at, at + this.#wanted);
      at += this.#take(unit);
    }
    return this.#state === 'broken' ? bytes.length : at;
  }

  /** Reads one unit of `#wanted` bytes; gives how many of them are done with. */
  #take(unit: Uint8Array): number {
    if (this.#state === 'header') return this.#takeHeader(unit);
    const size = u24(unit, 1);
    const kind = kindOf(u8(unit, 0) & 0x1f);
    if (this.#state === 'tag') {
      if (kind === undefined || size > limits.tagBytes) this.#break();
      this.#expect('body', tagHeaderBytes + size + 4);
      return 0;
    }
    if (kind !== undefined) {
      const timestampMs = u24(unit, 4) + u8(unit, 7) * 0x1000000;
      this.#onTag(flvTag(kind, timestampMs, unit.slice(tagHeaderBytes, tagHeaderBytes + size)));
    }
    this.#expect('tag', tagHeaderBytes);
    return unit.length;
  }

  #takeHeader(unit: Uint8Array): number {
    const isFlv = textAt(unit, 0, 3) === 'FLV' && u32(unit, 5) === 9;
    if (!isFlv) this.#break();
    this.#expect('tag', tagHeaderBytes);
    return unit.length;
  }

  #expect(state: 'tag' | 'body', bytes: number): void {
    if (this.#state === 'broken') return;
    this.#state = state;
    this.#wanted = bytes;
  }

  #break(): void {
    this.#faults.tag++;
    this.#state = 'broken';
  }
}

const kindOf = (type: number): FlvTag['kind'] | undefined => {
  if (type === tagTypes.audio) return 'audio';
  if (type === tagTypes.video) return 'video';
  return type === tagTypes.data ? 'data' : undefined;
};
