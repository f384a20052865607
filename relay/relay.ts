/** Makes the plans true: opens and closes pipelines until what runs is what the server wishes, and reports. */
import { isDeepStrictEqual } from 'node:util';
import type { EndpointHealth } from './contract/health.ts';
import type { Applied, Apply, PipelinePlan, PreviewWish, Report } from './contract/messages.ts';
import type { BlackBox } from './black-box.ts';
import type { RelayHappening } from './happening.ts';
import type { EndStatus } from './ledger.ts';
import { type Assignment, PipelineKeeper, type PipelineKeeperTools } from './pipeline-keeper.ts';
import type { Viewer } from './preview.ts';
import type { Protocols } from './protocols.ts';
import type { Quarantine } from './quarantine.ts';
import type { KeeperTools } from './source-keeper.ts';

export interface RelayTools extends Omit<KeeperTools, 'tell'> {
  readonly tell: (happening: RelayHappening) => void;
  /** What a pipeline's code threw: a bug. It ended that pipeline alone. */
  readonly fault: (error: unknown, of: Pick<RelayHappening, 'flowId' | 'pipeline'>) => void;
  readonly box: BlackBox;
  readonly quarantine: Quarantine;
}

interface FlowHere {
  readonly revision: number;
  readonly tag: string | undefined;
  readonly running: readonly PipelineKeeper[];
}

/** Level, not edge: applying the same wish twice changes nothing, and what a wish leaves out is closed. */
export class Relay {
  readonly #protocols: Protocols;
  readonly #tools: RelayTools;
  readonly #flows = new Map<string, FlowHere>();

  constructor(protocols: Protocols, tools: RelayTools) {
    this.#protocols = protocols;
    this.#tools = tools;
  }

  /** The whole wish for one flow. An older revision than the one that runs is stale and changes nothing. */
  apply({ flowId, revision, tag, plans }: Apply): void {
    const here = this.#flows.get(flowId);
    if (here && revision < here.revision) return;
    this.#tools.quarantine.pardon(flowId, plans.length > 0 ? revision : undefined);
    const kept = (here?.running ?? []).map((running) => ({
      running,
      next: plans.find((plan) => canStay(running.plan, plan)),
    }));
    for (const { running, next } of kept) if (!next) running.close();
    for (const { running, next } of kept) if (next) running.adopt({ flowId, revision, plan: next });
    const staying = kept.flatMap(({ running, next }) => (next ? [running] : []));
    const fresh = plans
      .filter((plan) => !staying.some((running) => running.plan === plan))
      .map((plan) => this.#run({ flowId, revision, plan }));
    if (plans.length === 0) this.#flows.delete(flowId);
    else this.#flows.set(flowId, { revision, tag, running: [...staying, ...fresh] });
    this.#tools.changed();
  }

  applied(): Applied[] {
    return [...this.#flows].map(([flowId, { revision, tag }]) => ({ flowId, revision, tag }));
  }

  /** Called several times a second with the monotonic clock. */
  tick(now: number): void {
    this.#each((pipeline) => pipeline.tick(now));
  }

  /** Called once a second: measures every endpoint. `edge` is the full second that has passed, at or before `now`. */
  sample(now: number, edge = now): void {
    this.#each((pipeline) => pipeline.sample(now, edge));
  }

  /** Feeds a viewer with a pipeline's input; returns the way to stop. Throws where that input is not here. */
  watch({ flowId, pipeline }: PreviewWish, viewer: Viewer): () => void {
    const found = this.#flows.get(flowId)?.running.find(({ plan }) => plan.pipeline === pipeline);
    if (!found || found.plan.sourceId !== 'input') throw new Error('This relay runs no such input.');
    return found.watch(viewer);
  }

  /** What each connected end measured at the last sample. */
  health(): EndpointHealth[] {
    return [...this.#flows].flatMap(([flowId, { running }]) =>
      running.flatMap((keeper) =>
        keeper
          .readings()
          .map((reading) => ({ flowId, pipeline: keeper.plan.pipeline, ...reading, tracks: [...reading.tracks] })),
      ),
    );
  }

  /** The whole state, its times turned into epoch ms by `toEpoch`. */
  report(now: number, toEpoch: (at: number) => number): Report {
    const endpoints = [...this.#flows].flatMap(([flowId, { running }]) =>
      running.flatMap((keeper) =>
        keeper.status().map((status) => ({ flowId, pipeline: keeper.plan.pipeline, ...inEpoch(status, toEpoch) })),
      ),
    );
    return { at: toEpoch(now), applied: this.applied(), endpoints };
  }

  close(): void {
    this.#each((pipeline) => pipeline.close());
    this.#flows.clear();
  }

  #run(assignment: Assignment): PipelineKeeper {
    const of = { flowId: assignment.flowId, pipeline: assignment.plan.pipeline };
    const tools: PipelineKeeperTools = {
      ...this.#tools,
      tell: (happening) => this.#tools.tell({ ...of, ...happening }),
      fault: (error) => this.#tools.fault(error, of),
    };
    return new PipelineKeeper(assignment, this.#protocols, tools);
  }

  #each(visit: (pipeline: PipelineKeeper) => void): void {
    for (const { running } of this.#flows.values()) for (const pipeline of running) visit(pipeline);
  }
}

/** Only who may call and which input is preferred have changed, or nothing: the pipeline stays open and nobody notices. */
const canStay = (old: PipelinePlan, next: PipelinePlan): boolean => isDeepStrictEqual(fixedPart(old), fixedPart(next));

const fixedPart = ({ source, failover, ...rest }: PipelinePlan) => ({
  ...rest,
  source: { ...source, allowlist: [] },
  cross: failover?.cross,
});

const inEpoch = (status: EndStatus, toEpoch: (at: number) => number): EndStatus => ({
  ...status,
  since: toEpoch(status.since),
  retryAt: status.retryAt === undefined ? undefined : toEpoch(status.retryAt),
  incident: status.incident && { ...status.incident, at: toEpoch(status.incident.at) },
});
