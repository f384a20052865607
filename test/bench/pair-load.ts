/** The stream of the pairs' bench: real H.264 and AAC, each picture marked so that it is known wherever it comes out. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlvTag } from '../../relay/formats/flv-tag.ts';
import { FlvToTs } from '../../relay/formats/flv-to-ts.ts';
import { makeClips } from '../kit/clips.ts';
import { readFlv } from '../relay/rtmp/clip.ts';

/** One tag, and what it is as TS; `picture` is its number where it is one. */
export interface Unit {
  readonly atMs: number;
  readonly tag: FlvTag;
  readonly packets: Uint8Array;
  readonly picture: number | undefined;
}

const MAGIC = 'StreamLinkBench:';
const DIGITS = 6;
const AVC_HEADER_BYTES = 5;

/** About `mbps` of noise, which is as much work for every relay as a real picture. */
export async function makeLoad(mbps: number, seconds: number): Promise<readonly Unit[]> {
  const folder = mkdtempSync(join(tmpdir(), 'streamlink-bench-'));
  const args = ['-s', '640x360', '-vf', 'noise=alls=100:allf=t', '-qmin', '0'];
  const { flv } = makeClips(folder, { seconds, kbps: mbps * 1000, args });
  let pieces: Uint8Array[] = [];
  const muxer = new FlvToTs({ onPackets: (packets) => pieces.push(packets.slice()) });
  let pictures = 0;
  return (await readFlv(flv)).map((original) => {
    const picture = original.kind === 'video' && !original.sequenceHeader ? pictures++ : undefined;
    const tag = picture === undefined ? original : { ...original, body: marked(original.body, picture) };
    pieces = [];
    muxer.push(tag);
    return { atMs: tag.timestampMs, tag, packets: Buffer.concat(pieces), picture };
  });
}

/** With the number behind the last slice, where no decoder looks. */
function marked(body: Uint8Array, picture: number): Uint8Array {
  const mark = Buffer.from(`${MAGIC}${String(picture).padStart(DIGITS, '0')}`);
  const grown = Buffer.concat([body, mark]);
  let last = AVC_HEADER_BYTES;
  for (let at = last; at < body.length; at += 4 + grown.readUInt32BE(at)) last = at;
  grown.writeUInt32BE(grown.readUInt32BE(last) + mark.length, last);
  return new Uint8Array(grown);
}

/** The number of the picture that ends in these bytes. One whose mark lies across two TS packets is not seen. */
export function pictureIn(bytes: Uint8Array): number | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = view.indexOf(MAGIC);
  if (at < 0) return undefined;
  const digits = view.toString('latin1', at + MAGIC.length, at + MAGIC.length + DIGITS);
  return /^\d{6}$/.test(digits) ? Number(digits) : undefined;
}
