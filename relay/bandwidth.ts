/** The flow's maximum bandwidth: a cap that drops whole messages or frames, and the warning that goes before. */
import type { FlvTag } from './formats/flv-tag.ts';
import type { MediaBatch, PacketBatch, TagBatch } from './media.ts';

/** A second's worth may pass at once, so that a key frame is not cut. */
const BURST_SECONDS = 1;
/** The warning is raised after this many seconds above the limit in a row. */
const WARN_AFTER_SECONDS = 3;

/** Holds one source at or under `maxBitrate` bit/s. Token bucket: RFC 2697 with one bucket. */
export class BandwidthCap {
  readonly #maxBitrate: number;
  #tokens: number;
  #filledAt: number | undefined;
  #secondsOver = 0;
  /** A frame was dropped: what follows cannot be decoded before the next key frame. */
  #untilKeyframe = false;

  constructor(maxBitrate: number) {
    this.#maxBitrate = maxBitrate;
    this.#tokens = maxBitrate * BURST_SECONDS;
  }

  /** The part of `batch` that may pass: the batch itself where all of it fits, undefined where nothing does. */
  admit(batch: MediaBatch): MediaBatch | undefined {
    this.#fill(batch.at);
    return batch.container === 'ts' ? this.#admitPackets(batch) : this.#admitTags(batch);
  }

  /** Told once a second what arrived in it; true while the source has been over the limit for three seconds. */
  isOver(bitrate: number): boolean {
    this.#secondsOver = bitrate > this.#maxBitrate ? this.#secondsOver + 1 : 0;
    return this.#secondsOver >= WARN_AFTER_SECONDS;
  }

  #fill(at: number): void {
    const elapsed = Math.max(0, at - (this.#filledAt ?? at)) / 1e6;
    this.#filledAt = at;
    this.#tokens = Math.min(this.#tokens + elapsed * this.#maxBitrate, this.#maxBitrate * BURST_SECONDS);
  }

  #take(bytes: number): boolean {
    if (bytes * 8 > this.#tokens) return false;
    this.#tokens -= bytes * 8;
    return true;
  }

  #admitPackets(batch: PacketBatch): PacketBatch | undefined {
    if (this.#take(batch.data.length)) return batch;
    let messages = 0;
    let bytes = 0;
    for (const length of batch.lengths) {
      if (!this.#take(length)) break;
      bytes += length;
      messages++;
    }
    if (messages === 0) return undefined;
    const kept = { ...batch, data: batch.data.subarray(0, bytes), lengths: batch.lengths.subarray(0, messages) };
    return batch.dues ? { ...kept, dues: batch.dues.subarray(0, messages) } : kept;
  }

  #admitTags(batch: TagBatch): TagBatch | undefined {
    const tags = batch.tags.filter((tag) => this.#admitTag(tag));
    if (tags.length === batch.tags.length) return batch;
    return tags.length > 0 ? { ...batch, tags } : undefined;
  }

  /** Headers always pass. Sound passes while it fits, for it needs no key frame. */
  #admitTag(tag: FlvTag): boolean {
    if (tag.sequenceHeader || tag.kind === 'data') return true;
    if (tag.kind === 'video' && this.#untilKeyframe && !tag.keyframe) return false;
    const fits = this.#take(tag.body.length);
    if (tag.kind === 'video') this.#untilKeyframe = !fits;
    return fits;
  }
}
