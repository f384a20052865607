/** What an operator can DO. All ways in call these; every rule that forbids one is in rules.ts. */
import { randomBytes } from 'node:crypto';
import type { EncryptionSetting, Flow, FlowState, Hop, Input, Output, Region } from '../db/model.ts';
import { pipelines } from '../relay/contract/settings.ts';
import type { FlowDraft, FlowEdit, InputEdit, OutputDraft, OutputEdit } from './drafts.ts';
import { regionsBeyond } from './placement.ts';
import { Refusal, refuseField } from './refusal.ts';
import * as rules from './rules.ts';

/** Each promise rejects with a Refusal where the rules say no; nothing is changed then. */
export interface Flows {
  regions(): readonly Region[];
  /** The maximum bandwidths on offer, in bit/s, ascending. */
  bandwidths(): readonly number[];
  list(): Promise<readonly Flow[]>;
  get(flowId: string): Promise<Flow>;
  create(draft: FlowDraft): Promise<Flow>;
  rename(flowId: string, edit: FlowEdit): Promise<Flow>;
  editInput(flowId: string, edit: InputEdit): Promise<Flow>;
  addOutput(flowId: string, draft: OutputDraft): Promise<Output>;
  editOutput(flowId: string, outputId: string, edit: OutputEdit): Promise<Output>;
  deleteOutput(flowId: string, outputId: string): Promise<void>;
  start(flowId: string): Promise<Flow>;
  stop(flowId: string): Promise<Flow>;
  delete(flowId: string): Promise<void>;
}

/** All flows in memory, as they are in the database. What is saved is on disk before it is seen. */
export interface FlowStore {
  all(): readonly Flow[];
  get(flowId: string): Flow | undefined;
  save(flow: Flow): Promise<void>;
  remove(flowId: string): Promise<void>;
}

export interface FlowsDeps {
  readonly store: FlowStore;
  readonly regions: readonly Region[];
  readonly bandwidths: readonly number[];
  readonly publicHost: string;
  readonly findPorts: (count: number) => Promise<number[]>;
  readonly stateOf: (flow: Flow) => FlowState;
  /** Makes relays hear of a change; resolves when the flow's state is settled, or after a bounded wait. */
  readonly settle: (flowId: string) => Promise<void>;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Changes happen one after the other, each wholly: two operators cannot interleave within a rule and its act. */
export function createFlows(deps: FlowsDeps): Flows {
  const { store } = deps;
  const inTurn = createTurns();
  const book: rules.RuleBook = {
    ...deps,
    isOurPort: (port) => store.all().some((flow) => portsOf(flow).includes(port)),
  };

  const need = (flowId: string): Flow => {
    const flow = store.get(flowId);
    if (!flow) throw new Refusal('flow-not-found');
    return flow;
  };
  const needOutput = (flow: Flow, outputId: string): Output => {
    const output = flow.outputs.find(({ id }) => id === outputId);
    if (!output) throw new Refusal('output-not-found');
    return output;
  };
  /** Saves what `change` makes of the flow under a new revision, lets relays hear of it, and returns it. The flow itself: no change. */
  const update = async (
    flowId: string,
    change: (flow: Flow, state: FlowState) => Flow | Promise<Flow>,
  ): Promise<Flow> => {
    const saved = await inTurn(async () => {
      const flow = need(flowId);
      const changed = await change(flow, deps.stateOf(flow));
      if (changed === flow) return flow;
      const next = { ...changed, revision: flow.revision + 1 };
      await store.save(next);
      return next;
    });
    await deps.settle(flowId);
    return saved;
  };
  const setOutputs = async (flow: Flow, outputs: readonly Output[]): Promise<Flow> => {
    const next = { ...flow, outputs };
    return { ...next, hops: await hopsFor(next, deps.findPorts) };
  };

  return {
    regions: () => deps.regions,
    bandwidths: () => deps.bandwidths,
    list: async () => store.all(),
    get: async (flowId) => need(flowId),

    create: (draft) =>
      inTurn(async () => {
        rules.checkNewFlow(book, draft);
        const [primary = 0, backup = 0] = await deps.findPorts(2);
        const flow = newFlow(draft, { primary, backup }, deps.now());
        await store.save(flow);
        return flow;
      }),

    rename: (flowId, { name }) => update(flowId, (flow) => ({ ...flow, name })),

    editInput: (flowId, edit) =>
      update(flowId, (flow, state) => {
        rules.checkInputEdit(flow, state, edit);
        return { ...flow, input: editedInput(flow.input, edit) };
      }),

    addOutput: async (flowId, draft) => {
      const output: Output = { ...draft, id: newId() };
      await update(flowId, (flow, state) => {
        rules.checkNewOutput(book, flow, state, draft);
        return setOutputs(flow, [...flow.outputs, output]);
      });
      return output;
    },

    editOutput: async (flowId, outputId, edit) => {
      const flow = await update(flowId, (flow, state) => {
        const output = needOutput(flow, outputId);
        rules.checkOutputEdit(book, flow, state, output, edit);
        const edited = editedOutput(output, edit);
        return setOutputs(
          flow,
          flow.outputs.map((other) => (other.id === outputId ? edited : other)),
        );
      });
      return needOutput(flow, outputId);
    },

    deleteOutput: async (flowId, outputId) => {
      await update(flowId, (flow, state) => {
        needOutput(flow, outputId);
        rules.checkOutputsOpen(state);
        return setOutputs(
          flow,
          flow.outputs.filter(({ id }) => id !== outputId),
        );
      });
    },

    start: (flowId) =>
      update(flowId, (flow) => {
        rules.checkStart(flow);
        return flow.running ? flow : { ...flow, running: true };
      }),

    stop: (flowId) => update(flowId, (flow) => (flow.running ? { ...flow, running: false } : flow)),

    delete: (flowId) =>
      inTurn(async () => {
        rules.checkDelete(deps.stateOf(need(flowId)));
        await store.remove(flowId);
      }),
  };
}

/** Every UDP port that a flow holds. */
export const portsOf = (flow: Flow): number[] => [
  ...Object.values(flow.input.ports),
  ...flow.hops.map(({ port }) => port),
];

/** 28 hexadecimal characters, the first eleven of them the time, so that ids sort by age. */
export const newId = (): string =>
  Date.now().toString(16).padStart(11, '0') + randomBytes(9).toString('hex').slice(0, 17);

function newFlow(draft: FlowDraft, ports: Input['ports'], createdAt: number): Flow {
  const { name, regionId, maxBitrate, input } = draft;
  const kept = { id: newId(), name, regionId, maxBitrate, running: false, revision: 1, createdAt };
  return { ...kept, input: { ...input, id: newId(), ports }, outputs: [], hops: [] };
}

function editedInput(input: Input, edit: InputEdit): Input {
  const { encryption, ...fields } = edit;
  return withEncryption({ ...input, ...fields }, input.encryption, encryption);
}

function editedOutput(output: Output, edit: OutputEdit): Output {
  const { encryption, ...fields } = edit;
  return withEncryption({ ...output, ...fields }, output.encryption, encryption);
}

/** null turns encryption off; without a passphrase the kept one stays; turning it on needs one. */
function withEncryption<End extends Input | Output>(
  end: End,
  kept: EncryptionSetting | undefined,
  edit: InputEdit['encryption'],
): End {
  if (edit === undefined) return end;
  if (edit === null) return { ...end, encryption: undefined };
  const passphrase = edit.passphrase ?? kept?.passphrase;
  if (passphrase === undefined) throw refuseField('passphrase-needed', 'encryption.passphrase');
  return { ...end, encryption: { keyLength: edit.keyLength, passphrase } };
}

/** The hops that `flow` needs: a port once given is kept while its region has an output on its pipeline. */
async function hopsFor(flow: Flow, findPorts: FlowsDeps['findPorts']): Promise<readonly Hop[]> {
  const wanted = pipelines.flatMap((pipeline) =>
    regionsBeyond(flow, pipeline).map((regionId) => ({ regionId, pipeline })),
  );
  const kept = wanted.flatMap(
    ({ regionId, pipeline }) => flow.hops.find((hop) => hop.regionId === regionId && hop.pipeline === pipeline) ?? [],
  );
  const missing = wanted.filter(
    ({ regionId, pipeline }) => !kept.some((hop) => hop.regionId === regionId && hop.pipeline === pipeline),
  );
  const ports = missing.length > 0 ? await findPorts(missing.length) : [];
  return [...kept, ...missing.map((hop, index) => ({ ...hop, port: ports[index] ?? 0 }))];
}

function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = tail.then(work);
    // The caller hears of a failure; the next in turn does not.
    tail = run.catch(() => undefined);
    return run;
  };
}
