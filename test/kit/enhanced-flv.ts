/** HEVC in enhanced FLV tags, read by the letter of the specification and not by our code: ffmpeg 5.1 cannot. */
import type { FlvTag } from '../../relay/formats/flv-tag.ts';

/** The pictures as an .hevc file. Source: enhanced-rtmp v1, ISO 14496-15 8.3.3.1 (hvcC). */
export function hevcOf(tags: readonly Pick<FlvTag, 'kind' | 'body'>[]): Uint8Array {
  const parts = tags
    .filter(({ kind, body }) => kind === 'video' && Buffer.from(body.subarray(1, 5)).toString() === 'hvc1')
    .flatMap(({ body }) => {
      const view = Buffer.from(body);
      const type = view.readUInt8(0) & 15;
      return type === 0 ? configured(view) : framed(view, type === 1 ? 8 : 5);
    });
  return Buffer.concat(parts.flatMap((part) => [Uint8Array.of(0, 0, 0, 1), part]));
}

function configured(view: Buffer): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 5 + 23;
  for (let arrays = view.readUInt8(5 + 22); arrays > 0; arrays--) {
    let left = view.readUInt16BE(at + 1);
    for (at += 3; left > 0; left--) {
      const size = view.readUInt16BE(at);
      parts.push(view.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
  }
  return parts;
}

function framed(view: Buffer, from: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = from; at < view.length; ) {
    const size = view.readUInt32BE(at);
    parts.push(view.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return parts;
}
