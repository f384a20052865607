/** Flows of any protocol in a running house: made, started, and looked at as an operator would. */
import type { PushTarget, WayIn } from './encoders.ts';
import type { FlowView, House } from './house.ts';
import type { Destination } from './receivers.ts';
import { until } from './until.ts';

export interface OutputWish {
  readonly name: string;
  readonly protocol: WayIn;
  readonly destination: Destination;
  readonly backup?: Destination;
}

export interface FlowWish {
  readonly name: string;
  readonly protocol: WayIn;
  readonly outputs: readonly OutputWish[];
  readonly maxBitrate?: number;
  /** More fields of the input. */
  readonly input?: object;
}

/** Creates the flow and starts it. */
export async function startFlowOf(house: House, wish: FlowWish): Promise<FlowView> {
  const { name, protocol, outputs, maxBitrate = 10_000_000, input } = wish;
  const draft = { name, regionId: 'europe', maxBitrate, input: { name, protocol, ...input } };
  const { id } = await house.created('/flows', draft);
  for (const { destination, backup, ...output } of outputs) {
    const destinations = { primary: destination, ...(backup && { backup }) };
    await house.created(`/flows/${id}/outputs`, { ...output, regionId: 'europe', destinations });
  }
  const { status, body } = await house.api('POST', `/flows/${id}/start`);
  if (status !== 200) throw new Error(`start: ${status} ${JSON.stringify(body)}`);
  return house.flow(id);
}

/** Where an encoder pushes to, as the console shows it. */
export function pushTarget({ input }: FlowView, pipeline: 'primary' | 'backup' = 'primary'): PushTarget {
  const address = input.addresses[pipeline];
  const key = input.protocol === 'rtmp' ? input.streamKeys[pipeline] : undefined;
  return { protocol: input.protocol, url: key === undefined ? address : `${address}/${key}` };
}

const reached: ReadonlySet<string | undefined> = new Set(['no-input', 'flowing', 'unacknowledged']);

/** Every output's primary pipeline has called its destination and been let in. */
export const untilReached = (house: House, flowId: string): Promise<FlowView> =>
  until(`the outputs of ${flowId} have reached their peers`, async () => {
    const flow = await house.flow(flowId);
    return flow.outputs.every(({ status }) => reached.has(status.primary.condition)) && flow;
  });

export interface EventView {
  readonly at: number;
  /** Absent where it is about the flow as a whole. */
  readonly pipeline?: string;
  readonly endpoint: string;
  readonly name: string;
  readonly code: string;
  readonly peer?: { readonly address: string; readonly port: number };
  readonly count: number;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** What stands in the flow's log, newest first. */
export async function eventsOf(house: House, flowId: string): Promise<readonly EventView[]> {
  const { body } = await house.api('GET', `/flows/${flowId}/events`);
  return isEventList(body) ? body.events : [];
}

const isEventList = (body: unknown): body is { events: EventView[] } =>
  typeof body === 'object' && body !== null && 'events' in body && Array.isArray(body.events);
