/** What the RTMP tests share: readers that collect, waiting with a deadline, and small made-up media. */

import type { Server } from 'node:net';
import fc from 'fast-check';
import type { AmfValue } from '../../../relay/rtmp/amf.ts';
import { ChunkReader } from '../../../relay/rtmp/chunk-reader.ts';
import { ChunkWriter } from '../../../relay/rtmp/chunk-writer.ts';
import type { RtmpLimits } from '../../../relay/rtmp/limits.ts';
import type { RtmpMessage } from '../../../relay/rtmp/message.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { type TagKind, toFlvTag } from '../../../relay/rtmp/tag.ts';

/** The messages in `bytes`, which come in pieces of `step` bytes. */
export function readAll(bytes: Uint8Array, step = bytes.length, limits?: RtmpLimits): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  const reader = new ChunkReader((message) => messages.push(message), limits);
  reader.trust();
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
  return messages;
}

export const writeAll = (messages: readonly { csid: number; message: RtmpMessage }[], chunkSize: number): Buffer => {
  const writer = new ChunkWriter();
  const parts = [writer.setChunkSize(chunkSize), ...messages.map(({ csid, message }) => writer.write(csid, message))];
  return Buffer.concat(parts);
};

export const hex = (text: string): Buffer => Buffer.from(text.replace(/[^0-9a-f]/gi, ''), 'hex');

/** Lets the server listen on a free port of the loopback net. */
export async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server has no port.');
  return bound.port;
}

/** Waits until `is` holds, looking each 5 ms; throws with `what` after `ms`. */
export async function until(is: () => boolean, what: string, ms = 5_000): Promise<void> {
  const end = performance.now() + ms;
  while (!is()) {
    if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const heads: Record<string, readonly number[]> = {
  keyframe: [0x17, 1, 0, 0, 0],
  frame: [0x27, 1, 0, 0, 0],
  videoHeader: [0x17, 0, 0, 0, 0],
  audio: [0xaf, 1],
  audioHeader: [0xaf, 0],
  metadata: [2, 0, 10, ...Buffer.from('onMetaData'), 3, 0, 0, 9],
};

/** A tag with the first bytes of the kind named and `size` bytes in all. */
export function tag(what: string, timestampMs: number, size = 100): FlvTag {
  const head = heads[what] ?? [];
  const body = new Uint8Array(Math.max(size, head.length));
  body.set(head);
  return toFlvTag(kindOf(what), timestampMs, body);
}

function kindOf(what: string): TagKind {
  if (what === 'metadata') return 'data';
  return what.startsWith('audio') ? 'audio' : 'video';
}

/** Any value that AMF0 can carry and we read back as it was. */
export const anyAmf = fc.letrec<{ value: AmfValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.double(),
    fc.boolean(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom<AmfValue>(null, undefined),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), tie('value')), { maxLength: 5 })
      .map((fields) => new Map(fields)),
  ),
})).value;
