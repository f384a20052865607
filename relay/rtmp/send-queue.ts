/**
 * Media that waits for a slow peer, bounded in bytes and in media time. On overflow whole frames are dropped up to a
 * key frame, audio and video alike, so that what still goes out is decodable and the two keep their relation.
 */

import { elapsed32 } from './bytes.ts';
import type { FlvTag } from '../formats/flv-tag.ts';

export interface QueueLimits {
  readonly queueBytes: number;
  readonly queueMs: number;
}

/** `droppedBytes` and `droppedTags` only rise; `episodes` counts overflows, each up to the key frame that ended it. */
export interface QueueFigures {
  readonly waitingBytes: number;
  readonly waitingMs: number;
  readonly droppedTags: number;
  readonly droppedBytes: number;
  readonly episodes: number;
}

interface Waiting {
  readonly tag: FlvTag;
  /** Media time between this tag and the newest before it. */
  readonly stepMs: number;
}

/** A step larger than this is a jump of the clock, not media that waits. */
const longestStepMs = 1_000;

/** Without a video frame for this long the stream counts as audio alone. Longer than any sane frame interval. */
const videoGoneMs = 5_000;

export class SendQueue {
  readonly #limits: QueueLimits;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #spanMs = 0;
  #newestMs: number | undefined;
  #videoMs: number | undefined;
  #isDropping = false;
  #droppedTags = 0;
  #droppedBytes = 0;
  #episodes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Whether the tag shall go out: false drops and counts it, since a key frame is awaited. Every tag of the stream
   * passes here first, queued or not. Sequence headers and onMetaData always pass.
   */
  admit(tag: FlvTag): boolean {
    if (tag.kind === 'video' && !tag.sequenceHeader) this.#videoMs = tag.timestampMs;
    if (!this.#isDropping || tag.sequenceHeader) return true;
    if (this.#isEntry(tag)) {
      this.#isDropping = false;
      return true;
    }
    this.#drop(tag);
    return false;
  }

  /**
   * Keeps an admitted tag, and drops from the front, or all, when a bound is passed: false when the tag went with it.
   * The body must be the queue's own.
   */
  put(tag: FlvTag): boolean {
    const stepMs = this.#advance(tag.timestampMs);
    this.#spanMs += this.#waiting.length === 0 ? 0 : stepMs;
    this.#waiting.push({ tag, stepMs });
    this.#bytes += tag.body.length;
    if (this.#isOver()) this.#shed();
    return !this.#isDropping || tag.sequenceHeader;
  }

  take(): FlvTag | undefined {
    const first = this.#waiting.shift();
    if (first === undefined) return undefined;
    this.#bytes -= first.tag.body.length;
    this.#spanMs -= this.#waiting[0]?.stepMs ?? 0;
    return first.tag;
  }

  figures(): QueueFigures {
    return {
      waitingBytes: this.#bytes,
      waitingMs: this.#spanMs,
      droppedTags: this.#droppedTags,
      droppedBytes: this.#droppedBytes,
      episodes: this.#episodes,
    };
  }

  /**
   * Makes room. The latest key frame that waits, when what follows it fits in half the bounds, becomes the new front;
   * else all goes and the next key frame is awaited. Only the latest sequence headers and onMetaData survive, in front.
   */
  #shed(): void {
    this.#episodes += 1;
    const entry = this.#waiting.findLastIndex(({ tag }) => this.#isEntry(tag));
    const keepFrom = entry > 0 && this.#fitsHalf(entry) ? entry : this.#waiting.length;
    this.#isDropping = keepFrom === this.#waiting.length;
    const gone = this.#waiting.slice(0, keepFrom);
    const kept = [...latestSetups(gone), ...this.#waiting.slice(keepFrom)];
    for (const { tag } of gone) {
      if (!tag.sequenceHeader) this.#drop(tag);
    }
    this.#waiting = kept;
    this.#bytes = bytesOf(kept);
    this.#spanMs = spanOf(kept);
  }

  #isOver(): boolean {
    // One frame may be larger than the bound: alone it must pass, or nothing ever would.
    if (this.#waiting.length < 2) return false;
    return this.#bytes > this.#limits.queueBytes || this.#spanMs > this.#limits.queueMs;
  }

  #fitsHalf(from: number): boolean {
    const rest = this.#waiting.slice(from);
    return bytesOf(rest) <= this.#limits.queueBytes / 2 && spanOf(rest) <= this.#limits.queueMs / 2;
  }

  /** How far the tag moves the newest media time. Tags of audio and video may come a little out of order. */
  #advance(timestampMs: number): number {
    const step = this.#newestMs === undefined ? 0 : elapsed32(timestampMs, this.#newestMs);
    if (this.#newestMs === undefined || step > 0 || step < -longestStepMs) this.#newestMs = timestampMs;
    return Math.min(Math.max(step, 0), longestStepMs);
  }

  /** Where a decoder can begin: a key frame, or any audio frame while the stream brings no video. */
  #isEntry(tag: FlvTag): boolean {
    if (tag.kind === 'video') return tag.keyframe;
    const hasVideo = this.#videoMs !== undefined && elapsed32(tag.timestampMs, this.#videoMs) < videoGoneMs;
    return !hasVideo && tag.kind === 'audio' && !tag.sequenceHeader;
  }

  #drop(tag: FlvTag): void {
    this.#droppedTags += 1;
    this.#droppedBytes += tag.body.length;
  }
}

const bytesOf = (waiting: readonly Waiting[]): number => waiting.reduce((sum, { tag }) => sum + tag.body.length, 0);

const spanOf = (waiting: readonly Waiting[]): number => waiting.slice(1).reduce((sum, { stepMs }) => sum + stepMs, 0);

/** Of each kind the last sequence header or onMetaData, in the order they came. */
function latestSetups(waiting: readonly Waiting[]): Waiting[] {
  const setups = waiting.filter(({ tag }) => tag.sequenceHeader);
  return setups.filter(({ tag }, i) => !setups.slice(i + 1).some((later) => later.tag.kind === tag.kind));
}
