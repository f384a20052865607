/** All flows in memory, as they are in the database: reads cost nothing, and what is seen was saved first. */
import { deleteFlow, loadFlows, type Seals, saveFlow } from '../db/flows.ts';
import type { OpenedDatabase } from '../db/open.ts';
import type { FlowStore } from './flows.ts';

export async function openStore({ db, write }: OpenedDatabase, seals: Seals): Promise<FlowStore> {
  const flows = new Map((await loadFlows(db, seals)).map((flow) => [flow.id, flow]));
  return {
    all: () => [...flows.values()],
    get: (flowId) => flows.get(flowId),
    save: async (flow) => {
      await write(() => saveFlow(db, seals, flow));
      flows.set(flow.id, flow);
    },
    remove: async (flowId) => {
      await write(() => deleteFlow(db, flowId));
      flows.delete(flowId);
    },
  };
}
