/** What operators do, said in the program's log and in the operators' own: who reads it at night must find it there. */
import type { Flow } from '../db/model.ts';
import type { ServerEvent, ServerEventCode } from '../db/server-events.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Actor, Flows } from './flows.ts';

export interface Told {
  readonly say: (what: string, detail: Record<string, unknown>) => void;
  readonly note: (event: ServerEvent) => void;
  /** Epoch ms. */
  readonly now: () => number;
}

type Facts = ServerEvent['facts'];

/** Keys made and removed by operators, each told once it is done. No secret is told. */
export const tellingKeys = (keys: ApiKeys, say: Told['say']): ApiKeys => ({
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

/**
 * The same doings, each told once it has succeeded, with the time at which it was asked for; what changed nothing is not
 * told. No secret is told: names of things and of fields alone.
 */
export function tellingFlows(flows: Flows, told: Told, actor: Actor = { way: 'server' }): Flows {
  const who = { by: actor.way, ...(actor.key !== undefined && { key: actor.key }) };
  const tell = (flow: Flow, at: number, code: ServerEventCode, facts: Facts = {}): void => {
    told.say(code.replace('-', ' '), { flowId: flow.id, ...facts, ...who });
    told.note({ flow, code, facts: { ...facts, ...who }, at });
  };
  /** `factsOf` compares the flow before and after; undefined where there is nothing to tell. */
  const telling = async <T>(
    flowId: string,
    code: ServerEventCode,
    doing: () => Promise<T>,
    factsOf: (before: Flow, after: Flow) => Facts | undefined,
  ): Promise<T> => {
    const [at, before] = [told.now(), await flows.get(flowId)];
    const done = await doing();
    const after = await flows.get(flowId);
    const facts = factsOf(before, after);
    if (facts) tell(after, at, code, facts);
    return done;
  };
  const changed = (before: Flow, after: Flow): Facts | undefined => (after.revision > before.revision ? {} : undefined);
  return {
    ...flows,
    by: (other) => tellingFlows(flows, told, other),
    create: async (draft, birth) => {
      const at = told.now();
      const flow = await flows.create(draft, birth);
      tell(flow, at, 'flow-created');
      return flow;
    },
    add: async (copy) => {
      const at = told.now();
      const flow = await flows.add(copy);
      tell(flow, at, 'flow-imported');
      return flow;
    },
    duplicate: async (flowId, name) => {
      const [at, original] = [told.now(), await flows.get(flowId)];
      const flow = await flows.duplicate(flowId, name);
      tell(flow, at, 'flow-duplicated', { from: original.name, fromId: original.id });
      return flow;
    },
    rename: (flowId, edit, expected) =>
      telling(
        flowId,
        'flow-renamed',
        () => flows.rename(flowId, edit, expected),
        (before, after) => (before.name === after.name ? undefined : { from: before.name }),
      ),
    editInput: (flowId, edit, expected) =>
      telling(
        flowId,
        'input-edited',
        () => flows.editInput(flowId, edit, expected),
        (before, after) => editFacts(before.input, after.input, { input: after.input.name }),
      ),
    addOutput: (flowId, draft, expected) =>
      telling(
        flowId,
        'output-created',
        () => flows.addOutput(flowId, draft, expected),
        () => ({ output: draft.name }),
      ),
    editOutput: (flowId, outputId, edit, expected) =>
      telling(
        flowId,
        'output-edited',
        () => flows.editOutput(flowId, outputId, edit, expected),
        (before, after) => {
          const [old, now] = [outputOf(before, outputId), outputOf(after, outputId)];
          return old && now && editFacts(old, now, { output: now.name });
        },
      ),
    deleteOutput: (flowId, outputId, expected) =>
      telling(
        flowId,
        'output-deleted',
        () => flows.deleteOutput(flowId, outputId, expected),
        (before) => ({ output: outputOf(before, outputId)?.name ?? outputId }),
      ),
    switchTo: (flowId, to, expected) =>
      telling(
        flowId,
        'input-switched',
        () => flows.switchTo(flowId, to, expected),
        () => ({ to }),
      ),
    start: (flowId, expected) => telling(flowId, 'flow-started', () => flows.start(flowId, expected), changed),
    stop: (flowId, expected) => telling(flowId, 'flow-stopped', () => flows.stop(flowId, expected), changed),
    delete: async (flowId, expected) => {
      const [at, flow] = [told.now(), await flows.get(flowId)];
      await flows.delete(flowId, expected);
      tell(flow, at, 'flow-deleted');
    },
  };
}

const outputOf = ({ outputs }: Flow, outputId: string) => outputs.find(({ id }) => id === outputId);

/** The names of the fields that are another now; undefined where none is. */
function editFacts(before: object, after: object, facts: Facts): Facts | undefined {
  const old = new Map<string, unknown>(Object.entries(before));
  const now = new Map<string, unknown>(Object.entries(after));
  const fields = [...new Set([...old.keys(), ...now.keys()])].filter(
    (field) => JSON.stringify(old.get(field)) !== JSON.stringify(now.get(field)),
  );
  return fields.length > 0 ? { ...facts, fields: fields.join(', ') } : undefined;
}
