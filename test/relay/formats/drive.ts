/** Feeds whole clips through the remuxers, piece by piece as a socket would. */

import { FlvDemuxer } from './flv-demux.ts';
import { flvHeader, flvTagBytes } from './flv-mux.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { FlvToTs, type FlvToTsOptions } from '../../../relay/formats/flv-to-ts.ts';
import { noFaults } from '../../../relay/formats/faults.ts';
import type { RemuxNotice } from '../../../relay/formats/remux.ts';
import { TsToFlv, type TsToFlvOptions } from '../../../relay/formats/ts-to-flv.ts';

/** Seven TS packets: what one SRT or RTP message holds. */
export const messageBytes = 1316;

export const pieces = (bytes: Uint8Array, size = messageBytes): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

export interface FlvResult {
  readonly tags: readonly FlvTag[];
  readonly notices: readonly RemuxNotice[];
  readonly remuxer: TsToFlv;
  /** As a file. */
  readonly flv: Uint8Array;
}

export const toFlv = (ts: Uint8Array, options: Partial<TsToFlvOptions> = {}, size = messageBytes): FlvResult => {
  const tags: FlvTag[] = [];
  const notices: RemuxNotice[] = [];
  const remuxer = new TsToFlv({
    onTag: (tag) => tags.push(tag),
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  for (const piece of pieces(ts, size)) remuxer.push(piece, 0);
  remuxer.end();
  return { tags, notices, remuxer, flv: flvFile(tags) };
};

export const flvFile = (tags: readonly FlvTag[]): Uint8Array =>
  Buffer.concat([
    flvHeader({ audio: tags.some(({ kind }) => kind === 'audio'), video: tags.some(({ kind }) => kind === 'video') }),
    ...tags.map(flvTagBytes),
  ]);

export const tagsOf = (flv: Uint8Array): FlvTag[] => {
  const tags: FlvTag[] = [];
  const demuxer = new FlvDemuxer(noFaults(), (tag) => tags.push(tag));
  for (const piece of pieces(flv, 4096)) demuxer.push(piece);
  return tags;
};

export interface TsResult {
  readonly ts: Uint8Array;
  readonly notices: readonly RemuxNotice[];
  readonly remuxer: FlvToTs;
}

export const toTs = (tags: readonly FlvTag[], options: Partial<FlvToTsOptions> = {}): TsResult => {
  const packets: Uint8Array[] = [];
  const notices: RemuxNotice[] = [];
  const remuxer = new FlvToTs({
    onPackets: (lent) => packets.push(lent.slice()),
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  for (const tag of tags) remuxer.push(tag);
  return { ts: Buffer.concat(packets), notices, remuxer };
};

/** The frames of one kind, configurations left out. */
export const frames = (tags: readonly FlvTag[], kind: 'video' | 'audio'): FlvTag[] =>
  tags.filter((tag) => tag.kind === kind && !tag.sequenceHeader);

/** Their times. */
export const msOf = (tags: readonly FlvTag[], kind: 'video' | 'audio'): number[] =>
  frames(tags, kind).map(({ timestampMs }) => timestampMs);
