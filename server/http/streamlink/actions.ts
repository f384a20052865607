/** The vendor's eighteen actions, each in terms of what an operator can do and watch. */
import type { z } from 'zod';
import type { Flow, FlowState, WaitingFlow } from '../../../db/model.ts';
import { Refusal } from '../../refusal.ts';
import type { VendorDeps } from './deps.ts';
import { describeFlow, describeInput, describeOutput, type Described, isWhole } from './describe.ts';
import { toInputDraft, toInputEdit, toOutputDraft, toOutputEdit } from './drafts.ts';
import { type Action, formError, invalid, refusalError, VendorError } from './errors.ts';
import { type CreateInput, fields } from './fields.ts';
import { flowLogs } from './logs.ts';
import { flowStatistics, mediaStatistics, srtStatistics } from './statistics.ts';
import { realtimeStatus } from './status.ts';

/** What is asked, once it is known who asks. `region` is as the client named it. */
export interface Call {
  readonly action: Action;
  readonly region: string | undefined;
  readonly params: unknown;
}

/** What the answer says besides its RequestId. Rejects with a VendorError where it cannot be done. */
export async function act(call: Call, deps: VendorDeps): Promise<object> {
  try {
    return await runs[call.action](call, deps);
  } catch (error) {
    throw error instanceof Refusal ? refusalError(call.action, error) : error;
  }
}

type Run = (call: Call, deps: VendorDeps) => Promise<object>;

/** Checks the form of the parameters first. */
const run =
  <S extends z.ZodType>(schema: S, work: (params: z.output<S>, call: Call, deps: VendorDeps) => Promise<object>): Run =>
  async (call, deps) => {
    const result = schema.safeParse(call.params);
    if (!result.success) throw formError(call.action, result.error, call.params);
    return work(result.data, call, deps);
  };

const runs: Readonly<Record<Action, Run>> = {
  DescribeStreamLinkRegions: run(fields.DescribeStreamLinkRegions, async (_, __, { flows }) => ({
    Info: { Regions: flows.regions().map(({ id }) => ({ Name: id })) },
  })),

  CreateStreamLinkFlow: run(fields.CreateStreamLinkFlow, async (params, call, deps) => {
    const draft = { name: params.FlowName, regionId: regionOf(call, deps), maxBitrate: params.MaxBandwidth };
    const input = onlyInput(call.action, params.InputGroup ?? []);
    const made = input
      ? await deps.flows.create({ ...draft, input: toInputDraft(call.action, input) })
      : await deps.waiting.create(draft);
    return infoOf(made.id, deps);
  }),

  CreateStreamLinkInput: run(fields.CreateStreamLinkInput, async ({ FlowId, InputGroup }, { action }, deps) => {
    const input = onlyInput(action, InputGroup);
    // The list has one at the least.
    if (input) await deps.waiting.addInput(FlowId, toInputDraft(action, input));
    return infoOf(FlowId, deps);
  }),

  DescribeStreamLinkFlow: run(fields.DescribeStreamLinkFlow, ({ FlowId }, _, deps) => infoOf(FlowId, deps)),

  DescribeStreamLinkFlows: run(fields.DescribeStreamLinkFlows, async (params, _, deps) => {
    const { PageNum: page = 1, PageSize: size = 10 } = params;
    const all = [...(await deps.flows.list()), ...deps.waiting.list()].sort(byAge);
    const shown = all.slice((page - 1) * size, page * size);
    return {
      Infos: shown.map((flow) => describeFlow(described(flow, deps), deps)),
      PageNum: page,
      PageSize: size,
      TotalNum: all.length,
      TotalPage: Math.ceil(all.length / size),
    };
  }),

  ModifyStreamLinkFlow: run(fields.ModifyStreamLinkFlow, async ({ FlowId, FlowName }, _, { flows, waiting }) => {
    await (waiting.get(FlowId) ? waiting : flows).rename(FlowId, { name: FlowName });
    return {};
  }),

  DeleteStreamLinkFlow: run(fields.DeleteStreamLinkFlow, async ({ FlowId }, _, { flows, waiting }) => {
    await (waiting.get(FlowId) ? waiting : flows).delete(FlowId);
    return {};
  }),

  ModifyStreamLinkInput: run(fields.ModifyStreamLinkInput, async ({ FlowId, Input }, { action }, deps) => {
    const { input } = await wholeFlow(FlowId, deps);
    if (input.id !== Input.InputId)
      throw invalid(action, ['Id'], 'Input.InputId: this flow has no input with this id.');
    const flow = await deps.flows.editInput(FlowId, toInputEdit(action, input, Input));
    return { Info: describeInput(flow, deps) };
  }),

  CreateStreamLinkOutputInfo: run(fields.CreateStreamLinkOutputInfo, async ({ FlowId, Output }, { action }, deps) => {
    await wholeFlow(FlowId, deps);
    const output = await deps.flows.addOutput(FlowId, toOutputDraft(action, Output));
    return { Info: describeOutput(output, deps) };
  }),

  ModifyStreamLinkOutputInfo: run(fields.ModifyStreamLinkOutputInfo, async ({ FlowId, Output }, { action }, deps) => {
    const { outputs } = await wholeFlow(FlowId, deps);
    const kept = outputs.find(({ id }) => id === Output.OutputId);
    if (!kept) throw new Refusal('output-not-found');
    const output = await deps.flows.editOutput(FlowId, kept.id, toOutputEdit(action, kept, Output));
    return { Info: describeOutput(output, deps) };
  }),

  DeleteStreamLinkOutput: run(fields.DeleteStreamLinkOutput, async ({ FlowId, OutputId }, _, deps) => {
    await wholeFlow(FlowId, deps);
    await deps.flows.deleteOutput(FlowId, OutputId);
    return {};
  }),

  StartStreamLinkFlow: run(fields.StartStreamLinkFlow, async ({ FlowId }, { action }, deps) => {
    const { running } = await wholeFlow(FlowId, deps);
    // To other ways in that is no change; the vendor says so.
    if (running) throw invalid(action, ['State'], 'The flow runs already.');
    await deps.flows.start(FlowId);
    return {};
  }),

  StopStreamLinkFlow: run(fields.StopStreamLinkFlow, async ({ FlowId }, { action }, deps) => {
    const { running } = await wholeFlow(FlowId, deps);
    if (!running) throw invalid(action, ['State'], 'The flow does not run.');
    await deps.flows.stop(FlowId);
    return {};
  }),

  DescribeStreamLinkFlowRealtimeStatus: run(
    fields.DescribeStreamLinkFlowRealtimeStatus,
    async (asked, { action }, deps) => {
      const live = deps.monitor.live(await wholeFlow(asked.FlowId, deps));
      const Datas = await realtimeStatus(action, live, asked, deps);
      return { Timestamp: Math.floor(deps.now() / 1000), Datas };
    },
  ),

  DescribeStreamLinkFlowStatistics: run(fields.DescribeStreamLinkFlowStatistics, async (asked, { action }, deps) => {
    const flow = await wholeFlow(asked.FlowId, deps);
    return { Infos: await flowStatistics({ flow, asked, action }, deps) };
  }),

  DescribeStreamLinkFlowMediaStatistics: run(
    fields.DescribeStreamLinkFlowMediaStatistics,
    async (asked, { action }, deps) => {
      const flow = await wholeFlow(asked.FlowId, deps);
      return { Infos: await mediaStatistics({ flow, asked, action }, deps) };
    },
  ),

  DescribeStreamLinkFlowSRTStatistics: run(
    fields.DescribeStreamLinkFlowSRTStatistics,
    async (asked, { action }, deps) => {
      const flow = await wholeFlow(asked.FlowId, deps);
      return { Infos: await srtStatistics({ flow, asked, action }, deps) };
    },
  ),

  DescribeStreamLinkFlowLogs: run(fields.DescribeStreamLinkFlowLogs, async (asked, _, deps) =>
    flowLogs(await wholeFlow(asked.FlowId, deps), asked, deps),
  ),
};

/** Rejects with a Refusal where the flow waits for its input: whatever it has to do with comes later. */
async function wholeFlow(flowId: string, { flows, waiting }: VendorDeps): Promise<Flow> {
  if (waiting.get(flowId)) throw new Refusal('no-input');
  return flows.get(flowId);
}

async function infoOf(flowId: string, deps: VendorDeps): Promise<object> {
  const flow = deps.waiting.get(flowId) ?? (await deps.flows.get(flowId));
  return { Info: describeFlow(described(flow, deps), deps) };
}

function described(flow: Flow | WaitingFlow, { monitor }: VendorDeps): Described {
  const state: FlowState = isWhole(flow) ? monitor.live(flow).state : 'idle';
  return { flow, state };
}

/** The vendor's clients name regions of the vendor's own: what is none of ours is the first of ours. */
function regionOf({ region }: Call, { flows }: VendorDeps): string {
  const regions = flows.regions();
  const id = (regions.find((one) => one.id === region) ?? regions[0])?.id;
  if (id === undefined) throw new VendorError('InternalError', 'This server has no regions.');
  return id;
}

function onlyInput(action: Action, group: readonly CreateInput[]): CreateInput | undefined {
  if (group.length > 1) throw invalid(action, ['ExceededQuantityLimit'], 'InputGroup: a flow has one input.');
  return group[0];
}

const byAge = (a: WaitingFlow, b: WaitingFlow): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
