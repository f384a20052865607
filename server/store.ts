/** All flows in memory, as they are in the database: reads cost nothing, and what is seen was saved first. */
import { deleteFlow, loadFlows, loadWaitingFlows, type Seals, saveFlow, saveWaitingFlow } from '../db/flows.ts';
import type { WaitingFlow } from '../db/model.ts';
import { isStorageFault, type OpenedDatabase } from '../db/open.ts';
import type { FlowStore } from './flows.ts';
import { Refusal } from './refusal.ts';
import type { WaitingStore } from './waiting-flows.ts';

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

/** Flows without an input, likewise. What becomes a flow leaves by `forget`: its row is the same. */
export async function openWaitingStore({ db, write }: OpenedDatabase): Promise<WaitingStore> {
  const flows = new Map((await loadWaitingFlows(db)).map((flow): [string, WaitingFlow] => [flow.id, flow]));
  return {
    all: () => [...flows.values()],
    get: (flowId) => flows.get(flowId),
    save: async (flow) => {
      await kept(write(() => saveWaitingFlow(db, flow)));
      flows.set(flow.id, flow);
    },
    remove: async (flowId) => {
      await kept(write(() => deleteFlow(db, flowId)));
      flows.delete(flowId);
    },
    forget: (flowId) => void flows.delete(flowId),
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
