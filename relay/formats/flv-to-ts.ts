/** FLV tags to TS packets: parameter sets before each IDR, tables and clock as often as receivers need them. */

import { type AacFormat, buildAdts, parseAudioConfig } from './aac.ts';
import type { AccessUnit } from './access-unit.ts';
import { Admission } from './admission.ts';
import { type Codec, codecs } from './codecs.ts';
import { MediaFault } from './faults.ts';
import { type FlvTag, type MediaBody, parseAudioBody, parseVideoBody } from './flv-tag.ts';
import { limits, ticksPerSecond } from './limits.ts';
import { newCounters, type RemuxCounters, type RemuxNotice } from './remux.ts';
import { type MuxTrack, TsMuxer } from './ts-mux.ts';
import { isNalCodec, type NalCodecName, VideoFramer } from './video-framer.ts';

export interface FlvToTsOptions {
  /** The time of the first frame, in 90 kHz ticks. */
  readonly startTicks?: number;
  /** Receives n × 188 bytes, on loan: they are overwritten once the receiver returns. */
  readonly onPackets: (packets: Uint8Array) => void;
  readonly onNotice?: (notice: RemuxNotice) => void;
}

const ticksPerMs = ticksPerSecond / 1000;
/** RTMP's clock has 32 bits of ms: it wraps after 49.7 days. */
const wrap = 2 ** 32 * ticksPerMs;

/** The long form, which ISO 14496-10 B.1.2 wants before a delimiter and a parameter set. */
const startCode = Uint8Array.of(0, 0, 0, 1);

const videoTracks: Record<NalCodecName, MuxTrack> = {
  h264: { pid: 0x100, kind: 'video', streamType: codecs.h264.streamTypes[0], descriptors: [] },
  h265: {
    pid: 0x100,
    kind: 'video',
    streamType: codecs.h265.streamTypes[0],
    descriptors: [{ tag: 5, data: Uint8Array.from(Buffer.from('HEVC')) }],
  },
};
const audioTrack: MuxTrack = { pid: 0x101, kind: 'audio', streamType: codecs.aac.streamTypes[0], descriptors: [] };

/** Never throws for bodies it is given; what is wrong with them is in `counters.faults`. */
export class FlvToTs {
  readonly counters: RemuxCounters = newCounters();
  readonly #options: FlvToTsOptions;
  readonly #admission: Admission;
  readonly #muxer = new TsMuxer();
  readonly #told = new Set<string>();
  #video: VideoFramer | undefined;
  #lengthSize = 4;
  #audio: AacFormat | undefined;
  #tracks: readonly MuxTrack[] = [];
  /** True until the first picture of a source went out. */
  #broken = true;

  constructor(options: FlvToTsOptions) {
    this.#options = options;
    const startTicks = options.startTicks ?? limits.pcrLagTicks;
    this.#admission = new Admission({ wrap, startTicks, damaged: 'forward', counters: this.counters });
    this.#admission.gate.audioPatienceTicks = limits.videoWaitTicks;
  }

  /** One tag or RTMP message of type 8, 9 or 18. Its body is not kept. Data tags have no place in TS. */
  push({ kind, timestampMs, body }: Pick<FlvTag, 'kind' | 'timestampMs' | 'body'>): void {
    if (kind === 'data') return;
    const media = kind === 'video' ? parseVideoBody(body) : parseAudioBody(body);
    if (media === undefined || body.length > limits.tagBytes) this.counters.faults.tag++;
    else if (kind === 'video') this.#onVideo(media, timestampMs);
    else this.#onAudio(media, timestampMs);
    this.counters.late = this.#muxer.late;
    const packets = this.#muxer.take();
    if (packets.length > 0) this.#options.onPackets(packets);
  }

  /** Another source follows: it begins at its first key frame, one frame after the last one sent. */
  rejoin(): void {
    this.#admission.rejoin();
    this.#video = undefined;
    this.#audio = undefined;
    this.#broken = true;
  }

  #onVideo(media: MediaBody, timestampMs: number): void {
    const { name } = media.codec;
    if (!isNalCodec(name)) return this.#drop(media.codec);
    if (media.content === 'header') return this.#configureVideo(name, media.data);
    if (media.content !== 'frame') return;
    const framer = this.#video;
    if (framer?.name !== name) {
      this.counters.faults['config-missing']++;
      return;
    }
    const dts = timestampMs * ticksPerMs;
    const pts = dts + media.compositionMs * ticksPerMs;
    const frame = { data: media.data, dts, pts, damaged: false, broken: this.#broken, epoch: 0 };
    const unit = framer.fromLengths(frame, this.#lengthSize);
    if (unit !== undefined) this.#writeVideo(framer, unit);
  }

  #configureVideo(name: NalCodecName, record: Uint8Array): void {
    try {
      const framer = this.#video?.name === name ? this.#video : new VideoFramer(name, wrap, this.counters.faults);
      const { lengthSize, parameterSets } = framer.codec.parseConfig(record);
      framer.sets.clear();
      framer.takeSets(parameterSets);
      this.#lengthSize = lengthSize;
      this.#video = framer;
      this.#admission.gate.audioPatienceTicks = limits.keyframeWaitTicks;
    } catch (error) {
      if (!(error instanceof MediaFault)) throw error;
      this.counters.faults[error.code]++;
    }
  }

  #writeVideo(framer: VideoFramer, unit: AccessUnit): void {
    const placed = this.#admission.admit(unit, framer.sets.of('sps').length > 0);
    if (placed === undefined) return;
    this.#broken = false;
    this.counters.videoFrames++;
    const entry = unit.entry !== 'none';
    const parts = annexB(framer, unit, placed.restarts);
    this.#write(videoTracks[framer.name], { dts: placed.dts, pts: placed.pts, entry, parts });
  }

  #onAudio(media: MediaBody, timestampMs: number): void {
    if (media.codec !== codecs.aac) return this.#drop(media.codec);
    if (media.content === 'header') return this.#configureAudio(media.data);
    if (media.content !== 'frame' || media.data.length === 0) return;
    if (media.data.length > limits.aacBytes) {
      this.counters.faults.adts++;
      return;
    }
    const format = this.#audio;
    if (format === undefined) {
      this.counters.faults['config-missing']++;
      return;
    }
    const dts = timestampMs * ticksPerMs;
    const flags = { damaged: false, broken: false, epoch: 0 };
    const unit: AccessUnit = { lane: 'audio', dts, pts: dts, parts: [media.data], entry: 'none', ...flags };
    const placed = this.#admission.admit(unit, true);
    if (placed === undefined) return;
    this.counters.audioFrames++;
    const parts = [buildAdts(format, media.data.length), media.data];
    this.#write(audioTrack, { dts: placed.dts, pts: placed.pts, entry: false, parts });
  }

  #configureAudio(config: Uint8Array): void {
    const format = parseAudioConfig(config);
    if (format === undefined) this.counters.faults['parameter-set']++;
    this.#audio = format;
  }

  /** A track that was not in the tables yet makes a new version of them. */
  #write(track: MuxTrack, unit: { dts: number; pts: number; entry: boolean; parts: readonly Uint8Array[] }): void {
    if (!this.#tracks.includes(track)) {
      const others = this.#tracks.filter(({ pid }) => pid !== track.pid);
      const announced = this.#audio !== undefined && track !== audioTrack ? [audioTrack] : [];
      this.#tracks = [...new Set([track, ...others, ...announced])].toSorted((a, b) => a.pid - b.pid);
      this.#muxer.setTracks(this.#tracks);
    }
    this.#muxer.write({ track, ...unit });
  }

  /** Tells once of a codec that is not carried. */
  #drop(codec: Codec): void {
    if (this.#told.has(codec.name)) return;
    this.#told.add(codec.name);
    this.#options.onNotice?.({ kind: 'track-dropped', reason: 'unsupported', codec: codec.label });
  }
}

/**
 * A frame as TS wants it: a delimiter first (ISO 13818-1 2.14.1), parameter sets before each entry. An end of sequence
 * belongs to the frame before, and so before the delimiter.
 */
const annexB = ({ codec, sets }: VideoFramer, { parts, entry }: AccessUnit, restarts: boolean): Uint8Array[] => {
  const [first] = parts;
  const isEnded = first !== undefined && codec.roleOf(first) === 'end';
  const end = isEnded || (restarts && entry === 'open') ? [codec.endOfSequence] : [];
  const parameterSets = entry === 'none' ? [] : sets.all();
  const nals = [...end, codec.delimiter, ...parameterSets, ...(isEnded ? parts.slice(1) : parts)];
  return nals.flatMap((nal) => [startCode, nal]);
};
