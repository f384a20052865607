/** Flows that were created without an input, which come to be whole flows when their input is created. */
import type { Flow, Region, WaitingFlow } from '../db/model.ts';
import type { FlowDraft, FlowEdit, InputDraft } from './drafts.ts';
import { createTurns, type Flows, newId } from './flows.ts';
import { Refusal } from './refusal.ts';
import { checkNewWaitingFlow } from './rules.ts';

/** Each promise rejects with a Refusal where the rules say no; nothing is changed then. */
export interface WaitingFlows {
  list(): readonly WaitingFlow[];
  /** Undefined where there is none, or where it has its input already. */
  get(flowId: string): WaitingFlow | undefined;
  create(draft: Omit<FlowDraft, 'input'>): Promise<WaitingFlow>;
  rename(flowId: string, edit: FlowEdit): Promise<WaitingFlow>;
  delete(flowId: string): Promise<void>;
  /** The flow is whole now, under the same id. */
  addInput(flowId: string, input: InputDraft): Promise<Flow>;
}

/** In memory, as they are in the database. What is saved is on disk before it is seen. */
export interface WaitingStore {
  all(): readonly WaitingFlow[];
  get(flowId: string): WaitingFlow | undefined;
  save(flow: WaitingFlow): Promise<void>;
  remove(flowId: string): Promise<void>;
  /** It is kept as a whole flow now. */
  forget(flowId: string): void;
}

export interface WaitingFlowsDeps {
  readonly store: WaitingStore;
  readonly flows: Flows;
  readonly regions: readonly Region[];
  readonly bandwidths: readonly number[];
  /** Epoch ms. */
  readonly now: () => number;
  readonly say: (what: string, detail: Record<string, unknown>) => void;
}

/** Changes happen one after the other: an input is never given to a flow that is being deleted. */
export function createWaitingFlows(deps: WaitingFlowsDeps): WaitingFlows {
  const { store, flows, say } = deps;
  const inTurn = createTurns();
  const need = (flowId: string): WaitingFlow => {
    const flow = store.get(flowId);
    if (!flow) throw new Refusal('flow-not-found');
    return flow;
  };
  return {
    list: () => store.all(),
    get: (flowId) => store.get(flowId),

    create: ({ name, regionId, maxBitrate }) =>
      inTurn(async () => {
        checkNewWaitingFlow(deps, { name, regionId, maxBitrate });
        const flow = { id: newId(), name, regionId, maxBitrate, createdAt: deps.now() };
        await store.save(flow);
        say('flow created without an input', { flowId: flow.id, name });
        return flow;
      }),

    rename: (flowId, { name }) =>
      inTurn(async () => {
        const flow = { ...need(flowId), name };
        await store.save(flow);
        say('flow renamed', { flowId, name });
        return flow;
      }),

    delete: (flowId) =>
      inTurn(async () => {
        await store.remove(need(flowId).id);
        say('flow deleted', { flowId });
      }),

    addInput: (flowId, input) =>
      inTurn(async () => {
        const waiting = store.get(flowId);
        if (!waiting) {
          await flows.get(flowId);
          throw new Refusal('input-exists');
        }
        const { id, createdAt, ...draft } = waiting;
        const flow = await flows.create({ ...draft, input }, { id, createdAt });
        store.forget(id);
        return flow;
      }),
  };
}
