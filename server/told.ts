/** What operators do, said in the program's log: who reads it at night must find it there. */
import type { ApiKeys } from './api-keys.ts';
import type { Flows } from './flows.ts';

type Say = (what: string, detail: Record<string, unknown>) => void;

/** Keys made and removed by operators, each told once it is done. No secret is told. */
export const tellingKeys = (keys: ApiKeys, say: Say): ApiKeys => ({
  ...keys,
  get count() {
    return keys.count;
  },
  create: async (name, createdAt) => {
    const key = await keys.create(name, createdAt);
    say('API key created', { keyId: key.id, name });
    return key;
  },
  remove: async (id) => {
    await keys.remove(id);
    say('API key removed', { keyId: id });
  },
});

/** The same doings, each told once it has succeeded. No secret is told: ids and names alone. */
export function tellingFlows(flows: Flows, say: Say): Flows {
  const told = async <T>(what: string, detail: Record<string, unknown>, doing: Promise<T>): Promise<T> => {
    const done = await doing;
    say(what, detail);
    return done;
  };
  return {
    ...flows,
    create: async (draft) => {
      const flow = await flows.create(draft);
      say('flow created', { flowId: flow.id, name: flow.name });
      return flow;
    },
    add: async (copy) => {
      const flow = await flows.add(copy);
      say('flow imported', { flowId: flow.id, name: flow.name });
      return flow;
    },
    duplicate: async (flowId, name) => {
      const flow = await flows.duplicate(flowId, name);
      say('flow duplicated', { flowId: flow.id, name: flow.name, from: flowId });
      return flow;
    },
    rename: (flowId, edit, expected) =>
      told('flow renamed', { flowId, name: edit.name }, flows.rename(flowId, edit, expected)),
    editInput: (flowId, edit, expected) =>
      told('input edited', { flowId, fields: Object.keys(edit) }, flows.editInput(flowId, edit, expected)),
    addOutput: async (flowId, draft, expected) => {
      const output = await flows.addOutput(flowId, draft, expected);
      say('output created', { flowId, outputId: output.id, name: output.name });
      return output;
    },
    editOutput: (flowId, outputId, edit, expected) =>
      told(
        'output edited',
        { flowId, outputId, fields: Object.keys(edit) },
        flows.editOutput(flowId, outputId, edit, expected),
      ),
    deleteOutput: (flowId, outputId, expected) =>
      told('output deleted', { flowId, outputId }, flows.deleteOutput(flowId, outputId, expected)),
    switchTo: (flowId, to, expected) => told('input switched', { flowId, to }, flows.switchTo(flowId, to, expected)),
    start: (flowId, expected) => told('flow started', { flowId }, flows.start(flowId, expected)),
    stop: (flowId, expected) => told('flow stopped', { flowId }, flows.stop(flowId, expected)),
    delete: (flowId, expected) => told('flow deleted', { flowId }, flows.delete(flowId, expected)),
  };
}
