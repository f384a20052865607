/** Puts the frames of two tracks into order of dts, waiting for the other track only so long. */

import type { Lane } from './access-unit.ts';
import { limits, ticksPerSecond } from './limits.ts';

/** A frame in the queue: its dts in ticks, its size, and when it came by the caller's clock. */
export interface Waiting<T> {
  readonly dts: number;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly item: T;
}

const other: Record<Lane, Lane> = { video: 'audio', audio: 'video' };

/**
 * A frame waits while the other track may still bring an earlier one: at most `waitMs` of media or of the caller's
 * clock. A track that let others wait in vain is not waited for until it speaks again. Waiting 0 passes all through.
 */
export class Interleaver<T> {
  readonly #waitMs: number;
  readonly #emit: (item: T) => void;
  readonly #queues: Record<Lane, Waiting<T>[]> = { video: [], audio: [] };
  readonly #awaited: Record<Lane, boolean> = { video: false, audio: false };
  #bytes = 0;

  constructor(waitMs: number, emit: (item: T) => void) {
    this.#waitMs = waitMs;
    this.#emit = emit;
  }

  /** Says whether a track exists, and so may be waited for. */
  expect(lane: Lane, exists: boolean): void {
    this.#awaited[lane] = exists;
  }

  push(lane: Lane, waiting: Waiting<T>): void {
    this.#queues[lane].push(waiting);
    this.#bytes += waiting.bytes;
    this.#awaited[lane] = true;
    this.flush(waiting.sinceMs);
  }

  /** Lets go of what waited long enough by the caller's clock. */
  flush(nowMs: number): void {
    for (let lane = this.#next(nowMs); lane !== undefined; lane = this.#next(nowMs)) this.#release(lane);
  }

  /** Lets go of everything, in order. */
  end(): void {
    for (let lane = this.#first(); lane !== undefined; lane = this.#first()) this.#release(lane);
  }

  #release(lane: Lane): void {
    const waiting = this.#queues[lane].shift();
    if (waiting === undefined) return;
    this.#bytes -= waiting.bytes;
    this.#emit(waiting.item);
  }

  /** The track whose frame may go now. */
  #next(nowMs: number): Lane | undefined {
    const lane = this.#first();
    if (lane === undefined || this.#queues[other[lane]].length > 0 || !this.#awaited[other[lane]]) return lane;
    if (!this.#isOverdue(this.#queues[lane], nowMs)) return undefined;
    this.#awaited[other[lane]] = false;
    return lane;
  }

  /** The track with the earliest frame; video first among equals. */
  #first(): Lane | undefined {
    const video = this.#queues.video[0];
    const audio = this.#queues.audio[0];
    if (video === undefined) return audio && 'audio';
    return audio === undefined || video.dts <= audio.dts ? 'video' : 'audio';
  }

  #isOverdue(queue: readonly Waiting<T>[], nowMs: number): boolean {
    const head = queue[0];
    const tail = queue.at(-1);
    if (head === undefined || tail === undefined) return false;
    const span = tail.dts - head.dts;
    return (
      nowMs - head.sinceMs >= this.#waitMs ||
      span >= (this.#waitMs * ticksPerSecond) / 1000 ||
      queue.length > limits.interleaveUnits ||
      this.#bytes > limits.interleaveBytes
    );
  }
}
