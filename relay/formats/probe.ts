/** What is in a transport stream, and how sound it is: one look at each packet header, at little cost. */

import { u8 } from './bytes.ts';
import { type Faults, noFaults } from './faults.ts';
import { IntervalWatch, newHealth, type StreamHealth } from './stream-health.ts';
import { type TrackCounters, type TrackFormat, TrackProbe } from './track-probe.ts';
import { PacketAligner } from './ts-align.ts';
import {
  continuityOf,
  counterOf,
  hasAdaptation,
  hasDiscontinuity,
  hasPayload,
  hasTransportError,
  isScrambled,
  nullPid,
  packetBytes,
  payloadStart,
  pidCount,
  readPcr,
  startsUnit,
} from './ts-packet.ts';
import { type Program, ProgramTracker } from './ts-program.ts';
import { patPid } from './ts-psi.ts';

/** One track as an operator sees it. Rates are made by the caller: the difference of two reports over their time. */
export interface TrackReport extends TrackFormat, TrackCounters {
  /** TS only. */
  readonly pid?: number;
  readonly streamType?: number;
  readonly language?: string;
  readonly kind: 'video' | 'audio' | 'data';
  readonly codec: string;
  readonly label: string;
  /** On the wire: TS packets with their headers, FLV bodies. */
  readonly bytes: number;
  readonly continuityErrors: number;
}

export interface StreamReport {
  /** Undefined before the first PMT. */
  readonly program?: number;
  readonly otherPrograms: readonly number[];
  readonly tracks: readonly TrackReport[];
  readonly packets: number;
  /** Stuffing, PID 0x1fff: part of the bit rate, no part of any track. */
  readonly nullPackets: number;
  readonly scrambledPackets: number;
  readonly health: Readonly<StreamHealth>;
  /** The longest PCR and pts steps since `resetPeaks`, in ms. */
  readonly pcrPeakMs: number;
  readonly ptsPeakMs: number;
}

/** Reads a stream that passes by; keeps none of it. */
export class TsProbe {
  readonly #health = newHealth();
  readonly #faults: Faults = noFaults();
  readonly #watch = new IntervalWatch(this.#health);
  readonly #aligner = new PacketAligner(this.#faults, (data, from, to) => this.#run(data, from, to));
  readonly #programs: ProgramTracker;
  /** By PID. */
  readonly #packets = new Float64Array(pidCount);
  readonly #continuityErrors = new Float64Array(pidCount);
  readonly #counters = new Int8Array(pidCount).fill(-1);
  readonly #repeated = new Uint8Array(pidCount);
  /** 1 for a PID whose next payload is of no interest unless it begins a PES. */
  readonly #plain = new Uint8Array(pidCount);
  #tracks = noTracks();
  #list: TrackProbe[] = [];
  #pcrPid = nullPid;
  #scrambled = 0;

  /** `program`: the one to follow; the lowest number where left away. */
  constructor(program?: number) {
    this.#programs = new ProgramTracker({
      ...(program !== undefined && { program }),
      faults: this.#faults,
      onProgram: (found) => this.#onProgram(found),
    });
  }

  /** Bytes of the stream, cut anywhere. They are not kept. */
  push(data: Uint8Array): void {
    this.#aligner.push(data);
  }

  /** A snapshot; counters only rise. */
  report(): StreamReport {
    const { program } = this.#programs;
    return {
      ...(program !== undefined && { program: program.number }),
      otherPrograms: program?.others ?? [],
      tracks: this.#list.map((probe) => this.#trackReport(probe)),
      packets: this.#packets.reduce((total, count) => total + count, 0),
      nullPackets: this.#packets[nullPid] ?? 0,
      scrambledPackets: this.#scrambled,
      health: {
        ...this.#health,
        syncLosses: this.#faults['sync-loss'],
        syncByteErrors: this.#faults['sync-byte'],
        crcErrors: this.#faults['section-crc'],
      },
      pcrPeakMs: this.#watch.pcrPeakMs,
      ptsPeakMs: this.#watch.ptsPeakMs,
    };
  }

  /** Begins the peaks anew, as for the next second. */
  resetPeaks(): void {
    this.#watch.resetPeaks();
  }

  #trackReport({ track, format, counters }: TrackProbe): TrackReport {
    const { pid, streamType, language, codec } = track;
    return {
      pid,
      streamType,
      ...(language !== undefined && { language }),
      kind: codec.kind,
      codec: codec.name,
      label: codec.label,
      ...format,
      ...counters,
      bytes: (this.#packets[pid] ?? 0) * packetBytes,
      continuityErrors: this.#continuityErrors[pid] ?? 0,
    };
  }

  #onProgram({ tracks, pcrPid }: Program): void {
    this.#list = tracks.map((track) => this.#list.find((probe) => probe.track === track) ?? new TrackProbe(track));
    this.#tracks = noTracks();
    this.#plain.fill(0);
    for (const probe of this.#list) this.#tracks[probe.track.pid] = probe;
    this.#pcrPid = pcrPid;
    // Data tracks may be silent by nature (SCTE-35 speaks at a break only).
    const steady = tracks.filter(({ codec }) => codec.kind !== 'data').map(({ pid }) => pid);
    this.#watch.watch(['pat', 'pmt', ...steady]);
  }

  /** Most packets continue a frame and follow their counter: those are done with here, in about 10 ns each. */
  #run(data: Uint8Array, from: number, to: number): void {
    const packets = this.#packets;
    const counters = this.#counters;
    const plain = this.#plain;
    for (let at = from; at < to; at += packetBytes) {
      const second = u8(data, at + 1);
      const fourth = u8(data, at + 3);
      const pid = ((second & 0x1f) << 8) | u8(data, at + 2);
      packets[pid] = (packets[pid] ?? 0) + 1;
      const counter = fourth & 15;
      const isOrdinary = (second & 0xc0) === 0 && (fourth & 0xf0) === 0x10;
      if (isOrdinary && plain[pid] === 1 && counter === (((counters[pid] ?? 0) + 1) & 15)) counters[pid] = counter;
      else this.#packet(data, at, pid);
    }
  }

  #packet(data: Uint8Array, at: number, pid: number): void {
    if (pid === nullPid) return;
    if (hasTransportError(data, at)) {
      this.#health.transportErrors++;
      return;
    }
    if (hasAdaptation(data, at) && pid === this.#pcrPid) this.#clock(data, at);
    if (!hasPayload(data, at) || !this.#follows(data, at, pid)) return;
    const track = this.#tracks[pid];
    if (track !== undefined) {
      this.#payload(track, data, at);
      this.#plain[pid] = track.isHungry ? 0 : 1;
    } else if (pid === patPid || pid === this.#programs.pmtPid) this.#table(data, at, pid);
  }

  #clock(data: Uint8Array, at: number): void {
    const pcr = readPcr(data, at);
    if (pcr >= 0) this.#watch.onPcr(pcr, hasDiscontinuity(data, at));
  }

  #payload(track: TrackProbe, data: Uint8Array, at: number): void {
    if (isScrambled(data, at)) {
      this.#scrambled++;
      return;
    }
    const isStart = startsUnit(data, at);
    if (!isStart && !track.isHungry) return;
    const begin = payloadStart(data, at);
    if (begin > at + packetBytes) return;
    track.push(data, begin, at + packetBytes, isStart);
    if (!isStart) return;
    this.#watch.onSeen(track.track.pid);
    if (track.pts >= 0 && track.track.codec.kind !== 'data') this.#watch.onPts(track.track.pid, track.pts);
  }

  #table(data: Uint8Array, at: number, pid: number): void {
    const begin = payloadStart(data, at);
    if (begin > at + packetBytes) return;
    if (startsUnit(data, at)) this.#watch.onSeen(pid === patPid ? 'pat' : 'pmt');
    this.#programs.assemblerOf(pid)?.push(data, begin, at + packetBytes, startsUnit(data, at));
  }

  /** Judges the continuity counter; false for a repetition. */
  #follows(data: Uint8Array, at: number, pid: number): boolean {
    const counter = counterOf(data, at);
    const continuity = continuityOf(this.#counters[pid] ?? -1, counter);
    this.#counters[pid] = counter;
    if (continuity === 'next') {
      this.#repeated[pid] = 0;
      return true;
    }
    if (hasDiscontinuity(data, at)) return true;
    if (continuity === 'duplicate' && this.#repeated[pid] === 0) {
      this.#repeated[pid] = 1;
      this.#plain[pid] = 0;
      return false;
    }
    this.#repeated[pid] = 0;
    this.#health.continuityErrors++;
    this.#continuityErrors[pid] = (this.#continuityErrors[pid] ?? 0) + 1;
    this.#tracks[pid]?.onLoss();
    return true;
  }
}

/** Indexed by PID. A list that is filled is faster to look into than one with holes. */
const noTracks = (): (TrackProbe | undefined)[] => Array.from({ length: pidCount }, () => undefined);
