/**
 * One transport stream out of several sources, one at a time: what failover needs from TS to TS.
 *
 * A switch waits for a key frame of the new source, lets the last frame of the old one end, and goes on with the new
 * source's tables and packets on the output's clock: dts, pts, PCR and continuity counters run on.
 */

import { concat } from './bytes.ts';
import { noFaults } from './faults.ts';
import { limits } from './limits.ts';
import { startCode } from './nal.ts';
import { LeadingPictures } from './start-gate.ts';
import { PacketAligner } from './ts-align.ts';
import {
  clockDistance,
  clockWrap,
  hasDiscontinuity,
  hasPayload,
  nullPid,
  continuesUnit,
  packetBytes,
  pidCount,
  payloadStart,
  pcrPerTick,
  pidOf,
  readPcr,
  startsUnit,
} from './ts-packet.ts';
import { ProgramTracker, type TsTrack } from './ts-program.ts';
import { patPid } from './ts-psi.ts';
import { type PidKind, TsRewriter } from './ts-rewrite.ts';
import { isEntry, type PesTimes, type SpliceSource, timesOf } from './ts-splice-source.ts';
import { isNalCodec, nalCodecs } from './video-framer.ts';

export interface TsSplicerOptions {
  /** Receives n × 188 bytes, on loan: they are overwritten once the receiver returns. */
  readonly onPackets: (packets: Uint8Array) => void;
  /** Told when a source has become the one that is sent. */
  readonly onLive?: (source: string) => void;
}

/** Memory is bounded by `limits.spliceHoldBytes`. Never throws for bytes it is given. */
export class TsSplicer {
  readonly #options: TsSplicerOptions;
  readonly #rewriter = new TsRewriter();
  readonly #sources = new Map<string, SpliceSource>();
  #live: SpliceSource | undefined;
  /** The one sent last, also after a break of its clock. */
  #lastLive: SpliceSource | undefined;
  #wanted: string;
  /** Packets of the new source from its key frame on, while the old source ends its frame. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #heldSinceMs = 0;
  #nowMs = 0;

  /** `source`: the one to begin with. */
  constructor(source: string, options: TsSplicerOptions) {
    this.#wanted = source;
    this.#options = options;
  }

  /** The source that is being sent; undefined before the first key frame and after a break of its clock. */
  get live(): string | undefined {
    return this.#live?.name;
  }

  /** Goes over to a source at its next key frame; the old one is sent until then. */
  switchTo(source: string): void {
    if (source === this.#wanted) return;
    this.#wanted = source;
    this.#release();
  }

  /** Bytes of a source, live or not, cut anywhere; they are not kept. `nowMs` is the caller's clock. */
  push(source: string, data: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    const known = this.#sources.get(source) ?? this.#add(source);
    known.lastMs = nowMs;
    known.aligner.push(data);
    this.flush(nowMs);
  }

  /** Ends a wait for the old source that has grown too long; sends what is ready. */
  flush(nowMs: number): void {
    this.#nowMs = nowMs;
    const wanted = this.#sources.get(this.#wanted);
    if (this.#heldBytes > 0 && wanted !== undefined && this.#isHeldEnough()) this.#join(wanted);
    const packets = this.#rewriter.take();
    if (packets.length > 0) this.#options.onPackets(packets);
  }

  /** Forgets a source that is gone for good. */
  remove(source: string): void {
    if (this.#live?.name === source) this.#live = undefined;
    this.#sources.delete(source);
  }

  #add(name: string): SpliceSource {
    const faults = noFaults();
    const run = (data: Uint8Array, from: number, to: number): void => this.#run(source, data, from, to);
    const source: SpliceSource = {
      name,
      aligner: new PacketAligner(faults, run),
      programs: new ProgramTracker({ faults, onProgram: (program) => this.#learn(source, program.tracks) }),
      kinds: new Map(),
      started: new Set(),
      ended: new Set(),
      passing: new Uint8Array(pidCount),
      videoPid: nullPid,
      codec: '',
      lastMs: this.#nowMs,
      pcr: undefined,
      leading: new LeadingPictures(clockWrap),
      entryDts: 0,
      entryPcr: undefined,
      soundFrom: undefined,
    };
    this.#sources.set(name, source);
    return source;
  }

  #learn(source: SpliceSource, tracks: readonly TsTrack[]): void {
    const main =
      tracks.find(({ codec }) => codec.kind === 'video') ?? tracks.find(({ codec }) => codec.kind === 'audio');
    source.videoPid = main?.pid ?? nullPid;
    source.codec = main?.codec.name ?? '';
    source.kinds = new Map(tracks.map(({ pid, codec }) => [pid, codec.kind === 'data' ? 'other' : codec.kind]));
    if (main !== undefined) source.kinds.set(main.pid, 'video');
  }

  #run(source: SpliceSource, data: Uint8Array, from: number, to: number): void {
    const { passing } = source;
    for (let at = from; at < to; at += packetBytes) {
      const isOrdinary = source === this.#live && this.#heldBytes === 0 && continuesUnit(data, at);
      if (isOrdinary && passing[pidOf(data, at)] === 1) this.#rewriter.packet(data, at, 'other');
      else this.#packet(source, data, at);
    }
  }

  #packet(source: SpliceSource, data: Uint8Array, at: number): void {
    const pid = pidOf(data, at);
    const isTable = pid === patPid || pid === source.programs.pmtPid;
    if (isTable) this.#table(source, data, at, pid);
    if (source === this.#live && this.#hasJumped(source, data, at)) this.#live = undefined;
    const pcr = readPcr(data, at);
    if (pcr >= 0) source.pcr = pcr;
    if (isTable) return;
    if (source === this.#live) this.#send(source, data, at, pid);
    else if (source.name === this.#wanted) this.#prepare(source, data, at, pid);
  }

  /** Tables are read of every source, sent of the live one, at the places where it sends them. */
  #table(source: SpliceSource, data: Uint8Array, at: number, pid: number): void {
    const begin = payloadStart(data, at);
    if (!hasPayload(data, at) || begin >= at + packetBytes) return;
    const isStart = startsUnit(data, at);
    source.programs.assemblerOf(pid)?.push(data, begin, at + packetBytes, isStart);
    if (source === this.#live && isStart) this.#sendTables(source, pid === patPid);
  }

  #sendTables(source: SpliceSource, isPat: boolean): void {
    const tables = source.programs.tables;
    if (tables === undefined) return;
    if (isPat) for (const section of tables.pat) this.#rewriter.table(patPid, section);
    else this.#rewriter.table(source.programs.pmtPid, tables.pmt);
  }

  #send(source: SpliceSource, data: Uint8Array, at: number, pid: number): void {
    const kind = source.kinds.get(pid) ?? 'other';
    const isStart = startsUnit(data, at);
    if (kind !== 'other') {
      if (this.#heldBytes > 0 && isStart) source.ended.add(pid);
      if (source.ended.has(pid)) return;
      if (isStart && !this.#mayShow(source, kind, timesOf(data, at))) {
        source.started.delete(pid);
        source.passing[pid] = 0;
        this.#rewriter.leaveOut(pid);
      } else if (isStart) {
        source.started.add(pid);
        source.passing[pid] = 1;
      }
      if (!source.started.has(pid)) return;
    }
    this.#rewriter.packet(data, at, kind);
  }

  /**
   * Sound of a new source begins where the old one's has ended. Pictures shown before its first key frame are left
   * out: at an open GOP they refer to frames that were never sent.
   */
  #mayShow(source: SpliceSource, kind: PidKind, times: PesTimes | undefined): boolean {
    if (times === undefined) return kind === 'video';
    if (kind === 'video') return !source.leading.include(times);
    if (source.soundFrom !== undefined && this.#rewriter.place(times.pts) <= source.soundFrom) return false;
    source.soundFrom = undefined;
    return true;
  }

  /** A packet of the source that is to come: kept from its key frame on. */
  #prepare(source: SpliceSource, data: Uint8Array, at: number, pid: number): void {
    if (this.#heldBytes === 0 && !(pid === source.videoPid && isEntry(source.codec, data, at))) return;
    if (this.#heldBytes === 0) {
      const times = timesOf(data, at);
      source.leading.begin(times?.pts);
      source.entryDts = times?.dts ?? 0;
      source.entryPcr = source.pcr;
      this.#heldSinceMs = this.#nowMs;
    }
    this.#held.push(data.slice(at, at + packetBytes));
    this.#heldBytes += packetBytes;
    if (this.#isHeldEnough()) this.#join(source);
  }

  /** True when the old source has ended its frame, or will not. */
  #isHeldEnough(): boolean {
    const old = this.#live;
    if (old === undefined || old.ended.has(old.videoPid) || this.#heldBytes >= limits.spliceHoldBytes) return true;
    return this.#nowMs - this.#heldSinceMs >= limits.spliceHoldMs || this.#nowMs - old.lastMs >= limits.spliceDeadMs;
  }

  #join(source: SpliceSource): void {
    const held = this.#release();
    this.#endSequence();
    this.#rewriter.begin(this.#offsetOf(source));
    source.soundFrom = this.#rewriter.position.audioPts;
    source.started = new Set();
    source.passing.fill(0);
    source.ended = new Set();
    this.#live = source;
    this.#lastLive = source;
    this.#sendTables(source, true);
    this.#sendTables(source, false);
    for (const packet of held) this.#send(source, packet, 0, pidOf(packet, 0));
    this.#options.onLive?.(source.name);
  }

  /** Tells the decoder that the old source's pictures end here; see `NalCodec.endOfSequence`. */
  #endSequence(): void {
    const old = this.#lastLive;
    if (old === undefined || !isNalCodec(old.codec)) return;
    this.#rewriter.insert(old.videoPid, concat([startCode, nalCodecs[old.codec].endOfSequence]));
  }

  #release(): Uint8Array[] {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    this.#live?.ended.clear();
    return held;
  }

  /** The key frame follows the last frame by one; PCR must not step back either, which may ask for more. */
  #offsetOf({ entryDts, entryPcr }: SpliceSource): number {
    const { dts, step, pcr } = this.#rewriter.position;
    if (dts === undefined) return 0;
    const offset = Math.round(dts + step) - entryDts;
    if (pcr === undefined || entryPcr === undefined) return offset;
    const wrap = clockWrap * pcrPerTick;
    const lead = clockDistance(pcr, entryPcr + offset * pcrPerTick, wrap);
    return lead > 0 ? offset : offset + Math.ceil((1 - lead) / pcrPerTick);
  }

  /** True where the live source's clock breaks: it must then join anew. */
  #hasJumped(source: SpliceSource, data: Uint8Array, at: number): boolean {
    const pcr = readPcr(data, at);
    if (pcr >= 0 && source.pcr !== undefined) {
      const step = clockDistance(source.pcr, pcr, clockWrap * pcrPerTick) / pcrPerTick;
      if (step < 0 || step > limits.jumpForwardTicks || (hasDiscontinuity(data, at) && step > limits.jumpBackTicks))
        return true;
    }
    const isFrame = pidOf(data, at) === source.videoPid && startsUnit(data, at) && source.started.has(source.videoPid);
    const dts = isFrame ? timesOf(data, at)?.dts : undefined;
    const last = this.#rewriter.position.dts;
    if (dts === undefined || last === undefined) return false;
    const step = this.#rewriter.place(dts) - last;
    return step < 0 || step > limits.jumpForwardTicks;
  }
}
