/** FLV tags to the bytes of a file. Source: Adobe FLV v10.1 E.2 to E.4.1. */

import { put24, put32, putText } from '../../../relay/formats/bytes.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';

const headerBytes = 9;
export const tagHeaderBytes = 11;

export const tagTypes: Readonly<Record<FlvTag['kind'], number>> = { audio: 8, video: 9, data: 18 };

/** The file header and the first PreviousTagSize. */
export const flvHeader = (has: { readonly audio: boolean; readonly video: boolean }): Uint8Array => {
  const header = new Uint8Array(headerBytes + 4);
  putText(header, 0, 'FLV');
  header[3] = 1;
  header[4] = (has.audio ? 4 : 0) | (has.video ? 1 : 0);
  put32(header, 5, headerBytes);
  return header;
};

/** One tag with its PreviousTagSize, in fresh memory. */
export const flvTagBytes = ({ kind, timestampMs, body }: FlvTag): Uint8Array => {
  const bytes = new Uint8Array(tagHeaderBytes + body.length + 4);
  bytes[0] = tagTypes[kind];
  put24(bytes, 1, body.length);
  put24(bytes, 4, timestampMs);
  bytes[7] = timestampMs >>> 24;
  bytes.set(body, tagHeaderBytes);
  put32(bytes, tagHeaderBytes + body.length, tagHeaderBytes + body.length);
  return bytes;
};
