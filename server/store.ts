/** All flows in memory, as they are in the database: reads cost nothing, and what is seen was saved first. */
import { deleteFlow, loadFlows, type Seals, saveFlow } from '../db/flows.ts';
import { isStorageFault, type OpenedDatabase } from '../db/open.ts';
import type { FlowStore } from './flows.ts';
import { Refusal } from './refusal.ts';

export async function openStore({ db, write }: OpenedDatabase, seals: Seals): Promise<FlowStore> {
  const flows = new Map((await loadFlows(db, seals)).map((flow) => [flow.id, flow]));
  return {
    all: () => [...flows.values()],
    get: (flowId) => flows.get(flowId),
    save: async (flow) => {
      await kept(write(() => saveFlow(db, seals, flow)));
      flows.set(flow.id, flow);
    },
    remove: async (flowId) => {
      await kept(write(() => deleteFlow(db, flowId)));
      flows.delete(flowId);
    },
  };
}

/** A disk at fault is the operator's to mend; a transaction that fails changes nothing. */
export async function kept<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    throw isStorageFault(error) ? new Refusal('storage-fault') : error;
  }
}
