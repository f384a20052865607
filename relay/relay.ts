/** Makes the plans true: opens and closes pipelines until what runs is what the server wishes, and reports. */
import { isDeepStrictEqual } from 'node:util';
import type { EndpointHealth } from './contract/health.ts';
import type { Viewer } from './preview.ts';
import type { Applied, Apply, PipelinePlan, PreviewWish, Report } from './contract/messages.ts';
import type { RelayHappening } from './happening.ts';
import type { EndStatus } from './ledger.ts';
import { Pipeline } from './pipeline.ts';
import type { Protocols } from './protocols.ts';
import type { KeeperTools } from './source-keeper.ts';

export interface RelayTools extends Omit<KeeperTools, 'tell'> {
  readonly tell: (happening: RelayHappening) => void;
}

interface Running {
  readonly plan: PipelinePlan;
  readonly pipeline: Pipeline;
}

interface FlowHere {
  readonly revision: number;
  readonly running: readonly Running[];
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
  apply({ flowId, revision, plans }: Apply): void {
    const here = this.#flows.get(flowId);
    if (here && revision < here.revision) return;
    const kept = (here?.running ?? []).map((running) => ({
      running,
      next: plans.find((plan) => canStay(running.plan, plan)),
    }));
    for (const { running, next } of kept) if (!next) running.pipeline.close();
    const staying = kept.flatMap(({ running, next }) => (next ? [adopt(running, next)] : []));
    const fresh = plans
      .filter((plan) => !staying.some((running) => running.plan === plan))
      .map((plan) => this.#run(flowId, plan));
    if (plans.length === 0) this.#flows.delete(flowId);
    else this.#flows.set(flowId, { revision, running: [...staying, ...fresh] });
    this.#tools.changed();
  }

  applied(): Applied[] {
    return [...this.#flows].map(([flowId, { revision }]) => ({ flowId, revision }));
  }

  /** Called several times a second with the monotonic clock. */
  tick(now: number): void {
    this.#each((pipeline) => pipeline.tick(now));
  }

  /** Called once a second: measures every endpoint. */
  sample(now: number): void {
    this.#each((pipeline) => pipeline.sample(now));
  }

  /** Feeds a viewer with a pipeline's input; returns the way to stop. Throws where that input is not here. */
  watch({ flowId, pipeline }: PreviewWish, viewer: Viewer): () => void {
    const found = this.#flows.get(flowId)?.running.find(({ plan }) => plan.pipeline === pipeline);
    if (!found || found.plan.sourceId !== 'input') throw new Error('This relay runs no such input.');
    return found.pipeline.watch(viewer);
  }

  /** What each connected end measured at the last sample. */
  health(): EndpointHealth[] {
    return [...this.#flows].flatMap(([flowId, { running }]) =>
      running.flatMap(({ plan, pipeline }) =>
        pipeline
          .readings()
          .map((reading) => ({ flowId, pipeline: plan.pipeline, ...reading, tracks: [...reading.tracks] })),
      ),
    );
  }

  /** The whole state, its times turned into epoch ms by `toEpoch`. */
  report(now: number, toEpoch: (at: number) => number): Report {
    const endpoints = [...this.#flows].flatMap(([flowId, { running }]) =>
      running.flatMap(({ plan, pipeline }) =>
        pipeline.status().map((status) => ({ flowId, pipeline: plan.pipeline, ...inEpoch(status, toEpoch) })),
      ),
    );
    return { at: toEpoch(now), applied: this.applied(), endpoints };
  }

  close(): void {
    this.#each((pipeline) => pipeline.close());
    this.#flows.clear();
  }

  #run(flowId: string, plan: PipelinePlan): Running {
    const { pipeline } = plan;
    const tell: KeeperTools['tell'] = (happening) => this.#tools.tell({ flowId, pipeline, ...happening });
    const tools = { ...this.#tools, tell };
    return { plan, pipeline: new Pipeline(plan, this.#protocols, tools) };
  }

  #each(visit: (pipeline: Pipeline) => void): void {
    for (const { running } of this.#flows.values()) for (const { pipeline } of running) visit(pipeline);
  }
}

/** Only who may call and which input is preferred have changed, or nothing: the pipeline stays open and nobody notices. */
const canStay = (old: PipelinePlan, next: PipelinePlan): boolean => isDeepStrictEqual(fixedPart(old), fixedPart(next));

const fixedPart = ({ source, failover, ...rest }: PipelinePlan) => ({
  ...rest,
  source: { ...source, allowlist: [] },
  cross: failover?.cross,
});

function adopt({ pipeline }: Running, plan: PipelinePlan): Running {
  pipeline.adopt(plan);
  return { plan, pipeline };
}

const inEpoch = (status: EndStatus, toEpoch: (at: number) => number): EndStatus => ({
  ...status,
  since: toEpoch(status.since),
  retryAt: status.retryAt === undefined ? undefined : toEpoch(status.retryAt),
  incident: status.incident && { ...status.incident, at: toEpoch(status.incident.at) },
});
