/**
 * Access units to TS packets: tables, clock, PES.
 * Source: ISO 13818-1 2.4.2 to 2.4.4, 2.7.1; intervals after TR 101 290 1.3, 1.5, 2.3.
 */

import { put16, totalBytes } from './bytes.ts';
import type { Descriptor } from './codecs.ts';
import { limits } from './limits.ts';
import { clockWrap, packetBytes, pcrPerTick, syncByte, writePcrField, writeTimestamp } from './ts-packet.ts';
import { buildPat, buildPmt, patPid } from './ts-psi.ts';

export interface MuxTrack {
  readonly pid: number;
  readonly kind: 'video' | 'audio';
  readonly streamType: number;
  readonly descriptors: readonly Descriptor[];
}

export interface MuxUnit {
  readonly track: MuxTrack;
  /** 90 kHz on a clock that rises for ever; wrapped when written. */
  readonly dts: number;
  readonly pts: number;
  /** Sets random_access_indicator and repeats PAT and PMT first. */
  readonly entry: boolean;
  /** The PES payload in parts: Annex B bytes, ADTS frames. */
  readonly parts: readonly Uint8Array[];
}

const programNumber = 1;
const pmtPid = 0x1000;
const payloadBytes = packetBytes - 4;
const longestPes = 0xffff;
/** A hole in the output longer than this is jumped over rather than filled with clock packets. */
const longestFill = 10 * 90_000;

/**
 * Writes packets into memory of its own. `take` lends what was written; the next `write` uses the memory again.
 * PCR follows the slowest track that still speaks, so a track that runs behind is not late for its decoder.
 */
export class TsMuxer {
  /** Units that came after the clock had passed their dts. */
  late = 0;
  #tracks: readonly MuxTrack[] = [];
  #version = -1;
  readonly #counters = new Map<number, number>();
  readonly #lastDts = new Map<MuxTrack, number>();
  #newest = Number.NEGATIVE_INFINITY;
  /** The last PCR and the last tables, in 90 kHz ticks. */
  #pcr: number | undefined;
  #psiAt = Number.NEGATIVE_INFINITY;
  #out = new Uint8Array(64 << 10);
  #end = 0;
  readonly #header = new Uint8Array(19);

  /** The tracks of the program. The clock runs on the first video track, else the first track. A new PMT version. */
  setTracks(tracks: readonly MuxTrack[]): void {
    this.#tracks = tracks;
    this.#version = (this.#version + 1) & 31;
    this.#psiAt = Number.NEGATIVE_INFINITY;
  }

  /** n × 188 bytes written since the last call. On loan until the next `write`. */
  take(): Uint8Array {
    const taken = this.#out.subarray(0, this.#end);
    this.#end = 0;
    return taken;
  }

  /** Writes one frame with the tables and clock packets due before it. dts rises on each track. */
  write(unit: MuxUnit): void {
    // A track that has not spoken yet is taken to begin here, so that it is not late if it comes from behind.
    for (const track of this.#tracks) if (!this.#lastDts.has(track)) this.#lastDts.set(track, unit.dts);
    this.#lastDts.set(unit.track, unit.dts);
    this.#newest = Math.max(this.#newest, unit.dts);
    const clock = this.#clock();
    this.#fillClock(clock);
    if (unit.entry || clock - this.#psiAt >= limits.psiIntervalTicks) this.#tables(clock);
    if (unit.dts < clock) this.late++;
    const withPcr = unit.track === this.#pcrTrack && clock > (this.#pcr ?? Number.NEGATIVE_INFINITY);
    this.#pes(unit, withPcr ? clock : undefined);
    if (withPcr) this.#pcr = clock;
  }

  get #pcrTrack(): MuxTrack | undefined {
    return this.#tracks.find(({ kind }) => kind === 'video') ?? this.#tracks[0];
  }

  /** Where PCR may stand now; never before where it stood. */
  #clock(): number {
    const speaking = this.#tracks
      .map((track) => this.#lastDts.get(track))
      .filter((dts) => dts !== undefined && dts >= this.#newest - limits.pcrSilentTicks);
    const slowest = Math.min(...speaking.map((dts) => dts ?? this.#newest), this.#newest);
    return Math.max(slowest - limits.pcrLagTicks, this.#pcr ?? Number.NEGATIVE_INFINITY);
  }

  /** Clock packets, and tables among them, until the clock is less than one interval behind. */
  #fillClock(clock: number): void {
    if (this.#pcr === undefined) {
      this.#tables(clock);
      this.#clockPacket(clock);
      return;
    }
    if (clock - this.#pcr > longestFill) this.#pcr = clock - longestFill;
    while (clock - this.#pcr > limits.pcrIntervalTicks) {
      const next = this.#pcr + limits.pcrIntervalTicks;
      if (next - this.#psiAt >= limits.psiIntervalTicks) this.#tables(next);
      this.#clockPacket(next);
    }
  }

  /** An adaptation field without payload: it does not advance the continuity counter (2.4.3.3). */
  #clockPacket(ticks: number): void {
    const at = this.#packet(this.#pcrTrack?.pid ?? 0, { start: false, payload: false });
    const out = this.#out;
    out[at + 3] = ((out[at + 3] ?? 0) & 0x0f) | 0x20;
    out[at + 4] = payloadBytes - 1;
    out[at + 5] = 0x10;
    writePcrField(out, at + 6, ticks * pcrPerTick);
    out.fill(0xff, at + 12, at + packetBytes);
    this.#pcr = ticks;
  }

  #tables(ticks: number): void {
    this.#psiAt = ticks;
    const pcrPid = this.#pcrTrack?.pid ?? 0x1fff;
    this.#section(patPid, buildPat(1, 0, [{ number: programNumber, pmtPid }]));
    this.#section(pmtPid, buildPmt(programNumber, this.#version, { pcrPid, descriptors: [], streams: this.#tracks }));
  }

  /** A section of one packet. Ours have two tracks and never more bytes. */
  #section(pid: number, section: Uint8Array): void {
    const at = this.#packet(pid, { start: true, payload: true });
    this.#out[at + 4] = 0;
    this.#out.set(section, at + 5);
    this.#out.fill(0xff, at + 5 + section.length, at + packetBytes);
  }

  #pes(unit: MuxUnit, pcr: number | undefined): void {
    const size = totalBytes(unit.parts);
    const header = this.#pesHeader(unit, size);
    let from = this.#stage([header, ...unit.parts], header.length + size);
    const end = from + header.length + size;
    for (let isFirst = true; from < end; isFirst = false) {
      const fields = isFirst ? { pcr, entry: unit.entry } : { pcr: undefined, entry: false };
      const at = this.#packet(unit.track.pid, { start: isFirst, payload: true });
      const begin = this.#adaptation(at, fields, end - from);
      const taken = at + packetBytes - begin;
      this.#out.copyWithin(begin, from, from + taken);
      from += taken;
    }
  }

  /** Puts the PES beyond where its packets will end, in the same memory, so that packets are filled without views. */
  #stage(parts: readonly Uint8Array[], size: number): number {
    // The first packet may lose 8 bytes to its clock; 2 packets of slack are more than that.
    const from = this.#end + (Math.ceil(size / payloadBytes) + 2) * packetBytes;
    this.#reserve(from + size);
    let at = from;
    for (const part of parts) {
      this.#out.set(part, at);
      at += part.length;
    }
    return from;
  }

  /** Writes the adaptation field that the packet needs: clock, entry point, stuffing. Gives where the payload begins. */
  #adaptation(at: number, { pcr, entry }: { pcr: number | undefined; entry: boolean }, left: number): number {
    const out = this.#out;
    const flags = entry ? 2 : 0;
    const fields = pcr === undefined ? flags : 8;
    const size = Math.max(fields, payloadBytes - left);
    if (size <= 0) return at + 4;
    out[at + 3] = (out[at + 3] ?? 0) | 0x20;
    out[at + 4] = size - 1;
    if (size === 1) return at + 5;
    out[at + 5] = (entry ? 0x40 : 0) | (pcr !== undefined ? 0x10 : 0);
    if (pcr !== undefined) writePcrField(out, at + 6, pcr * pcrPerTick);
    out.fill(0xff, at + 4 + Math.max(fields, 2), at + 4 + size);
    return at + 4 + size;
  }

  /** PES header with pts, and dts where it differs, 2.4.3.6. A length of 0 is legal for video only. */
  #pesHeader({ track, pts, dts }: MuxUnit, size: number): Uint8Array {
    const isBoth = Math.round(pts) !== Math.round(dts);
    const header = this.#header.subarray(0, isBoth ? 19 : 14);
    const length = size + header.length - 6;
    header.set([0, 0, 1, track.kind === 'video' ? 0xe0 : 0xc0]);
    put16(header, 4, length > longestPes ? 0 : length);
    header[6] = 0x84; // data_alignment_indicator
    header[7] = isBoth ? 0xc0 : 0x80;
    header[8] = isBoth ? 10 : 5;
    writeTimestamp(header, 9, isBoth ? 3 : 2, Math.round(pts) % clockWrap);
    if (isBoth) writeTimestamp(header, 14, 1, Math.round(dts) % clockWrap);
    return header;
  }

  /** Begins a packet; gives its offset. */
  #packet(pid: number, { start, payload }: { start: boolean; payload: boolean }): number {
    this.#reserve(this.#end + packetBytes);
    const at = this.#end;
    this.#end += packetBytes;
    const last = this.#counters.get(pid) ?? 15;
    const counter = payload ? (last + 1) & 15 : last;
    this.#counters.set(pid, counter);
    const out = this.#out;
    out[at] = syncByte;
    put16(out, at + 1, (start ? 0x4000 : 0) | pid);
    out[at + 3] = 0x10 | counter;
    return at;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#out.length) return;
    const grown = new Uint8Array(bytes * 2);
    grown.set(this.#out);
    this.#out = grown;
  }
}
