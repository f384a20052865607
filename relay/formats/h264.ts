/** H.264: NAL types, SPS, avcC. Source: ISO 14496-10 7.3, 7.4, annex E; ISO 14496-15 5.3.3. */

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

const seiType = 6;
const recoveryPoint = 6;

/** nal_unit_type to role, ISO 14496-10 table 7-1. */
const roles: Readonly<Record<number, NalRole>> = {
  1: 'slice',
  2: 'slice',
  3: 'slice',
  4: 'slice',
  5: 'entry',
  7: 'sps',
  8: 'pps',
  9: 'aud',
  10: 'end',
  11: 'end',
  12: 'filler',
};

const profiles: Readonly<Record<number, string>> = {
  66: 'Baseline',
  77: 'Main',
  88: 'Extended',
  100: 'High',
  110: 'High 10',
  122: 'High 4:2:2',
  244: 'High 4:4:4',
};

/** Profiles whose SPS tells chroma format and scaling lists, 7.3.2.1.1. */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

const roleOf = (nal: Uint8Array): NalRole => {
  const type = u8(nal, 0) & 0x1f;
  if (type === seiType) return hasRecoveryPoint(nal) ? 'recovery' : 'other';
  return roles[type] ?? 'other';
};

/** True for an SEI with a recovery point message (7.3.2.3.1, D.1.8) among its messages. */
const hasRecoveryPoint = (sei: Uint8Array): boolean => {
  for (let at = 1; at + 2 < sei.length; ) {
    const type = readVarSum(sei, at);
    const size = readVarSum(sei, type.end);
    if (type.value === recoveryPoint) return true;
    at = size.end + size.value;
  }
  return false;
};

/** An SEI number: bytes of 255 and a last one, summed. */
const readVarSum = (data: Uint8Array, from: number): { value: number; end: number } => {
  let at = from;
  while (data[at] === 255) at++;
  return { value: (at - from) * 255 + u8(data, at), end: at + 1 };
};

/** The first 64 bytes hold all that is read, VUI timing included, but for SPS with long scaling lists. */
const readFormat = (sps: Uint8Array): PictureFormat | undefined => {
  const plain = unescape(sps);
  const profileIdc = u8(plain, 1);
  const constrained = (u8(plain, 2) & 0x40) !== 0;
  const bits = new BitReader(plain.subarray(4));
  bits.ue(); // seq_parameter_set_id
  const chroma = highProfiles.has(profileIdc) ? readChroma(bits) : 1;
  skipOrder(bits);
  bits.ue(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  const size = readSize(bits, chroma);
  const rate = bits.bit() === 1 ? readFrameRate(bits) : undefined;
  if (size === undefined) return undefined;
  const name = profiles[profileIdc] ?? `profile ${profileIdc}`;
  return {
    ...size,
    profile: profileIdc === 66 && constrained ? 'Constrained Baseline' : name,
    level: `${Math.floor(u8(plain, 3) / 10)}.${u8(plain, 3) % 10}`,
    ...(rate !== undefined && !bits.overrun && { nominalFrameRate: rate }),
  };
};

/** chroma_format_idc, bit depths and scaling lists. */
const readChroma = (bits: BitReader): number => {
  const chroma = bits.ue();
  if (chroma === 3) bits.skip(1);
  bits.ue();
  bits.ue();
  bits.skip(1);
  if (bits.bit() === 0) return chroma;
  for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
    if (bits.bit() === 1) skipScalingList(bits, list < 6 ? 16 : 64);
  }
  return chroma;
};

const skipScalingList = (bits: BitReader, size: number): void => {
  let last = 8;
  for (let i = 0; i < size && last !== 0; i++) last = (last + bits.se() + 256) % 256;
};

/** Frame number and picture order count fields. */
const skipOrder = (bits: BitReader): void => {
  bits.ue(); // log2_max_frame_num_minus4
  const type = bits.ue();
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.skip(1);
  bits.se();
  bits.se();
  const cycle = Math.min(bits.ue(), 255);
  for (let i = 0; i < cycle; i++) bits.se();
};

/** Width and height in luma samples after cropping, 7.4.2.1.1. */
const readSize = (bits: BitReader, chroma: number): { width: number; height: number } | undefined => {
  const width = (bits.ue() + 1) * 16;
  const mapHeight = (bits.ue() + 1) * 16;
  const frameOnly = bits.bit();
  if (frameOnly === 0) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const height = mapHeight * (2 - frameOnly);
  const crop = bits.bit() === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * (2 - frameOnly);
  const size = { width: width - (left + right) * unitX, height: height - (top + bottom) * unitY };
  return bits.overrun || size.width <= 0 || size.height <= 0 || width > 16384 || height > 16384 ? undefined : size;
};

/** Frames a second by the VUI's timing, E.1.1; two ticks a frame. */
const readFrameRate = (bits: BitReader): number | undefined => {
  if (bits.bit() === 1 && bits.bits(8) === 255) bits.skip(32); // aspect ratio
  if (bits.bit() === 1) bits.skip(1); // overscan
  if (bits.bit() === 1) {
    bits.skip(4); // video_format, full range
    if (bits.bit() === 1) bits.skip(24); // colour description
  }
  if (bits.bit() === 1) {
    bits.ue(); // chroma sample location
    bits.ue();
  }
  if (bits.bit() === 0) return undefined;
  const unitsInTick = bits.bits(32);
  const timeScale = bits.bits(32);
  return unitsInTick > 0 ? timeScale / (2 * unitsInTick) : undefined;
};

/** AVCDecoderConfigurationRecord, ISO 14496-15 5.3.3.1, with 4-byte lengths. */
const buildConfig = (sets: ParameterSets): Uint8Array | undefined => {
  const sps = sets.of('sps').slice(0, 31);
  const pps = sets.of('pps').slice(0, 255);
  const first = sps[0];
  if (first === undefined || pps.length === 0 || first.length < 4) return undefined;
  const head = Uint8Array.of(1, u8(first, 1), u8(first, 2), u8(first, 3), 0xff, 0xe0 | sps.length);
  const parts = [head, ...sps.flatMap(withLength), Uint8Array.of(pps.length), ...pps.flatMap(withLength)];
  return concat(highProfiles.has(u8(first, 1)) ? [...parts, highExtension(first)] : parts);
};

const withLength = (nal: Uint8Array): Uint8Array[] => [Uint8Array.of(nal.length >> 8, nal.length), nal];

/** Chroma format and bit depths, which the record repeats for High profiles. */
const highExtension = (sps: Uint8Array): Uint8Array => {
  const bits = new BitReader(unescape(sps).subarray(4));
  bits.ue();
  const chroma = bits.ue();
  if (chroma === 3) bits.skip(1);
  return Uint8Array.of(0xfc | (chroma & 3), 0xf8 | (bits.ue() & 7), 0xf8 | (bits.ue() & 7), 0);
};

const parseConfig = (record: Uint8Array): NalConfig => {
  if (record.length < 7 || u8(record, 0) !== 1) throw new MediaFault('parameter-set', 'not an avcC record');
  const parameterSets: Uint8Array[] = [];
  const afterSps = readSets(record, 6, u8(record, 5) & 0x1f, parameterSets);
  readSets(record, afterSps + 1, u8(record, afterSps), parameterSets);
  return { lengthSize: (u8(record, 4) & 3) + 1, parameterSets };
};

/** Reads `count` sets with 2-byte lengths into `into`; gives the offset after them. */
const readSets = (record: Uint8Array, from: number, count: number, into: Uint8Array[]): number => {
  let at = from;
  for (let i = 0; i < count; i++) {
    const end = at + 2 + u16(record, at);
    if (end > record.length) throw new MediaFault('parameter-set', 'a parameter set ends past its avcC record');
    if (end > at + 2) into.push(record.subarray(at + 2, end));
    at = end;
  }
  return at;
};

export const h264: NalCodec = {
  roleOf,
  idOf: (nal, role) => new BitReader(unescape(nal.subarray(0, 16)).subarray(role === 'sps' ? 4 : 1)).ue(),
  delimiter: Uint8Array.of(9, 0xf0),
  endOfSequence: Uint8Array.of(10),
  readFormat,
  buildConfig,
  parseConfig,
};
