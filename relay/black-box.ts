/** Which pipeline the relay is busy with, noted in memory that outlives the process: it says what a crash or a hang was in. */

/** A name is at most 64 characters of a flow's id, a pipeline and a revision. */
const RECORD_BYTES = 128;
/** Record 0 holds the number of the record in force; the others hold a length and a name each. */
export const BLACK_BOX_BYTES = 1024 * RECORD_BYTES;

/** One pipeline, as it was when its handling began. */
export interface Culprit {
  readonly flowId: string;
  readonly pipeline: string;
  readonly revision: number;
}

export class BlackBox {
  readonly #memory: Uint8Array;
  readonly #current: Int32Array;
  readonly #free: number[];

  /** `memory` is zeros, or what another process left of its own; `begin` makes it ours. */
  constructor(memory: Uint8Array) {
    this.#memory = memory;
    this.#current = new Int32Array(memory.buffer, memory.byteOffset, 1);
    this.#free = Array.from({ length: memory.length / RECORD_BYTES - 1 }, (_, index) => index + 1).reverse();
  }

  /** The pipeline in which the process before ended, or undefined. From here on the box is ours. */
  begin(): Culprit | undefined {
    const culprit = this.#read(this.#current[0] ?? 0);
    this.#memory.fill(0);
    return culprit;
  }

  /** A number to enter by; 0, which notes nothing, where a thousand pipelines have taken all. */
  claim(culprit: Culprit): number {
    const slot = this.#free.pop() ?? 0;
    this.rename(slot, culprit);
    return slot;
  }

  rename(slot: number, { flowId, pipeline, revision }: Culprit): void {
    if (slot === 0) return;
    const name = Buffer.from(`${flowId} ${pipeline} ${revision}`).subarray(0, RECORD_BYTES - 1);
    this.#memory[slot * RECORD_BYTES] = name.length;
    this.#memory.set(name, slot * RECORD_BYTES + 1);
  }

  release(slot: number): void {
    if (slot !== 0) this.#free.push(slot);
  }

  /** Called around all of a pipeline's work: two stores, no more. Returns what `leave` is to be given. */
  enter(slot: number): number {
    const before = this.#current[0] ?? 0;
    this.#current[0] = slot;
    return before;
  }

  leave(before: number): void {
    this.#current[0] = before;
  }

  #read(slot: number): Culprit | undefined {
    if (slot <= 0 || slot * RECORD_BYTES >= this.#memory.length) return undefined;
    const at = slot * RECORD_BYTES;
    const length = this.#memory[at] ?? 0;
    const [flowId, pipeline, revision] = Buffer.from(this.#memory.subarray(at + 1, at + 1 + length))
      .toString()
      .split(' ');
    return flowId && pipeline ? { flowId, pipeline, revision: Number(revision) } : undefined;
  }
}
