/** Keeps one pipeline open: what its code throws ends it alone; it is opened again, and after three falls in a minute no more. */
import type { BlackBox } from './black-box.ts';
import type { PipelinePlan } from './contract/messages.ts';
import type { Reading } from './gauge.ts';
import { Guard } from './guard.ts';
import type { Tell } from './happening.ts';
import type { EndStatus } from './ledger.ts';
import { Pipeline } from './pipeline.ts';
import type { Viewer } from './preview.ts';
import type { Protocols } from './protocols.ts';
import { MOST_FALLS, type Quarantine, WITHIN_MS } from './quarantine.ts';
import type { KeeperTools } from './source-keeper.ts';

/** A pipeline that fell is opened again after this long. */
export const REOPEN_MS = 1000;

export interface PipelineKeeperTools extends KeeperTools {
  readonly box: BlackBox;
  readonly quarantine: Quarantine;
  /** For the relay's own log: a bug, with its stack. */
  readonly fault: (error: unknown) => void;
}

/** A plan, and of which flow at which revision. */
export interface Assignment {
  readonly flowId: string;
  readonly revision: number;
  readonly plan: PipelinePlan;
}

interface Opening {
  readonly guard: Guard;
  readonly viewers: Set<Viewer>;
  pipeline: Pipeline | undefined;
}

export class PipelineKeeper {
  readonly #protocols: Protocols;
  readonly #tools: PipelineKeeperTools;
  readonly #slot: number;
  #assignment: Assignment;
  #open: Opening | undefined;
  /** Closed by the clock, and not within the call in which it fell. */
  #fallen: Opening | undefined;
  #since = 0;
  #retryAt: number | undefined;

  constructor(assignment: Assignment, protocols: Protocols, tools: PipelineKeeperTools) {
    this.#assignment = assignment;
    this.#protocols = protocols;
    this.#tools = tools;
    this.#slot = tools.box.claim(this.#culprit());
    this.#since = tools.now();
    if (!this.#isHeld()) this.#reopen();
  }

  get plan(): PipelinePlan {
    return this.#assignment.plan;
  }

  /** Takes what may change without a stop, and the newer revision, which pardons. */
  adopt(assignment: Assignment): void {
    this.#assignment = assignment;
    this.#tools.box.rename(this.#slot, this.#culprit());
    const { guard, pipeline } = this.#open ?? {};
    guard?.run(() => pipeline?.adopt(assignment.plan));
  }

  tick(now: number): void {
    if (this.#fallen) this.#bury(this.#fallen);
    if (!this.#open && !this.#isHeld() && now >= (this.#retryAt ?? 0)) this.#reopen();
    const { guard, pipeline } = this.#open ?? {};
    guard?.run(() => pipeline?.tick(now));
  }

  sample(now: number, edge = now): void {
    const { guard, pipeline } = this.#open ?? {};
    guard?.run(() => pipeline?.sample(now, edge));
  }

  status(): EndStatus[] {
    const { guard, pipeline } = this.#open ?? {};
    return guard?.run(() => pipeline?.status()) ?? this.#downStatus();
  }

  /** Feeds `viewer` with the input until the returned way to stop is taken, or the pipeline closes or falls. Throws where it is down. */
  watch(viewer: Viewer): () => void {
    const opening = this.#open;
    const stop = opening?.guard.run(() => opening.pipeline?.watch(viewer));
    if (!opening || !stop) throw new Error('This pipeline has failed and is not open now.');
    opening.viewers.add(viewer);
    return () => {
      opening.viewers.delete(viewer);
      stop();
    };
  }

  readings(): (Reading & { readonly id: string })[] {
    const { guard, pipeline } = this.#open ?? {};
    return guard?.run(() => pipeline?.readings()) ?? [];
  }

  close(): void {
    const opening = this.#open ?? this.#fallen;
    this.#open = undefined;
    if (opening) this.#bury(opening);
    this.#tools.box.release(this.#slot);
  }

  #isHeld(): boolean {
    return this.#tools.quarantine.isHeld(this.#culprit());
  }

  #culprit() {
    const { flowId, revision, plan } = this.#assignment;
    return { flowId, pipeline: plan.pipeline, revision };
  }

  #reopen(): void {
    const guard = new Guard({ box: this.#tools.box, slot: this.#slot, fell: (error) => this.#fell(error) });
    const opening: Opening = { guard, viewers: new Set(), pipeline: undefined };
    this.#open = opening;
    this.#retryAt = undefined;
    const protocols = guard.around(this.#protocols);
    opening.pipeline = guard.run(() => new Pipeline(this.plan, protocols, this.#tools));
  }

  #fell(error: unknown): void {
    this.#fallen = this.#open;
    this.#open = undefined;
    this.#since = this.#tools.now();
    this.#retryAt = this.#since + REOPEN_MS;
    this.#tools.fault(error);
    const falls = this.#tools.quarantine.fell(this.#culprit());
    tellFall(this.#tools.tell, this.plan.sourceId, { falls, fault: nameOf(error) });
    this.#tools.changed();
  }

  #bury(opening: Opening): void {
    this.#fallen = undefined;
    opening.guard.run(() => opening.pipeline?.close());
    opening.guard.close();
    // A pipeline that fell no longer closes them itself.
    for (const viewer of opening.viewers) viewer.close();
  }

  /** Of a pipeline that is not open: each of its ends, and why. */
  #downStatus(): EndStatus[] {
    const { sourceId, sinks, failover } = this.plan;
    const condition = this.#isHeld() ? 'quarantined' : 'backing-off';
    const sources = [sourceId, ...(failover ? ['cross'] : [])];
    const status = (role: 'source' | 'sink') => (id: string) =>
      ({ ...none, id, role, condition, ...this.#times() }) as const;
    return [...sources.map(status('source')), ...sinks.map(({ id }) => id).map(status('sink'))];
  }

  #times(): Pick<EndStatus, 'since' | 'retryAt'> {
    return { since: this.#since, ...(!this.#isHeld() && { retryAt: this.#retryAt }) };
  }
}

const none = { state: 'waiting', bitrate: 0, packets: 0, dropped: 0, lost: 0, over: false } as const;

/** What the operator is told of a fall: which fault it was is in the relay's log, where no secret can come from. */
export function tellFall(tell: Tell, endpoint: string, { falls, fault }: { falls: number; fault: string }): void {
  const of = { endpoint, role: 'source' } as const;
  tell({ ...of, code: 'pipeline-failed', facts: { fault, falls } });
  if (falls >= MOST_FALLS) tell({ ...of, code: 'pipeline-quarantined', facts: { falls, seconds: WITHIN_MS / 1000 } });
}

/** The kind of bug, never its words: those may hold what came over the wire. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
