/** Which of a flow's two inputs feeds the outputs of this pipeline: decided from what arrives, by the clock it is given. */
import type { Pipeline } from './contract/settings.ts';

/** A source is lost when it has brought nothing for this long. */
export const LOSS_MS = 500;
/** One that came back must have lived this long before it is trusted again. */
export const TRUST_MS = 5000;

/** `order` is another number each time that an operator asks for the preferred input. */
export interface Wish {
  readonly preferred: Pipeline;
  readonly autoReturn: boolean;
  readonly order: number;
}

/** How long a preferred input that was never heard is waited for while the other one already brings media. */
export const GRACE_MS = 3000;

export interface Switch {
  readonly to: Pipeline;
  readonly cause: 'input-lost' | 'preferred-back' | 'by-operator';
  /** Since the last media of the source that is left, in ms. */
  readonly gapMs: number;
}

interface Seen {
  at: number;
  /** Since when it has been bringing media without a loss. */
  aliveSince: number;
}

const never: Seen = { at: Number.NEGATIVE_INFINITY, aliveSince: Number.POSITIVE_INFINITY };

/** Times are monotonic ms. `wanted` is what the outputs shall get; the splice itself waits for a key frame. */
export class FailoverChoice {
  readonly #seen: Record<Pipeline, Seen> = { primary: { ...never }, backup: { ...never } };
  #preferred: Pipeline;
  #autoReturn: boolean;
  #wanted: Pipeline;
  #order: number;
  #ordered = false;

  constructor({ preferred, autoReturn, order }: Wish) {
    this.#preferred = preferred;
    this.#autoReturn = autoReturn;
    this.#order = order;
    this.#wanted = preferred;
  }

  get wanted(): Pipeline {
    return this.#wanted;
  }

  /** A new order goes over to `preferred` as soon as it lives, whatever was decided before. */
  wish({ preferred, autoReturn, order }: Wish): void {
    if (order !== this.#order) this.#ordered = true;
    this.#preferred = preferred;
    this.#autoReturn = autoReturn;
    this.#order = order;
    if (preferred === this.#wanted) this.#ordered = false;
  }

  heard(from: Pipeline, now: number): void {
    const seen = this.#seen[from];
    if (now - seen.at >= LOSS_MS) seen.aliveSince = now;
    seen.at = now;
  }

  /** What changes now, if anything. Called several times a second. */
  decide(now: number): Switch | undefined {
    const other = otherThan(this.#wanted);
    if (!this.#isAlive(other, now)) return undefined;
    if (this.#isAwaited(now)) return undefined;
    const gapMs = Math.round(now - this.#seen[this.#wanted].at);
    if (!this.#isAlive(this.#wanted, now)) return this.#go(other, 'input-lost', Number.isFinite(gapMs) ? gapMs : 0);
    if (other !== this.#preferred) return undefined;
    if (this.#ordered) return this.#go(other, 'by-operator', 0);
    const isTrusted = now - this.#seen[other].aliveSince >= TRUST_MS;
    return this.#autoReturn && isTrusted ? this.#go(other, 'preferred-back', 0) : undefined;
  }

  /** Encoders do not start together, and the way across takes its time: the first to be heard is not the one that is left. */
  #isAwaited(now: number): boolean {
    const wasHeard = Number.isFinite(this.#seen[this.#wanted].at);
    return !wasHeard && now - this.#seen[otherThan(this.#wanted)].aliveSince < GRACE_MS;
  }

  #go(to: Pipeline, cause: Switch['cause'], gapMs: number): Switch {
    this.#wanted = to;
    this.#ordered = false;
    return { to, cause, gapMs };
  }

  #isAlive(pipeline: Pipeline, now: number): boolean {
    return now - this.#seen[pipeline].at < LOSS_MS;
  }
}

export const otherThan = (pipeline: Pipeline): Pipeline => (pipeline === 'primary' ? 'backup' : 'primary');
