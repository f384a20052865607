/** NAL units: split out of Annex B and of length-prefixed frames, and what H.264 and HEVC have in common. */

import { sameBytes, u16, u24, u32, u8 } from './bytes.ts';
import { type FaultCode, MediaFault } from './faults.ts';
import { limits } from './limits.ts';

/**
 * What a NAL unit is to a remuxer. `entry`: a slice at which decoding can begin with nothing before it (IDR).
 * `open`: a slice at which it can begin if the pictures shown before it are left out (CRA).
 * `recovery`: says the same of the slices that follow (H.264 recovery point).
 */
export type NalRole =
  | 'slice'
  | 'entry'
  | 'open'
  | 'recovery'
  | 'vps'
  | 'sps'
  | 'pps'
  | 'aud'
  | 'filler'
  | 'end'
  | 'other';

export type ParameterRole = 'vps' | 'sps' | 'pps';

/** What a sequence parameter set says of the picture. */
export interface PictureFormat {
  readonly width: number;
  readonly height: number;
  readonly profile: string;
  /** As written by people: "4.1". */
  readonly level: string;
  /** Frames a second by the VUI: a hint only, measure instead. */
  readonly nominalFrameRate?: number;
}

/** A decoder configuration record (avcC, hvcC) as far as a remuxer needs it. */
export interface NalConfig {
  /** Bytes of each NAL length in frames: 1, 2 or 4. */
  readonly lengthSize: number;
  readonly parameterSets: readonly Uint8Array[];
}

/** One of the two codecs made of NAL units. */
export interface NalCodec {
  readonly roleOf: (nal: Uint8Array) => NalRole;
  /** The id of a parameter set within its role. */
  readonly idOf: (nal: Uint8Array, role: ParameterRole) => number;
  /** An access unit delimiter that allows all slice types. */
  readonly delimiter: Uint8Array;
  /**
   * Ends a coded video sequence, so that what follows is not taken as its continuation. Needed where a splice begins
   * at an open GOP, whose picture order count does not begin anew; an IDR needs none.
   */
  readonly endOfSequence: Uint8Array;
  /** Undefined where the set is damaged or of a form that is not known. */
  readonly readFormat: (sps: Uint8Array) => PictureFormat | undefined;
  /** avcC or hvcC with 4-byte lengths. Undefined where a role is missing or unreadable. */
  readonly buildConfig: (sets: ParameterSets) => Uint8Array | undefined;
  /** Throws MediaFault 'parameter-set'. */
  readonly parseConfig: (record: Uint8Array) => NalConfig;
}

/** What begins a NAL unit in Annex B. */
export const startCode = Uint8Array.of(0, 0, 1);

/**
 * The NAL units of Annex B bytes (ISO 14496-10 B.1), as views without start codes and trailing zeros.
 * Bytes before the first start code are left out. Throws MediaFault 'too-many-parts'.
 */
export const splitAnnexB = (data: Uint8Array): Uint8Array[] => {
  // Node's native search is four times as fast as a loop here, and this is the only look at every byte.
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const nals: Uint8Array[] = [];
  let begin = bytes.indexOf(startCode);
  while (begin >= 0) {
    const next = bytes.indexOf(startCode, begin + 3);
    const end = trimmedEnd(data, begin + 3, next < 0 ? data.length : next);
    if (end > begin + 3) nals.push(data.subarray(begin + 3, end));
    if (nals.length > limits.nalUnits) throw new MediaFault('too-many-parts', `over ${limits.nalUnits} NAL units`);
    begin = next;
  }
  return nals;
};

/** A NAL unit never ends with a zero byte: those are trailing_zero_8bits or part of a 4-byte start code. */
const trimmedEnd = (data: Uint8Array, from: number, to: number): number => {
  let end = to;
  while (end > from && data[end - 1] === 0) end--;
  return end;
};

/**
 * The NAL units of a frame with length prefixes (ISO 14496-15 5.3.3), as views; empty ones are left out.
 * Throws MediaFault 'nal-length' where a length leaves the frame, 'too-many-parts'.
 */
export const splitLengths = (data: Uint8Array, lengthSize: number): Uint8Array[] => {
  const nals: Uint8Array[] = [];
  for (let at = 0; at < data.length; ) {
    const begin = at + lengthSize;
    at = begin + readLength(data, at, lengthSize);
    if (at > data.length)
      throw new MediaFault('nal-length', `a NAL unit ends ${at - data.length} bytes past its frame`);
    if (at > begin) nals.push(data.subarray(begin, at));
    if (nals.length > limits.nalUnits) throw new MediaFault('too-many-parts', `over ${limits.nalUnits} NAL units`);
  }
  return nals;
};

const readLength = (data: Uint8Array, at: number, size: number): number => {
  if (size === 4) return u32(data, at);
  if (size === 2) return u16(data, at);
  return size === 3 ? u24(data, at) : u8(data, at);
};

/** The payload of a NAL unit without emulation prevention bytes, ISO 14496-10 7.3.1. For short units only. */
export const unescape = (nal: Uint8Array): Uint8Array => {
  const plain = new Uint8Array(nal.length);
  let length = 0;
  for (let at = 0; at < nal.length; at++) {
    if (at >= 2 && nal[at] === 3 && nal[at - 1] === 0 && nal[at - 2] === 0) continue;
    plain[length++] = u8(nal, at);
  }
  return plain.subarray(0, length);
};

/** The parameter sets in force, by role and id. They are copied in. */
export class ParameterSets {
  readonly #codec: NalCodec;
  readonly #sets = new Map<string, Uint8Array>();
  /** Rises whenever a set is new or differs. */
  revision = 0;

  constructor(codec: NalCodec) {
    this.#codec = codec;
  }

  /** Takes a set in; gives the fault of one that is refused. */
  take(nal: Uint8Array, role: ParameterRole): FaultCode | undefined {
    if (nal.length > limits.parameterSetBytes) return 'parameter-set';
    const id = this.#codec.idOf(nal, role);
    if (id > limits.parameterSetId) return 'parameter-set';
    const key = `${role}${id}`;
    const old = this.#sets.get(key);
    if (old !== undefined && sameBytes(old, nal)) return undefined;
    if (old === undefined && this.#sets.size >= limits.parameterSets) return 'too-many-parts';
    this.#sets.set(key, nal.slice());
    this.revision++;
    return undefined;
  }

  of(role: ParameterRole): Uint8Array[] {
    return [...this.#sets].filter(([key]) => key.startsWith(role)).map(([, nal]) => nal);
  }

  /** All sets in the order a decoder wants them. */
  all(): Uint8Array[] {
    return [...this.of('vps'), ...this.of('sps'), ...this.of('pps')];
  }

  clear(): void {
    this.#sets.clear();
    this.revision++;
  }
}

export const isParameterRole = (role: NalRole): role is ParameterRole =>
  role === 'vps' || role === 'sps' || role === 'pps';
