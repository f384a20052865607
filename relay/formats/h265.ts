/** HEVC: NAL types, SPS, hvcC. Source: ITU-T H.265 7.3, 7.4.2.2; ISO 14496-15 8.3.3. */

import { BitReader } from './bits.ts';
import { concat, u16, u8 } from './bytes.ts';
import { MediaFault } from './faults.ts';
import {
  type NalCodec,
  type NalConfig,
  type NalRole,
  type ParameterSets,
  type PictureFormat,
  unescape,
} from './nal.ts';

const vpsType = 32;
const spsType = 33;
const ppsType = 34;

/** nal_unit_type, H.265 table 7-1. CRA and BLA may be followed by pictures that refer to what came before. */
const typeOf = (nal: Uint8Array): number => (u8(nal, 0) >> 1) & 0x3f;

const roleOf = (nal: Uint8Array): NalRole => {
  const type = typeOf(nal);
  if (type === 19 || type === 20 || type === 18) return 'entry';
  if (type === 16 || type === 17 || type === 21) return 'open';
  if (type < 32) return 'slice';
  return otherRoles[type] ?? 'other';
};

const otherRoles: Readonly<Record<number, NalRole>> = {
  [vpsType]: 'vps',
  [spsType]: 'sps',
  [ppsType]: 'pps',
  35: 'aud',
  36: 'end',
  37: 'end',
  38: 'filler',
};

/** What hvcC repeats of an SPS. */
interface SpsFields {
  readonly id: number;
  readonly format: PictureFormat;
  /** general_profile_space to general_level_idc: 12 bytes as sent. */
  readonly profileTierLevel: Uint8Array;
  readonly subLayers: number;
  readonly nested: number;
  readonly chroma: number;
  readonly lumaDepth: number;
  readonly chromaDepth: number;
}

/** seq_parameter_set_rbsp up to the bit depths, 7.3.2.2.1. */
const readSps = (sps: Uint8Array): SpsFields | undefined => {
  const plain = unescape(sps);
  const bits = new BitReader(plain.subarray(2));
  bits.skip(4);
  const subLayers = bits.bits(3) + 1;
  const nested = bits.bit();
  const profileTierLevel = plain.slice(3, 15);
  bits.skip(96);
  skipSubLayers(bits, subLayers - 1);
  const id = bits.ue();
  const chroma = bits.ue();
  if (chroma === 3) bits.skip(1);
  const size = readSize(bits, chroma);
  const lumaDepth = bits.ue();
  const chromaDepth = bits.ue();
  if (bits.overrun || size === undefined || profileTierLevel.length < 12 || subLayers > 7) return undefined;
  const format = { ...size, ...describe(profileTierLevel) };
  return { id, format, profileTierLevel, subLayers, nested, chroma, lumaDepth, chromaDepth };
};

/** The sub-layer part of profile_tier_level, 7.3.3. */
const skipSubLayers = (bits: BitReader, count: number): void => {
  if (count === 0) return;
  const present = Array.from({ length: 8 }, () => [bits.bit(), bits.bit()] as const);
  for (const [profile, level] of present.slice(0, count)) bits.skip(profile * 88 + level * 8);
};

const readSize = (bits: BitReader, chroma: number): { width: number; height: number } | undefined => {
  const width = bits.ue();
  const height = bits.ue();
  const crop = bits.bit() === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = chroma === 1 ? 2 : 1;
  const size = { width: width - (left + right) * unitX, height: height - (top + bottom) * unitY };
  return size.width <= 0 || size.height <= 0 || width > 16384 || height > 16384 ? undefined : size;
};

const profiles: Readonly<Record<number, string>> = { 1: 'Main', 2: 'Main 10', 3: 'Main Still Picture', 4: 'RExt' };

const describe = (profileTierLevel: Uint8Array): { profile: string; level: string } => {
  const idc = u8(profileTierLevel, 0) & 0x1f;
  const level = u8(profileTierLevel, 11) / 30;
  return { profile: profiles[idc] ?? `profile ${idc}`, level: level.toFixed(1) };
};

/** HEVCDecoderConfigurationRecord, ISO 14496-15 8.3.3.1.2, with 4-byte lengths. */
const buildConfig = (sets: ParameterSets): Uint8Array | undefined => {
  const arrays = [sets.of('vps'), sets.of('sps'), sets.of('pps')] as const;
  const first = arrays[1][0];
  const sps = first && readSps(first);
  if (sps === undefined || arrays.some((nals) => nals.length === 0)) return undefined;
  const layers = (Math.min(sps.subLayers, 7) << 3) | (sps.nested << 2) | 3;
  const head = [
    1,
    ...sps.profileTierLevel,
    0xf0,
    0,
    0xfc,
    0xfc | sps.chroma,
    0xf8 | sps.lumaDepth,
    0xf8 | sps.chromaDepth,
    0,
    0,
    layers,
    arrays.length,
  ];
  const types = [vpsType, spsType, ppsType] as const;
  return concat([Uint8Array.from(head), ...arrays.flatMap((nals, i) => configArray(types[i] ?? 0, nals))]);
};

/** One array of sets; the top bit says that all of the kind are here. */
const configArray = (type: number, nals: readonly Uint8Array[]): Uint8Array[] => [
  Uint8Array.of(0x80 | type, nals.length >> 8, nals.length),
  ...nals.flatMap((nal) => [Uint8Array.of(nal.length >> 8, nal.length), nal]),
];

const parseConfig = (record: Uint8Array): NalConfig => {
  if (record.length < 23 || u8(record, 0) !== 1) throw new MediaFault('parameter-set', 'not an hvcC record');
  const parameterSets: Uint8Array[] = [];
  let at = 23;
  for (let array = 0; array < u8(record, 22); array++) {
    at = readArray(record, at, parameterSets);
  }
  return { lengthSize: (u8(record, 21) & 3) + 1, parameterSets };
};

/** Reads one array's sets into `into`, SEI and the like left out; gives the offset after it. */
const readArray = (record: Uint8Array, from: number, into: Uint8Array[]): number => {
  const type = u8(record, from) & 0x3f;
  const count = u16(record, from + 1);
  let at = from + 3;
  for (let i = 0; i < count; i++) {
    const end = at + 2 + u16(record, at);
    if (end > record.length) throw new MediaFault('parameter-set', 'a parameter set ends past its hvcC record');
    if (type >= vpsType && type <= ppsType && end > at + 2) into.push(record.subarray(at + 2, end));
    at = end;
  }
  return at;
};

export const h265: NalCodec = {
  roleOf,
  idOf: (nal, role) => {
    if (role === 'sps') return readSps(nal)?.id ?? 0;
    return role === 'vps' ? u8(nal, 2) >> 4 : new BitReader(unescape(nal.subarray(0, 16)).subarray(2)).ue();
  },
  delimiter: Uint8Array.of(0x46, 0x01, 0x50),
  endOfSequence: Uint8Array.of(0x48, 0x01),
  readFormat: (sps) => readSps(sps)?.format,
  buildConfig,
  parseConfig,
};
