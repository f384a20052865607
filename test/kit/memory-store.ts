/** A flow store without a disk, which may be told to fail. */
import type { Flow } from '../../db/model.ts';
import type { FlowStore } from '../../server/flows.ts';

export interface MemoryStore extends FlowStore {
  /** While set, every save and removal fails with it. */
  fault: Error | undefined;
}

export function createMemoryStore(flows: readonly Flow[] = []): MemoryStore {
  const kept = new Map(flows.map((flow) => [flow.id, flow]));
  const store: MemoryStore = {
    fault: undefined,
    all: () => [...kept.values()],
    get: (flowId) => kept.get(flowId),
    save: async (flow) => {
      if (store.fault) throw store.fault;
      kept.set(flow.id, flow);
    },
    remove: async (flowId) => {
      if (store.fault) throw store.fault;
      kept.delete(flowId);
    },
  };
  return store;
}
