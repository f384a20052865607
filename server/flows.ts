/** What an operator can DO. All ways in call these; every rule that forbids one is in rules.ts. */
import { randomBytes } from 'node:crypto';
import type { Flow, FlowState, Hop, Input, Output, Region } from '../db/model.ts';
import { type Pipeline, pipelines } from '../relay/contract/settings.ts';
import { copyOf, type FlowCopy, freeName } from './copies.ts';
import type { FlowDraft, FlowEdit, InputEdit, OutputDraft, OutputEdit } from './drafts.ts';
import { editedInput, editedOutput, newInput, newOutput } from './edits.ts';
import { hopsNeeded, relayOf, rtmpApp } from './placement.ts';
import { Refusal, within } from './refusal.ts';
import * as rules from './rules.ts';
import type { Expected } from './rules.ts';

/** By which way in it was done, and of the JSON API with which key (its id). `server`: by nobody, as the demo. */
export interface Actor {
  readonly way: 'console' | 'api' | 'server';
  readonly key?: string;
}

/** Each promise rejects with a Refusal where the rules say no, or `expected` is not what is there; nothing is changed then. */
export interface Flows {
  /** Whether it might be done now, without doing it: each rejects with the Refusal that doing it would meet. */
  readonly check: FlowChecks;
  /** The same, done in somebody's name: the log tells by whom. */
  by(actor: Actor): Flows;
  regions(): readonly Region[];
  /** The maximum bandwidths on offer, in bit/s, ascending. */
  bandwidths(): readonly number[];
  list(): Promise<readonly Flow[]>;
  get(flowId: string): Promise<Flow>;
  /** `birth` is given where the flow is known already, and was waiting for its input. */
  create(draft: FlowDraft, birth?: Birth): Promise<Flow>;
  /** Makes a flow with its outputs, all of it or nothing. */
  add(copy: FlowCopy): Promise<Flow>;
  /** Rejects as `add` would, but for want of ports or disk; makes nothing. */
  checkAdd(copy: FlowCopy): Promise<void>;
  /** Another flow with the same settings and secrets, idle, on ports of its own. Without a name it gets a free one. */
  duplicate(flowId: string, name?: string): Promise<Flow>;
  rename(flowId: string, edit: FlowEdit, expected?: Expected): Promise<Flow>;
  editInput(flowId: string, edit: InputEdit, expected?: Expected): Promise<Flow>;
  addOutput(flowId: string, draft: OutputDraft, expected?: Expected): Promise<Output>;
  editOutput(flowId: string, outputId: string, edit: OutputEdit, expected?: Expected): Promise<Output>;
  deleteOutput(flowId: string, outputId: string, expected?: Expected): Promise<void>;
  /** With failover: feeds the outputs from this input now, and prefers it from now on. */
  switchTo(flowId: string, to: Pipeline, expected?: Expected): Promise<Flow>;
  start(flowId: string, expected?: Expected): Promise<Flow>;
  stop(flowId: string, expected?: Expected): Promise<Flow>;
  delete(flowId: string, expected?: Expected): Promise<void>;
}

export interface FlowChecks {
  create(draft: FlowDraft): Promise<void>;
  editInput(flowId: string, edit: InputEdit): Promise<void>;
  addOutput(flowId: string, draft: OutputDraft): Promise<void>;
  editOutput(flowId: string, outputId: string, edit: OutputEdit): Promise<void>;
}

/** By what a flow is known from its first day on. */
export type Birth = Pick<Flow, 'id' | 'createdAt'>;

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
  /** The wished ones where all of them are free and ours to give, else others. */
  readonly findPorts: (count: number, wished?: readonly number[]) => Promise<number[]>;
  /** Gives an RTMP port to each relay that has none. */
  readonly ensureRtmpPorts: (relayIds: readonly string[]) => Promise<void>;
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
    isOurApp: (app) => store.all().some(({ id, input }) => input.protocol === 'rtmp' && rtmpApp(id) === app),
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
  /** Saves a flow with all the ports that it needs. */
  const save = async (flow: Flow): Promise<Flow> => {
    if (flow.input.protocol === 'rtmp')
      await deps.ensureRtmpPorts(pipelines.map((pipeline) => relayOf(flow.regionId, pipeline)));
    const whole = await withHops(flow, deps.findPorts);
    await store.save(whole);
    return whole;
  };
  /** The flow that a copy makes, by the rules that stand before each of its parts. */
  const whole = ({ draft, outputs, streamKeys }: FlowCopy, ports: Input['ports']): Flow => {
    rules.checkNewFlow(book, draft);
    let flow = newFlow(draft, ports, { id: newId(), createdAt: deps.now() });
    if (streamKeys && flow.input.protocol === 'rtmp') flow = { ...flow, input: { ...flow.input, streamKeys } };
    for (const [index, outputDraft] of outputs.entries()) {
      const output = newOutput(outputDraft, newId());
      within(`outputs.${index}`, () => rules.checkNewOutput(book, flow, 'idle', output));
      flow = { ...flow, outputs: [...flow.outputs, output] };
    }
    return flow;
  };
  const add = async (copy: FlowCopy): Promise<Flow> => {
    // Refused before any port is taken.
    whole(copy, noPorts);
    const wished = copy.ports && [copy.ports.primary, copy.ports.backup];
    const [primary = 0, backup = 0] = await deps.findPorts(2, wished);
    return save(whole(copy, { primary, backup }));
  };
  /** Saves what `change` makes of the flow under a new revision, lets relays hear of it, and returns it. The flow itself: no change. */
  const update = async (
    flowId: string,
    expected: Expected,
    change: (flow: Flow, state: FlowState) => Flow | Promise<Flow>,
  ): Promise<Flow> => {
    const saved = await inTurn(async () => {
      const flow = need(flowId);
      rules.checkRevision(flow, expected);
      const changed = await change(flow, deps.stateOf(flow));
      if (changed === flow) return flow;
      return save({ ...changed, revision: flow.revision + 1 });
    });
    await deps.settle(flowId);
    return saved;
  };
  const edited = {
    input: (flow: Flow, state: FlowState, edit: InputEdit): Input => {
      const input = editedInput(flow.input, edit);
      rules.checkInputEdit(flow, state, input);
      return input;
    },
    output: (flow: Flow, state: FlowState, { outputId, edit }: { outputId: string; edit: OutputEdit }): Output => {
      const output = needOutput(flow, outputId);
      rules.checkOutputEdit(state, output, edit);
      const changed = editedOutput(output, edit);
      rules.checkDestinations(book, flow, changed);
      return changed;
    },
  };
  const look = (flowId: string): [Flow, FlowState] => {
    const flow = need(flowId);
    return [flow, deps.stateOf(flow)];
  };
  const check: FlowChecks = {
    create: async (draft) => rules.checkNewFlow(book, draft),
    editInput: async (flowId, edit) => void edited.input(...look(flowId), edit),
    addOutput: async (flowId, draft) => rules.checkNewOutput(book, ...look(flowId), newOutput(draft, newId())),
    editOutput: async (flowId, outputId, edit) => void edited.output(...look(flowId), { outputId, edit }),
  };
  return {
    check,
    /** The rules are the same for all; who did it is told elsewhere. */
    by() {
      return this;
    },
    regions: () => deps.regions,
    bandwidths: () => deps.bandwidths,
    list: async () => store.all(),
    get: async (flowId) => need(flowId),

    create: (draft, birth = { id: newId(), createdAt: deps.now() }) =>
      inTurn(async () => {
        rules.checkNewFlow(book, draft);
        const [primary = 0, backup = 0] = await deps.findPorts(2);
        return save(newFlow(draft, { primary, backup }, birth));
      }),

    add: (copy) => inTurn(() => add(copy)),
    checkAdd: async (copy) => void whole(copy, noPorts),
    duplicate: (flowId, name) =>
      inTurn(async () => {
        const copy = copyOf(need(flowId));
        const free = freeName(copy.draft.name, new Set(store.all().map((flow) => flow.name)));
        return add({ ...copy, draft: { ...copy.draft, name: name ?? free } });
      }),

    rename: (flowId, { name }, expected = {}) => update(flowId, expected, (flow) => ({ ...flow, name })),

    editInput: (flowId, edit, expected = {}) =>
      update(flowId, expected, (flow, state) => ({ ...flow, input: edited.input(flow, state, edit) })),

    addOutput: async (flowId, draft, expected = {}) => {
      const output = newOutput(draft, newId());
      await update(flowId, expected, (flow, state) => {
        rules.checkNewOutput(book, flow, state, output);
        return { ...flow, outputs: [...flow.outputs, output] };
      });
      return output;
    },

    editOutput: async (flowId, outputId, edit, expected = {}) => {
      const flow = await update(flowId, expected, (flow, state) => {
        const output = edited.output(flow, state, { outputId, edit });
        return { ...flow, outputs: flow.outputs.map((other) => (other.id === outputId ? output : other)) };
      });
      return needOutput(flow, outputId);
    },

    deleteOutput: async (flowId, outputId, expected = {}) => {
      await update(flowId, expected, (flow, state) => {
        needOutput(flow, outputId);
        rules.checkOutputsOpen(state);
        return { ...flow, outputs: flow.outputs.filter(({ id }) => id !== outputId) };
      });
    },

    switchTo: (flowId, to, expected = {}) =>
      update(flowId, expected, (flow, state) => {
        const failover = rules.checkSwitch(flow, state);
        const ordered = { ...failover, preferred: to, order: failover.order + 1 };
        return { ...flow, input: { ...flow.input, failover: ordered } };
      }),

    start: (flowId, expected = {}) =>
      update(flowId, expected, (flow) => {
        rules.checkStart(flow);
        return flow.running ? flow : { ...flow, running: true };
      }),

    stop: (flowId, expected = {}) =>
      update(flowId, expected, (flow) => (flow.running ? { ...flow, running: false } : flow)),

    delete: (flowId, expected = {}) =>
      inTurn(async () => {
        const flow = need(flowId);
        rules.checkRevision(flow, expected);
        rules.checkDelete(deps.stateOf(flow));
        await store.remove(flowId);
      }),
  };
}

const noPorts: Input['ports'] = { primary: 0, backup: 0 };

/** Every UDP port that a flow holds. */
export const portsOf = (flow: Flow): number[] => [
  ...Object.values(flow.input.ports),
  ...flow.hops.map(({ port }) => port),
];

/** 28 hexadecimal characters, the first eleven of them the time, so that ids sort by age. */
export const newId = (): string =>
  Date.now().toString(16).padStart(11, '0') + randomBytes(9).toString('hex').slice(0, 17);

function newFlow(draft: FlowDraft, ports: Input['ports'], birth: Birth): Flow {
  const { name, regionId, maxBitrate } = draft;
  const input = newInput(draft.input, { id: newId(), ports });
  return {
    ...birth,
    name,
    regionId,
    maxBitrate,
    running: false,
    revision: 1,
    input,
    outputs: [],
    hops: [],
  };
}

/** With its hops: a port once given is kept while what it is for is there. */
async function withHops(flow: Flow, findPorts: FlowsDeps['findPorts']): Promise<Flow> {
  const wanted = hopsNeeded(flow);
  const kept = wanted.flatMap((need) => flow.hops.find((hop) => isSameHop(hop, need)) ?? []);
  const missing = wanted.filter((need) => !kept.some((hop) => isSameHop(hop, need)));
  if (missing.length === 0) return { ...flow, hops: kept };
  const ports = await findPorts(missing.length);
  return { ...flow, hops: [...kept, ...missing.map((hop, index) => ({ ...hop, port: ports[index] ?? 0 }))] };
}

const isSameHop = (a: Omit<Hop, 'port'>, b: Omit<Hop, 'port'>): boolean =>
  a.use === b.use && a.regionId === b.regionId && a.pipeline === b.pipeline;

/** Work is done one after the other, whoever asks. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = tail.then(work);
    // The caller hears of a failure; the next in turn does not.
    tail = run.catch(() => undefined);
    return run;
  };
}
