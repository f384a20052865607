/**
 * Packets of changing sources made one continuous stream: counters, clocks and table versions written anew.
 * What the sources lose stays visible: a gap in a continuity counter remains a gap.
 */

import { concat, put16, sameBytes, u8, u24 } from './bytes.ts';
import {
  clockDistance,
  clockWrap,
  counterOf,
  hasPayload,
  packetBytes,
  payloadStart,
  pcrPerTick,
  pidCount,
  pidOf,
  readPcr,
  readTimestamp,
  startsUnit,
  syncByte,
  writePcrField,
  writeTimestamp,
} from './ts-packet.ts';
import { buildSection, type Section } from './ts-psi.ts';

export type PidKind = 'video' | 'audio' | 'other';

/** Where the output stands, on its own clock. */
export interface OutputPosition {
  /** 90 kHz; undefined before the first frame. */
  readonly dts: number | undefined;
  readonly audioPts: number | undefined;
  /** The distance of two video frames. */
  readonly step: number;
  /** 27 MHz; undefined before the first PCR. */
  readonly pcr: number | undefined;
}

interface TableState {
  version: number;
  body: Uint8Array;
}

/** The header of a video PES of unknown length without pts, ISO 13818-1 2.4.3.6. */
const timelessPes = Uint8Array.of(0, 0, 1, 0xe0, 0, 0, 0x80, 0, 0);

const sectionRoom = packetBytes - 5;

/** Collects packets in memory of its own; `take` lends them. */
export class TsRewriter {
  #offset = 0;
  #out = new Uint8Array(64 << 10);
  #end = 0;
  /** The last counter sent, and what the source's counter differs by; -1 where not known. By PID. */
  readonly #sent = new Int8Array(pidCount).fill(-1);
  readonly #shift = new Int8Array(pidCount).fill(-1);
  readonly #tables = new Map<string, TableState>();
  #dts: number | undefined;
  #audioPts: number | undefined;
  #step = 3600;
  #pcr: number | undefined;

  get position(): OutputPosition {
    return { dts: this.#dts, audioPts: this.#audioPts, step: this.#step, pcr: this.#pcr };
  }

  /** What follows is of another source, whose clock plus `offset` ticks is the output's. */
  begin(offset: number): void {
    this.#offset = offset;
    this.#shift.fill(-1);
  }

  /** One packet of a source, copied and rewritten. */
  packet(data: Uint8Array, from: number, kind: PidKind): void {
    this.#reserve(packetBytes);
    const at = this.#end;
    this.#out.set(data.subarray(from, from + packetBytes), at);
    this.#end += packetBytes;
    this.#count(at);
    this.#moveClock(at);
    if (kind !== 'other' && startsUnit(this.#out, at)) this.#moveTimes(at, kind);
  }

  /** Packets of a PID are being left out on purpose: the next one sent follows the last one sent. */
  leaveOut(pid: number): void {
    this.#shift[pid] = -1;
  }

  /** A table of the source. Its version rises when its content differs from what was sent last on that PID. */
  table(pid: number, section: Section): void {
    const key = `${pid}/${section.tableId}/${section.number}`;
    const old = this.#tables.get(key);
    const isSame = old !== undefined && sameBytes(old.body, section.body);
    const fresh = old === undefined ? section.version : (old.version + 1) & 31;
    const version = isSame ? old.version : fresh;
    this.#tables.set(key, { version, body: section.body });
    const bytes = buildSection({ ...section, version });
    for (let at = 0; at < bytes.length; at += at === 0 ? sectionRoom : sectionRoom + 1)
      this.#sectionPacket(pid, bytes, at);
  }

  /** A video PES of its own without time, for a few bytes that belong to no frame. At most 173 bytes. */
  insert(pid: number, bytes: Uint8Array): void {
    this.#reserve(packetBytes);
    const at = this.#end;
    const counter = ((this.#sent[pid] ?? -1) + 1) & 15;
    const payload = concat([timelessPes, bytes]);
    this.#out.fill(0xff, at, at + packetBytes);
    this.#out[at] = syncByte;
    put16(this.#out, at + 1, 0x4000 | pid);
    this.#out[at + 3] = 0x30 | counter;
    this.#out[at + 4] = packetBytes - 5 - payload.length;
    this.#out[at + 5] = 0;
    this.#out.set(payload, at + packetBytes - payload.length);
    this.#sent[pid] = counter;
    this.#end += packetBytes;
  }

  /** All packets since the last call. On loan until the next call of any other method. */
  take(): Uint8Array {
    const taken = this.#out.subarray(0, this.#end);
    this.#end = 0;
    return taken;
  }

  /** Where a source's time lies on the output's clock, nearest to the output's position. */
  place(ticks: number): number {
    const moved = ticks + this.#offset;
    return this.#dts === undefined ? moved : this.#dts + clockDistance(this.#dts, moved, clockWrap);
  }

  #sectionPacket(pid: number, section: Uint8Array, from: number): void {
    this.#reserve(packetBytes);
    const at = this.#end;
    const isStart = from === 0;
    const begin = at + (isStart ? 5 : 4);
    const part = section.subarray(from, from + at + packetBytes - begin);
    const counter = ((this.#sent[pid] ?? -1) + 1) & 15;
    this.#out.fill(0xff, at, at + packetBytes);
    this.#out[at] = syncByte;
    put16(this.#out, at + 1, (isStart ? 0x4000 : 0) | pid);
    this.#out[at + 3] = 0x10 | counter;
    if (isStart) this.#out[at + 4] = 0;
    this.#out.set(part, begin);
    this.#sent[pid] = counter;
    this.#end += packetBytes;
  }

  /** Shifts the counter so that the first packet of a source follows the last one sent. */
  #count(at: number): void {
    const pid = pidOf(this.#out, at);
    const counter = counterOf(this.#out, at);
    if (this.#shift[pid] === -1) {
      const sent = this.#sent[pid] ?? -1;
      const wanted = hasPayload(this.#out, at) ? sent + 1 : sent;
      this.#shift[pid] = sent < 0 ? 0 : (wanted - counter) & 15;
    }
    const moved = (counter + (this.#shift[pid] ?? 0)) & 15;
    this.#out[at + 3] = (u8(this.#out, at + 3) & 0xf0) | moved;
    this.#sent[pid] = moved;
  }

  #moveClock(at: number): void {
    const pcr = readPcr(this.#out, at);
    if (pcr < 0) return;
    const moved = this.#movePcr(pcr);
    writePcrField(this.#out, at + 6, moved);
    this.#pcr = moved;
  }

  #movePcr(pcr: number): number {
    const wrap = clockWrap * pcrPerTick;
    return (((pcr + this.#offset * pcrPerTick) % wrap) + wrap) % wrap;
  }

  /** Moves pts and dts of a PES header that lies wholly in its first packet, as all muxers write it. */
  #moveTimes(at: number, kind: 'video' | 'audio'): void {
    const out = this.#out;
    const begin = payloadStart(out, at);
    const flags = u8(out, begin + 7) >> 6;
    const needed = flags === 3 ? 19 : 14;
    if (flags < 2 || begin + needed > at + packetBytes || u24(out, begin) !== 1) return;
    const pts = readTimestamp(out, begin + 9);
    const dts = flags === 3 ? readTimestamp(out, begin + 14) : pts;
    if (kind === 'audio') this.#audioPts = this.place(pts);
    else this.#advance(this.place(dts));
    writeTimestamp(out, begin + 9, flags, pts + this.#offset);
    if (flags === 3) writeTimestamp(out, begin + 14, 1, dts + this.#offset);
  }

  #advance(dts: number): void {
    const step = dts - (this.#dts ?? dts);
    if (step > 0 && step <= 90_000) this.#step = step;
    this.#dts = dts;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#out.length) return;
    const grown = new Uint8Array(this.#out.length * 2);
    grown.set(this.#out);
    this.#out = grown;
  }
}
