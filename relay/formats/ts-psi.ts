/** Program tables: sections put together from packets, PAT and PMT read and written. Source: ISO 13818-1 2.4.4. */

import { put16, put32, u8, u16, u32 } from './bytes.ts';
import type { Descriptor } from './codecs.ts';
import type { Faults } from './faults.ts';
import { limits } from './limits.ts';

export const patPid = 0;
export const patTable = 0;
export const pmtTable = 2;

/** One section of a table with a good CRC. `body` lies between the section's header and its CRC. */
export interface Section {
  readonly tableId: number;
  /** transport_stream_id of a PAT, program_number of a PMT. */
  readonly extension: number;
  readonly version: number;
  /** False for a table that is announced but not yet in force. */
  readonly current: boolean;
  readonly number: number;
  readonly lastNumber: number;
  readonly body: Uint8Array;
  /** The CRC as sent: two sections of equal CRC are taken as equal. */
  readonly crc: number;
}

export interface PatEntry {
  readonly number: number;
  readonly pmtPid: number;
}

export interface PmtStream {
  readonly pid: number;
  readonly streamType: number;
  readonly descriptors: readonly Descriptor[];
}

export interface Pmt {
  readonly pcrPid: number;
  readonly descriptors: readonly Descriptor[];
  readonly streams: readonly PmtStream[];
}

/** Puts the sections of one PID together; a section may begin anywhere and span packets. */
export class SectionAssembler {
  readonly #faults: Faults;
  readonly #onSection: (section: Section) => void;
  readonly #buffer = new Uint8Array(limits.sectionBytes);
  /** Bytes of the section at hand; -1 while waiting for a beginning. */
  #length = -1;

  constructor(faults: Faults, onSection: (section: Section) => void) {
    this.#faults = faults;
    this.#onSection = onSection;
  }

  /** Forgets the section at hand: a packet was lost. */
  reset(): void {
    this.#length = -1;
  }

  /** The payload of one packet, `data` from `from` to `to`; `unitStart` as in its header. */
  push(data: Uint8Array, from: number, to: number, unitStart: boolean): void {
    if (!unitStart) return this.#continue(data, from, to);
    const begin = from + 1 + u8(data, from);
    if (begin > to) {
      this.#faults.section++;
      return this.reset();
    }
    this.#continue(data, from + 1, begin);
    this.#length = 0;
    this.#continue(data, begin, to);
  }

  #continue(data: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to && this.#length >= 0; ) {
      if (this.#length === 0 && data[at] === 0xff) return this.reset();
      at += this.#append(data, at, to);
    }
  }

  /** Takes bytes up to the end of the section at hand; gives how many. */
  #append(data: Uint8Array, at: number, to: number): number {
    const wanted = this.#length < 3 ? 3 : 3 + (u16(this.#buffer, 1) & 0x0fff);
    if (wanted > limits.sectionBytes) {
      this.#faults.section++;
      this.reset();
      return to - at;
    }
    const taken = Math.min(wanted - this.#length, to - at);
    this.#buffer.set(data.subarray(at, at + taken), this.#length);
    this.#length += taken;
    if (this.#length >= 3 && this.#length === 3 + (u16(this.#buffer, 1) & 0x0fff)) this.#finish();
    return taken;
  }

  /** Sections without the long form (SCTE-35 and the like) are none of ours and pass unread. */
  #finish(): void {
    const whole = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    if ((u8(whole, 1) & 0x80) === 0) return;
    if (whole.length < 12) this.#faults.section++;
    else if (crc32(whole, 0, whole.length) !== 0) this.#faults['section-crc']++;
    else this.#onSection(readSection(whole));
  }
}

const readSection = (whole: Uint8Array): Section => ({
  tableId: u8(whole, 0),
  extension: u16(whole, 3),
  version: (u8(whole, 5) >> 1) & 0x1f,
  current: (u8(whole, 5) & 1) === 1,
  number: u8(whole, 6),
  lastNumber: u8(whole, 7),
  body: whole.subarray(8, whole.length - 4),
  crc: u32(whole, whole.length - 4),
});

/** The programs of one PAT section; program 0 (the network table) is left out. */
export const parsePat = (section: Section): PatEntry[] => {
  const entries: PatEntry[] = [];
  for (let at = 0; at + 4 <= section.body.length; at += 4) {
    const number = u16(section.body, at);
    if (number !== 0) entries.push({ number, pmtPid: u16(section.body, at + 2) & 0x1fff });
  }
  return entries;
};

/** The streams of one PMT section, as far as its lengths hold. */
export const parsePmt = ({ body }: Section): Pmt => {
  const streams: PmtStream[] = [];
  let at = 4 + (u16(body, 2) & 0x0fff);
  const descriptors = parseDescriptors(body, 4, at);
  while (at + 5 <= body.length && streams.length < limits.tracks) {
    const end = at + 5 + (u16(body, at + 3) & 0x0fff);
    const pid = u16(body, at + 1) & 0x1fff;
    streams.push({ pid, streamType: u8(body, at), descriptors: parseDescriptors(body, at + 5, end) });
    at = end;
  }
  return { pcrPid: u16(body, 0) & 0x1fff, descriptors, streams };
};

const parseDescriptors = (data: Uint8Array, from: number, to: number): Descriptor[] => {
  const descriptors: Descriptor[] = [];
  const end = Math.min(to, data.length);
  for (let at = from; at + 2 <= end; at += 2 + u8(data, at + 1)) {
    descriptors.push({ tag: u8(data, at), data: data.subarray(at + 2, Math.min(at + 2 + u8(data, at + 1), end)) });
  }
  return descriptors;
};

/** The bytes of a one-section PAT, CRC included. */
export const buildPat = (transportStreamId: number, version: number, entries: readonly PatEntry[]): Uint8Array => {
  const body = new Uint8Array(entries.length * 4);
  entries.forEach((entry, i) => {
    put16(body, i * 4, entry.number);
    put16(body, i * 4 + 2, 0xe000 | entry.pmtPid);
  });
  return buildSection({ tableId: patTable, extension: transportStreamId, version, body });
};

/** The bytes of a one-section PMT, CRC included. */
export const buildPmt = (programNumber: number, version: number, pmt: Pmt): Uint8Array => {
  const head = [0xe0 | (pmt.pcrPid >> 8), pmt.pcrPid & 0xff, ...withLength(pmt.descriptors)];
  const loops = pmt.streams.flatMap(({ pid, streamType, descriptors }) => [
    streamType,
    0xe0 | (pid >> 8),
    pid & 0xff,
    ...withLength(descriptors),
  ]);
  return buildSection({
    tableId: pmtTable,
    extension: programNumber,
    version,
    body: Uint8Array.from([...head, ...loops]),
  });
};

const withLength = (descriptors: readonly Descriptor[]): number[] => {
  const bytes = descriptors.flatMap(({ tag, data }) => [tag, data.length, ...data]);
  return [0xf0 | (bytes.length >> 8), bytes.length & 0xff, ...bytes];
};

type SectionParts = Pick<Section, 'tableId' | 'extension' | 'version' | 'body'> &
  Partial<Pick<Section, 'number' | 'lastNumber'>>;

/** The bytes of a section in force; number 0 of 0 where left away. */
export const buildSection = (section: SectionParts): Uint8Array => {
  const whole = new Uint8Array(8 + section.body.length + 4);
  whole[0] = section.tableId;
  put16(whole, 1, 0xb000 | (whole.length - 3));
  put16(whole, 3, section.extension);
  whole[5] = 0xc1 | ((section.version & 0x1f) << 1);
  whole[6] = section.number ?? 0;
  whole[7] = section.lastNumber ?? 0;
  whole.set(section.body, 8);
  put32(whole, whole.length - 4, crc32(whole, 0, whole.length - 4));
  return whole;
};

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** CRC-32/MPEG-2, ISO 13818-1 annex A. Zero over a section that ends with its own good CRC. */
export const crc32 = (data: Uint8Array, from: number, to: number): number => {
  let crc = 0xffffffff;
  for (let at = from; at < to; at++) crc = ((crc << 8) ^ (crcTable[(crc >>> 24) ^ u8(data, at)] ?? 0)) >>> 0;
  return crc;
};
