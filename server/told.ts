/** What operators do, said in the program's log: who reads it at night must find it there. */
import type { Flows } from './flows.ts';

/** The same doings, each told once it has succeeded. No secret is told: ids and names alone. */
export function tellingFlows(flows: Flows, say: (what: string, detail: Record<string, unknown>) => void): Flows {
  const told = async <T>(what: string, detail: Record<string, unknown>, doing: Promise<T>): Promise<T> => {
    const done = await doing;
    say(what, detail);
    return done;
  };
  return {
    ...flows,
    create: async (draft, birth) => {
      const flow = await flows.create(draft, birth);
      say('flow created', { flowId: flow.id, name: flow.name });
      return flow;
    },
    rename: (flowId, edit) => told('flow renamed', { flowId, name: edit.name }, flows.rename(flowId, edit)),
    editInput: (flowId, edit) =>
      told('input edited', { flowId, fields: Object.keys(edit) }, flows.editInput(flowId, edit)),
    addOutput: async (flowId, draft) => {
      const output = await flows.addOutput(flowId, draft);
      say('output created', { flowId, outputId: output.id, name: output.name });
      return output;
    },
    editOutput: (flowId, outputId, edit) =>
      told('output edited', { flowId, outputId, fields: Object.keys(edit) }, flows.editOutput(flowId, outputId, edit)),
    deleteOutput: (flowId, outputId) =>
      told('output deleted', { flowId, outputId }, flows.deleteOutput(flowId, outputId)),
    switchTo: (flowId, to) => told('input switched', { flowId, to }, flows.switchTo(flowId, to)),
    start: (flowId) => told('flow started', { flowId }, flows.start(flowId)),
    stop: (flowId) => told('flow stopped', { flowId }, flows.stop(flowId)),
    delete: (flowId) => told('flow deleted', { flowId }, flows.delete(flowId)),
  };
}
