/** What a splicer knows of each source, and where a source can be begun. */

import { u24, u8 } from './bytes.ts';
import { splitAnnexB } from './nal.ts';
import type { LeadingPictures } from './start-gate.ts';
import type { PacketAligner } from './ts-align.ts';
import { hasRandomAccess, packetBytes, payloadStart, readTimestamp, startsUnit } from './ts-packet.ts';
import type { ProgramTracker } from './ts-program.ts';
import type { PidKind } from './ts-rewrite.ts';
import { isNalCodec, nalCodecs } from './video-framer.ts';

/** One source of a splicer: what is known of it, live or not. */
export interface SpliceSource {
  readonly name: string;
  readonly aligner: PacketAligner;
  readonly programs: ProgramTracker;
  kinds: Map<number, PidKind>;
  /** PIDs that have begun to be sent, and those that have sent their last frame. */
  started: Set<number>;
  ended: Set<number>;
  /** By PID: 1 where packets inside a frame may pass without another look. */
  readonly passing: Uint8Array;
  /** The video track, or the only audio track. */
  videoPid: number;
  codec: string;
  lastMs: number;
  pcr: number | undefined;
  readonly leading: LeadingPictures;
  /** Times of the key frame at which it is to begin. */
  entryDts: number;
  entryPcr: number | undefined;
  /** Where the old source's sound has ended; undefined once this one's has begun. */
  soundFrom: number | undefined;
}

/** 90 kHz, as sent. */
export interface PesTimes {
  readonly pts: number;
  readonly dts: number;
}

/** The times of the PES that begins in a packet; undefined where none does or it has none. */
export const timesOf = (data: Uint8Array, at: number): PesTimes | undefined => {
  const begin = payloadStart(data, at);
  if (!startsUnit(data, at) || begin + 14 > at + packetBytes || u24(data, begin) !== 1) return undefined;
  const flags = u8(data, begin + 7) >> 6;
  if (flags < 2) return undefined;
  const pts = readTimestamp(data, begin + 9);
  return { pts, dts: flags === 3 && begin + 19 <= at + packetBytes ? readTimestamp(data, begin + 14) : pts };
};

/** True for a packet with which a decoder can begin: flagged so, or with the parameter sets of a key frame. */
export const isEntry = (codec: string, data: Uint8Array, at: number): boolean => {
  if (timesOf(data, at) === undefined) return false;
  if (hasRandomAccess(data, at) || !isNalCodec(codec)) return true;
  const { roleOf } = nalCodecs[codec];
  const begin = payloadStart(data, at);
  const nals = splitAnnexB(data.subarray(begin + 9 + u8(data, begin + 8), at + packetBytes));
  return nals.some((nal) => ['sps', 'vps', 'entry', 'open'].includes(roleOf(nal)));
};
