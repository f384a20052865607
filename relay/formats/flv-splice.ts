/**
 * One stream of FLV tags out of several sources, one at a time: what failover needs for RTMP, from any container.
 * With one source it is what makes a passed-on RTMP stream rise for ever, whatever the publisher's clock does.
 */

import type { AccessUnit, Entry } from './access-unit.ts';
import { Admission } from './admission.ts';
import { sameBytes } from './bytes.ts';
import { codecs } from './codecs.ts';
import { type FlvTag, type MediaBody, parseAudioBody, parseVideoBody, withNalBefore } from './flv-tag.ts';
import { h265 } from './h265.ts';
import { limits, ticksPerSecond } from './limits.ts';
import { newCounters, type RemuxCounters } from './remux.ts';

export interface FlvSplicerOptions {
  /** The time of the first tag. */
  readonly startMs?: number;
  /** Receives tags; the body is the source's own, but for a key frame of HEVC at a splice. */
  readonly onTag: (tag: FlvTag) => void;
  /** Told when a source has become the one that is sent. */
  readonly onLive?: (source: string) => void;
}

/** The last headers of a source: what an output must have before its key frame. */
interface Headers {
  data?: FlvTag;
  video?: FlvTag;
  audio?: FlvTag;
}

const ticksPerMs = ticksPerSecond / 1000;
const wrap = 2 ** 32 * ticksPerMs;
const lanes = ['data', 'video', 'audio'] as const;

export class FlvSplicer {
  readonly counters: RemuxCounters = newCounters();
  readonly #options: FlvSplicerOptions;
  readonly #admission: Admission;
  readonly #headers = new Map<string, Headers>();
  readonly #sent: Headers = {};
  readonly #lastMs = { video: -1, audio: -1 };
  #live: string | undefined;
  #wanted: string;

  /** `source`: the one to begin with. */
  constructor(source: string, options: FlvSplicerOptions) {
    this.#wanted = source;
    this.#options = options;
    const startTicks = (options.startMs ?? 0) * ticksPerMs;
    this.#admission = new Admission({ wrap, startTicks, damaged: 'forward', counters: this.counters });
    this.#admission.gate.audioPatienceTicks = limits.videoWaitTicks;
  }

  /** The source that is being sent; undefined before the first key frame. */
  get live(): string | undefined {
    return this.#live;
  }

  /** Goes over to a source at its next key frame; the old one is sent until then. */
  switchTo(source: string): void {
    this.#wanted = source;
  }

  /** Forgets a source that is gone for good. */
  remove(source: string): void {
    this.#headers.delete(source);
    if (this.#live === source) this.#live = undefined;
  }

  /** One tag of a source, live or not. */
  push(source: string, tag: FlvTag): void {
    if (tag.sequenceHeader) this.#note(source, tag);
    const media = tag.kind === 'data' ? undefined : parseBody(tag.kind, tag.body);
    if (source === this.#wanted && source !== this.#live && this.#begins(source, tag, media)) this.#join(source);
    if (source !== this.#live) return;
    if (tag.sequenceHeader || tag.kind === 'data') return this.#header(tag);
    if (media === undefined) this.counters.faults.tag++;
    else this.#frame(tag.kind, tag, media);
  }

  /** The headers in force: what a peer that comes later must have before the next key frame. */
  headers(): FlvTag[] {
    return lanes.flatMap((lane) => this.#sent[lane] ?? []).map((tag) => this.#stamped(tag));
  }

  #note(source: string, tag: FlvTag): void {
    const headers = this.#headers.get(source) ?? {};
    headers[tag.kind] = tag;
    this.#headers.set(source, headers);
    if (tag.kind === 'video') this.#admission.gate.audioPatienceTicks = limits.keyframeWaitTicks;
  }

  /** A source begins at a key frame; one without video at any sound. */
  #begins(source: string, tag: FlvTag, media: MediaBody | undefined): boolean {
    if (media?.content !== 'frame') return false;
    return tag.kind === 'video' ? media.keyframe : !this.#hasVideo(source) && !this.#hasVideo(this.#live);
  }

  #hasVideo(source: string | undefined): boolean {
    return source !== undefined && this.#headers.get(source)?.video !== undefined;
  }

  #join(source: string): void {
    if (this.#admission.timeline.last !== undefined) this.#admission.rejoin();
    this.#live = source;
    const headers = this.#headers.get(source) ?? {};
    for (const lane of lanes) if (headers[lane] !== undefined) this.#header(headers[lane]);
    this.#options.onLive?.(source);
  }

  /** A configuration goes out where it differs from the one in force; other data always. */
  #header(tag: FlvTag): void {
    const sent = this.#sent[tag.kind];
    if (tag.sequenceHeader && sent !== undefined && sameBytes(sent.body, tag.body)) return;
    if (tag.sequenceHeader) this.#sent[tag.kind] = tag;
    this.#options.onTag(this.#stamped(tag));
  }

  #frame(lane: 'video' | 'audio', tag: FlvTag, media: MediaBody): void {
    if (media.content === 'other') this.#options.onTag(this.#stamped(tag));
    if (media.content !== 'frame') return;
    const dts = tag.timestampMs * ticksPerMs;
    const pts = dts + media.compositionMs * ticksPerMs;
    const flags = { damaged: false, broken: false, epoch: 0 };
    const unit: AccessUnit = { lane, dts, pts, parts: [], entry: entryOf(media), ...flags };
    const placed = this.#admission.admit(unit, true);
    if (placed === undefined) return;
    this.counters[lane === 'video' ? 'videoFrames' : 'audioFrames']++;
    this.#lastMs[lane] = Math.max(Math.round(placed.dts / ticksPerMs), this.#lastMs[lane] + 1);
    const isSplice = placed.restarts && unit.entry === 'open';
    const body = isSplice ? withNalBefore(tag.body, media, h265.endOfSequence) : tag.body;
    this.#options.onTag({ ...tag, body, timestampMs: this.#lastMs[lane] % 2 ** 32 });
  }

  /** A tag without time of its own takes that of the latest frame. */
  #stamped(tag: FlvTag): FlvTag {
    const latest = Math.max(this.#lastMs.video, this.#lastMs.audio, this.#options.startMs ?? 0);
    return { ...tag, timestampMs: latest % 2 ** 32 };
  }
}

const parseBody = (kind: 'video' | 'audio', body: Uint8Array): MediaBody | undefined =>
  kind === 'video' ? parseVideoBody(body) : parseAudioBody(body);

/** FLV does not tell an IDR from the open GOP of HEVC, so every key frame of HEVC is taken for the latter. */
const entryOf = ({ keyframe, codec }: MediaBody): Entry => {
  if (!keyframe) return 'none';
  return codec === codecs.h265 ? 'open' : 'idr';
};
