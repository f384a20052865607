/** The onMetaData of an FLV stream. Source: Adobe FLV v10.1 E.5; AMF0 2.2 (number), 2.4 (string), 2.10 (ECMA array). */

import { concat, put16, put32, putText } from './bytes.ts';

/** Values as players know them; those that are not known are left away. */
export interface StreamMetadata {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly framerate?: number | undefined;
  /** 7 for H.264; the fourCC as a number for enhanced codecs. */
  readonly videocodecid?: number | undefined;
  /** 10 for AAC. */
  readonly audiocodecid?: number | undefined;
  readonly audiosamplerate?: number | undefined;
  readonly audiochannels?: number | undefined;
}

const numberMarker = 0;
const stringMarker = 2;
const ecmaArrayMarker = 8;
const endMarker = 9;

/** The body of the data tag. An RTMP client puts the string "@setDataFrame" before it. */
export const metadataBody = (metadata: StreamMetadata): Uint8Array => {
  const entries = Object.entries(metadata).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value] as const] : [],
  );
  const count = new Uint8Array(5);
  count[0] = ecmaArrayMarker;
  put32(count, 1, entries.length);
  const pairs = entries.flatMap(([name, value]) => [text(name), double(value)]);
  return concat([Uint8Array.of(stringMarker), text('onMetaData'), count, ...pairs, text(''), Uint8Array.of(endMarker)]);
};

/** A fourCC as the number that enhanced RTMP wants in videocodecid. */
export const fourCcNumber = (fourCc: string): number =>
  fourCc.split('').reduce((number, letter) => number * 256 + letter.charCodeAt(0), 0);

const text = (value: string): Uint8Array => {
  const bytes = new Uint8Array(2 + value.length);
  put16(bytes, 0, value.length);
  putText(bytes, 2, value);
  return bytes;
};

const double = (value: number): Uint8Array => {
  const bytes = new Uint8Array(9);
  bytes[0] = numberMarker;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
};
