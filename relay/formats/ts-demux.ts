/** TS to PES: the packets of chosen tracks, put together. Source: ISO 13818-1 2.4.3. */

import type { Faults } from './faults.ts';
import { limits } from './limits.ts';
import { PacketAligner } from './ts-align.ts';
import {
  continuityOf,
  counterOf,
  hasDiscontinuity,
  hasPayload,
  hasTransportError,
  isScrambled,
  isStuffed,
  nullPid,
  packetBytes,
  payloadStart,
  pidCount,
  pidOf,
  startsUnit,
} from './ts-packet.ts';
import { type Pes, PesAssembler, stageBytes } from './ts-pes.ts';
import { type Program, ProgramTracker, type TsTrack } from './ts-program.ts';
import { patPid } from './ts-psi.ts';

export interface TsDemuxerOptions {
  /** The program to follow; the lowest number where left away. */
  readonly program?: number;
  readonly faults: Faults;
  /** Asked at each change of the program: which tracks to put together. The rest costs one look at a PID. */
  readonly select: (program: Program) => readonly TsTrack[];
  readonly onPes: (pes: Pes) => void;
}

/** Memory is bounded by `limits.pesBytes` for each selected track. Nothing is allocated per packet. */
export class TsDemuxer {
  readonly #options: TsDemuxerOptions;
  readonly #faults: Faults;
  readonly #aligner: PacketAligner;
  #programs: ProgramTracker;
  #tracks = noTracks();
  #open: PesAssembler[] = [];
  readonly #psiCounters = new Map<number, number>();
  #pcrPid = nullPid;
  #epoch = 0;
  #sliceId = 0;
  #nowMs = 0;

  constructor(options: TsDemuxerOptions) {
    this.#options = options;
    this.#faults = options.faults;
    this.#aligner = new PacketAligner(options.faults, (data, from, to) => this.#run(data, from, to));
    this.#programs = this.#newTracker();
  }

  /** Bytes of the stream, cut anywhere. `nowMs` is the caller's clock. The bytes are not kept. */
  push(data: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#aligner.push(data);
  }

  /** Hands on frames whose track fell silent, so that the last one does not stay in the pipe. */
  flush(nowMs: number): void {
    for (const track of this.#open) {
      const patience = track.stuffed ? limits.quietStuffedMs : limits.quietMs;
      if (track.open && nowMs - track.touchedMs >= patience) track.finish();
    }
  }

  /** Hands on whatever is there: the stream has ended. */
  end(): void {
    for (const track of this.#open) track.finish();
  }

  /** Forgets the source: another follows, with tables and clocks of its own. A frame cut short is not handed on. */
  reset(): void {
    for (const track of this.#open) if (track.stuffed) track.finish();
    this.#programs = this.#newTracker();
    this.#tracks = noTracks();
    this.#open = [];
    this.#psiCounters.clear();
    this.#pcrPid = nullPid;
    this.#epoch++;
  }

  #newTracker(): ProgramTracker {
    const { program, faults } = this.#options;
    return new ProgramTracker({
      ...(program !== undefined && { program }),
      faults,
      onProgram: (found) => this.#onProgram(found),
    });
  }

  #onProgram(program: Program): void {
    const selected = this.#options.select(program);
    const kept = this.#open.filter((assembler) => selected.includes(assembler.track));
    for (const gone of this.#open) if (!kept.includes(gone)) gone.finish();
    const fresh = selected
      .filter((track) => !kept.some((assembler) => assembler.track === track))
      .map((track) => new PesAssembler(track, this.#faults, this.#options.onPes));
    if (fresh.length > 0) this.#epoch++;
    this.#open = [...kept, ...fresh];
    this.#tracks = noTracks();
    for (const assembler of this.#open) this.#tracks[assembler.track.pid] = assembler;
    this.#pcrPid = program.pcrPid;
  }

  /** Cuts a run into slices that fit the stage of an assembler. */
  #run(data: Uint8Array, from: number, to: number): void {
    for (let begin = from; begin < to; begin += stageBytes) {
      const slice = data.subarray(begin, Math.min(begin + stageBytes, to));
      this.#sliceId++;
      for (let at = 0; at < slice.length; at += packetBytes) this.#packet(slice, at);
    }
  }

  #packet(slice: Uint8Array, at: number): void {
    const pid = pidOf(slice, at);
    if (pid === this.#pcrPid && hasDiscontinuity(slice, at)) this.#epoch++;
    const track = this.#tracks[pid];
    if (track === undefined && pid !== patPid && pid !== this.#programs.pmtPid) return;
    if (hasTransportError(slice, at)) {
      this.#faults['transport-error']++;
      return;
    }
    if (!hasPayload(slice, at)) return;
    const begin = payloadStart(slice, at);
    if (begin > at + packetBytes) this.#faults['adaptation-field']++;
    else if (track === undefined) this.#psi(slice, at, begin, pid);
    else this.#payload(track, slice, at, begin);
  }

  #psi(slice: Uint8Array, at: number, begin: number, pid: number): void {
    const assembler = this.#programs.assemblerOf(pid);
    const continuity = continuityOf(this.#psiCounters.get(pid) ?? -1, counterOf(slice, at));
    this.#psiCounters.set(pid, counterOf(slice, at));
    if (continuity === 'gap') {
      this.#faults.continuity++;
      assembler?.reset();
    }
    if (continuity !== 'duplicate' || startsUnit(slice, at)) {
      assembler?.push(slice, begin, at + packetBytes, startsUnit(slice, at));
    }
  }

  #payload(track: PesAssembler, slice: Uint8Array, at: number, begin: number): void {
    if (!this.#follows(track, slice, at)) return;
    if (isScrambled(slice, at)) {
      this.#faults.scrambled++;
      return;
    }
    track.touchedMs = this.#nowMs;
    track.stuffed = isStuffed(slice, at);
    track.stage(slice, this.#sliceId);
    if (startsUnit(slice, at)) track.start(begin, at + packetBytes, this.#epoch);
    else track.append(begin, at + packetBytes);
  }

  /** Judges the continuity counter; false for a repetition, which is left out. */
  #follows(track: PesAssembler, slice: Uint8Array, at: number): boolean {
    const counter = counterOf(slice, at);
    const continuity = continuityOf(track.counter, counter);
    track.counter = counter;
    if (continuity === 'next') {
      track.repeated = false;
      return true;
    }
    const announced = hasDiscontinuity(slice, at);
    if (continuity === 'duplicate' && !track.repeated && !announced) {
      this.#faults.duplicate++;
      track.repeated = true;
      return false;
    }
    if (!announced) this.#faults.continuity++;
    track.repeated = false;
    track.markLoss();
    return true;
  }
}

/** Indexed by PID. A list that is filled is faster to look into than one with holes. */
const noTracks = (): (PesAssembler | undefined)[] => Array.from({ length: pidCount }, () => undefined);
