/** The flow's maximum bandwidth: a cap that drops whole messages, and the warning that goes before. */
import type { PacketBatch } from './media.ts';

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

  constructor(maxBitrate: number) {
    this.#maxBitrate = maxBitrate;
    this.#tokens = maxBitrate * BURST_SECONDS;
  }

  /** The part of `batch` that may pass: the batch itself where all of it fits, undefined where nothing does. */
  admit(batch: PacketBatch): PacketBatch | undefined {
    this.#fill(batch.at);
    const bits = batch.data.length * 8;
    if (bits <= this.#tokens) {
      this.#tokens -= bits;
      return batch;
    }
    return this.#head(batch);
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

  #head(batch: PacketBatch): PacketBatch | undefined {
    let messages = 0;
    let bytes = 0;
    for (const length of batch.lengths) {
      if ((bytes + length) * 8 > this.#tokens) break;
      bytes += length;
      messages++;
    }
    this.#tokens -= bytes * 8;
    if (messages === 0) return undefined;
    const { container, at, dues } = batch;
    const kept = { container, at, data: batch.data.subarray(0, bytes), lengths: batch.lengths.subarray(0, messages) };
    return dues ? { ...kept, dues: dues.subarray(0, messages) } : kept;
  }
}
