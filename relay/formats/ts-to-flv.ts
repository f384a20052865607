/** TS to FLV tags: one video and one audio track on one rising clock, beginning at a key frame. */

import { type AacFormat, AdtsFramer } from './aac.ts';
import type { AccessUnit } from './access-unit.ts';
import { Admission } from './admission.ts';
import type { FlvTag } from './flv-tag.ts';
import { FlvWriter } from './flv-writer.ts';
import { Interleaver } from './interleave.ts';
import { limits, ticksPerSecond } from './limits.ts';
import { newCounters, type RemuxCounters, type RemuxNotice } from './remux.ts';
import { chooseTracks, type TrackChoice, type TrackWishes } from './track-choice.ts';
import { TsDemuxer } from './ts-demux.ts';
import { clockWrap } from './ts-packet.ts';
import type { Pes } from './ts-pes.ts';
import type { Program, TsTrack } from './ts-program.ts';
import { isNalCodec, VideoFramer } from './video-framer.ts';

export interface TsToFlvOptions extends TrackWishes {
  /** The program to carry; the lowest number where left away. */
  readonly program?: number;
  /** What becomes of video frames with bytes missing: sent on (decoders conceal), or left out to the next key frame. */
  readonly damaged?: 'forward' | 'drop';
  /** How long a frame waits for an earlier one of the other track; 0 sends at once, in order of arrival. */
  readonly interleaveMs?: number;
  /** The time of the first tag. */
  readonly startMs?: number;
  /** Receives tags. Their bodies are fresh memory and may be kept. */
  readonly onTag: (tag: FlvTag) => void;
  readonly onNotice?: (notice: RemuxNotice) => void;
}

/** Never throws for bytes it is given; what is wrong with them is in `counters.faults`. */
export class TsToFlv {
  readonly counters: RemuxCounters = newCounters();
  readonly #options: TsToFlvOptions;
  readonly #demuxer: TsDemuxer;
  readonly #admission: Admission;
  readonly #writer: FlvWriter;
  readonly #interleaver: Interleaver<FlvTag>;
  readonly #told = new Set<string>();
  #choice: TrackChoice = { video: undefined, audio: undefined, dropped: [] };
  #video: VideoFramer | undefined;
  #audio: AdtsFramer | undefined;
  /** The PES whose audio frames are being cut out. */
  #pes: Pes | undefined;
  #nowMs = 0;
  #hasBegun = false;

  constructor(options: TsToFlvOptions) {
    this.#options = options;
    const { program, damaged = 'forward', interleaveMs = limits.interleaveMs, startMs = 0 } = options;
    const startTicks = (startMs * ticksPerSecond) / 1000;
    this.#admission = new Admission({ wrap: clockWrap, startTicks, damaged, counters: this.counters });
    this.#interleaver = new Interleaver(interleaveMs, (tag: FlvTag) => {
      this.#hasBegun = true;
      options.onTag(tag);
    });
    this.#writer = new FlvWriter({
      out: (lane, dts, tag) =>
        this.#interleaver.push(lane, { dts, item: tag, bytes: tag.body.length, sinceMs: this.#nowMs }),
      hasBegun: () => this.#hasBegun,
    });
    this.#demuxer = new TsDemuxer({
      ...(program !== undefined && { program }),
      faults: this.counters.faults,
      select: (found) => this.#select(found),
      onPes: (pes) => this.#onPes(pes),
    });
  }

  /** Bytes of the stream, cut anywhere; they are not kept. `nowMs` is the caller's clock. */
  push(data: Uint8Array, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#demuxer.push(data, nowMs);
    this.#interleaver.flush(nowMs);
  }

  /** To be called every 20 to 100 ms: sends on the last frame of a stream that fell silent. */
  flush(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#demuxer.flush(nowMs);
    this.#interleaver.flush(nowMs);
  }

  /** The stream has ended: sends on all that is left. */
  end(): void {
    this.#demuxer.end();
    this.#interleaver.end();
  }

  /** Another source follows: it begins at its first key frame, one frame after the last one sent. */
  rejoin(): void {
    this.#demuxer.reset();
    this.#interleaver.end();
    this.#admission.rejoin();
    this.#choice = { video: undefined, audio: undefined, dropped: [] };
    this.#video = undefined;
    this.#audio = undefined;
  }

  /** What a peer that comes later must have before the next key frame: onMetaData and configurations. */
  headers(): FlvTag[] {
    return this.#writer.headers();
  }

  #select(program: Program): TsTrack[] {
    const choice = chooseTracks(program, this.#options);
    this.#tell(program, choice);
    if (choice.video !== this.#choice.video) this.#changeVideo(choice.video);
    if (choice.audio !== this.#choice.audio) this.#changeAudio(choice.audio);
    this.#choice = choice;
    this.#writer.expectsAudio = choice.audio !== undefined;
    this.#interleaver.expect('video', choice.video !== undefined);
    this.#interleaver.expect('audio', choice.audio !== undefined);
    this.#admission.gate.audioPatienceTicks = choice.video === undefined ? 0 : limits.keyframeWaitTicks;
    return [choice.video, choice.audio].filter((track) => track !== undefined);
  }

  /** A track of the same codec keeps the parameter sets: only its PID may have changed. */
  #changeVideo(track: TsTrack | undefined): void {
    const name = track?.codec.name;
    if (name === this.#video?.name) return;
    const isCarried = name !== undefined && isNalCodec(name);
    this.#video = isCarried ? new VideoFramer(name, clockWrap, this.counters.faults) : undefined;
    this.#admission.gate.closeVideo();
  }

  #changeAudio(track: TsTrack | undefined): void {
    const onFrame = (frame: Uint8Array, ticks: number | undefined, format: AacFormat) =>
      this.#onAudio(frame, ticks, format);
    this.#audio = track && new AdtsFramer(this.counters.faults, onFrame);
  }

  #tell(program: Program, { dropped }: TrackChoice): void {
    for (const { track, reason } of dropped) {
      const { pid, streamType, codec } = track;
      this.#once({ kind: 'track-dropped', reason, codec: codec.label, pid, streamType });
    }
    const { number, others } = program;
    if (others.length > 0) this.#once({ kind: 'program-chosen', program: number, others });
  }

  /** Each notice once, for tables repeat. */
  #once(notice: RemuxNotice): void {
    const key = JSON.stringify(notice);
    if (this.#told.has(key) || this.#told.size >= limits.notices) return;
    this.#told.add(key);
    this.#options.onNotice?.(notice);
  }

  #onPes(pes: Pes): void {
    if (pes.track.codec.kind === 'video') return this.#onVideo(pes);
    this.#pes = pes;
    this.#audio?.push(pes.data, pes.pts, !pes.damaged && !pes.broken);
  }

  #onVideo(pes: Pes): void {
    const framer = this.#video;
    const unit = framer?.fromAnnexB(pes);
    if (framer === undefined || unit === undefined) return;
    const placed = this.#admission.admit(unit, this.#writer.isReady(framer));
    if (placed === undefined) return;
    this.counters.videoFrames++;
    const isSplice = placed.restarts && unit.entry === 'open';
    const parts = isSplice ? [framer.codec.endOfSequence, ...unit.parts] : unit.parts;
    this.#writer.video(framer, { ...unit, parts }, placed);
  }

  #onAudio(frame: Uint8Array, ticks: number | undefined, format: AacFormat): void {
    const { damaged = false, broken = false, epoch = 0 } = this.#pes ?? {};
    if (ticks === undefined) {
      this.counters.faults['no-timestamp']++;
      return;
    }
    this.#writer.hear(format);
    const time = { dts: ticks, pts: ticks };
    const unit: AccessUnit = { lane: 'audio', ...time, parts: [frame], entry: 'none', damaged, broken, epoch };
    const placed = this.#admission.admit(unit, true);
    if (placed === undefined) return;
    if (!this.#admission.gate.open && this.#choice.video !== undefined) this.#once({ kind: 'no-keyframe' });
    this.counters.audioFrames++;
    this.#writer.audio(frame, format, placed);
  }
}
