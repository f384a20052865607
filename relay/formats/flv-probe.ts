/** What is in a stream of FLV tags or RTMP messages. */

import { parseAudioConfig } from './aac.ts';
import { MediaFault } from './faults.ts';
import { type FlvTag, type MediaBody, parseAudioBody, parseVideoBody } from './flv-tag.ts';
import { FrameClock } from './frame-clock.ts';
import { ticksPerSecond } from './limits.ts';
import type { TrackReport } from './probe.ts';
import { soundFormat } from './sound-frames.ts';
import type { TrackFormat } from './track-probe.ts';
import { isNalCodec, nalCodecs } from './video-framer.ts';

const ticksPerMs = ticksPerSecond / 1000;
const wrapTicks = 2 ** 32 * ticksPerMs;

/** Fed with every tag; keeps none. */
export class FlvProbe {
  readonly #tracks = new Map<'video' | 'audio', LaneProbe>();

  push({ kind, timestampMs, body }: Pick<FlvTag, 'kind' | 'timestampMs' | 'body'>): void {
    if (kind === 'data') return;
    const media = kind === 'video' ? parseVideoBody(body) : parseAudioBody(body);
    if (media === undefined) return;
    const known = this.#tracks.get(kind);
    const probe = known?.codec === media.codec ? known : new LaneProbe(kind, media.codec);
    this.#tracks.set(kind, probe);
    probe.push(media, timestampMs, body.length);
  }

  /** A snapshot of the tracks, video first; counters only rise while the codec stays. */
  report(): TrackReport[] {
    const lanes = ['video', 'audio'] as const;
    return lanes.flatMap((lane) => this.#tracks.get(lane)?.report() ?? []);
  }
}

class LaneProbe {
  readonly codec: MediaBody['codec'];
  readonly #lane: 'video' | 'audio';
  readonly #counters = { frames: 0, keyframes: 0, bytes: 0 };
  readonly #clock = new FrameClock(wrapTicks);
  #format: TrackFormat = {};

  constructor(lane: 'video' | 'audio', codec: MediaBody['codec']) {
    this.#lane = lane;
    this.codec = codec;
  }

  push(media: MediaBody, timestampMs: number, bytes: number): void {
    this.#counters.bytes += bytes;
    if (media.content === 'header') this.#format = readFormat(media) ?? this.#format;
    if (media.content !== 'frame') return;
    this.#counters.frames++;
    if (media.keyframe) this.#counters.keyframes++;
    this.#clock.stamp(timestampMs * ticksPerMs);
    this.#clock.add(1);
  }

  report(): TrackReport {
    const { name, label } = this.codec;
    const { frames: timedFrames, ticks: mediaTicks } = this.#clock;
    const counters = { ...this.#counters, timedFrames, mediaTicks, continuityErrors: 0 };
    return { kind: this.#lane, codec: name, label, ...this.#format, ...counters };
  }
}

/** The format that a codec configuration tells; undefined where it cannot be read. */
const readFormat = ({ codec, data }: MediaBody): TrackFormat | undefined => {
  if (codec.name === 'aac') {
    const format = parseAudioConfig(data);
    return format && soundFormat(format);
  }
  if (!isNalCodec(codec.name)) return undefined;
  const { parseConfig, roleOf, readFormat: read } = nalCodecs[codec.name];
  try {
    const sps = parseConfig(data).parameterSets.find((nal) => roleOf(nal) === 'sps');
    return sps && read(sps);
  } catch (error) {
    if (error instanceof MediaFault) return undefined; // The probe shows what it can; the remuxer counts the fault.
    throw error;
  }
};
