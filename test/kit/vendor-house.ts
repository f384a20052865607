/** The vendor's door over flows in memory, called without a port. */
import { logSentence } from '../../web/views/words-events.ts';
import { z } from 'zod';
import type { LogEvent } from '../../db/history-model.ts';
import type { Flow, FlowState, WaitingFlow } from '../../db/model.ts';
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import { createFlows, type Flows } from '../../server/flows.ts';
import type { HealthDesk } from '../../server/health.ts';
import { createVendorDoor } from '../../server/http/streamlink/door.ts';
import type { LogDesk } from '../../server/log-desk.ts';
import { checkRange } from '../../server/rules.ts';
import type { TrackKind } from '../../server/track-kinds.ts';
import { createWaitingFlows, type WaitingStore } from '../../server/waiting-flows.ts';
import { emptyHealth } from './empty-health.ts';
import { memoryLog } from './memory-log.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { regions } from './samples.ts';
import { signed, type Signer, type Way, type Wire } from './vendor-signing.ts';

export const NOW = Date.UTC(2026, 10, 24, 12);
const ENDPOINT = '127.0.0.1:8080';
export const signer: Signer = { id: 'test-key-id', secret: 'test-key-secret', at: NOW / 1000, endpoint: ENDPOINT };

const answerSchema = z.object({
  Response: z.looseObject({
    RequestId: z.string(),
    Error: z.object({ Code: z.string(), Message: z.string() }).optional(),
  }),
});

export interface VendorAnswer {
  readonly status: number;
  /** `done`, or the code of the error. */
  readonly code: string;
  readonly message: string;
  readonly response: Readonly<Record<string, unknown>>;
}

export interface VendorHouse {
  readonly store: MemoryStore;
  readonly flows: Flows;
  readonly complaints: string[];
  readonly endpoints: EndpointStatus[];
  readonly events: LogEvent[];
  /** By track. */
  readonly kinds: Map<string, TrackKind>;
  health: HealthDesk;
  log: LogDesk;
  /** Epoch ms. */
  now: number;
  /** What each flow's state is, instead of following the wish at once. */
  state: FlowState | undefined;
  call(action: string, params?: object, way?: Way): Promise<VendorAnswer>;
  send(wire: Wire): Promise<VendorAnswer>;
  /** Whatever comes back; undefined where it was left to the doors behind. */
  fetch(request: Request): Promise<Response | undefined>;
}

export function createVendorHouse(): VendorHouse {
  const store = createMemoryStore();
  const complaints: string[] = [];
  const endpoints: EndpointStatus[] = [];
  const events: LogEvent[] = [];
  const kinds = new Map<string, TrackKind>();
  const stateOf = (flow: Flow): FlowState => house.state ?? (flow.running ? 'running' : 'idle');
  const bandwidths = [10_000_000, 20_000_000, 50_000_000];
  let port = 20_000;
  let age = 0;
  const ground = { regions, bandwidths, now: () => NOW + age++ };
  const flows = createFlows({
    ...ground,
    store,
    publicHost: 'relay.example.net',
    findPorts: async (count) => Array.from({ length: count }, () => port++),
    ensureRtmpPorts: async () => undefined,
    stateOf,
    settle: async () => undefined,
  });
  const app = createVendorDoor({
    flows,
    waiting: createWaitingFlows({ ...ground, flows, store: memoryWaiting(), say: () => undefined }),
    monitor: {
      live: (flow) => ({ flow, state: stateOf(flow), endpoints, relayLost: false }),
      subscribe: () => () => undefined,
    },
    get health() {
      return house.health;
    },
    get log() {
      return house.log;
    },
    sentenceOf: logSentence,
    trackKinds: { note: () => undefined, of: (_, track) => kinds.get(track) },
    apiKeys: { secretOf: (id) => (id === signer.id ? signer.secret : undefined) },
    publicHost: 'relay.example.net',
    rtmpPort: (relayId) => (relayId.endsWith('-1') ? 1935 : 1936),
    complain: (what, detail) => complaints.push(`${what} ${JSON.stringify(detail)}`),
    now: () => house.now,
  });
  app.all('*', (c) => c.text('not the vendor’s', 404));
  const house: VendorHouse = {
    store,
    flows,
    complaints,
    endpoints,
    events,
    kinds,
    health: { ...emptyHealth, read: async (asked) => emptyHealth.read(inRange(asked)) },
    log: { ...memoryLog(events), count: async (asked) => memoryLog(events).count(inRange(asked)) },
    now: NOW,
    state: undefined,
    call: (action, params = {}, way = 'tc3') =>
      house.send(signed(way, action, params, { ...signer, at: Math.floor(house.now / 1000) })),
    send: async ({ url, ...init }) => {
      const response = await app.fetch(new Request(url, init));
      const body = answerSchema.parse(await response.json()).Response;
      const { Code: code = 'done', Message: message = '' } = body.Error ?? {};
      return { status: response.status, code, message, response: body };
    },
    fetch: async (request) => {
      const response = await app.fetch(request);
      return response.status === 404 ? undefined : response;
    },
  };
  return house;
}

/** Nothing is kept, but the rule of ranges is the real one. */
function inRange<Asked extends { readonly from: number; readonly to: number }>(asked: Asked): Asked {
  checkRange(asked, NOW, 7);
  return asked;
}

export function memoryWaiting(): WaitingStore {
  const kept = new Map<string, WaitingFlow>();
  return {
    all: () => [...kept.values()],
    get: (flowId) => kept.get(flowId),
    save: async (flow) => void kept.set(flow.id, flow),
    remove: async (flowId) => void kept.delete(flowId),
    forget: (flowId) => void kept.delete(flowId),
  };
}

export const srtInput = (more: object = {}) => ({ InputName: 'Camera_1', Protocol: 'SRT', ...more });
export const srtOutput = (more: object = {}) => ({
  OutputName: 'Studio',
  Description: '',
  Protocol: 'SRT',
  OutputRegion: 'asia',
  SRTSettings: { Destinations: [{ Ip: '198.51.100.1', Port: 9000 }] },
  ...more,
});

const infoSchema = z.object({ Info: z.looseObject({ FlowId: z.string() }) });
const withInput = z.object({ InputGroup: z.tuple([z.looseObject({ InputId: z.string() })]) });
const outputInfo = z.object({ Info: z.looseObject({ OutputId: z.string() }) });

/** A flow with an input, and the output that is asked for. */
export async function madeFlow(
  house: VendorHouse,
  { input = srtInput(), output }: { readonly input?: object; readonly output?: object } = {},
): Promise<{ readonly FlowId: string; readonly InputId: string; readonly OutputId: string }> {
  const params = { FlowName: 'News', MaxBandwidth: 10_000_000, InputGroup: [input] };
  const { Info } = infoSchema.parse((await house.call('CreateStreamLinkFlow', params)).response);
  const { FlowId } = Info;
  const [{ InputId }] = withInput.parse(Info).InputGroup;
  if (!output) return { FlowId, InputId, OutputId: '' };
  const made = await house.call('CreateStreamLinkOutputInfo', { FlowId, Output: output });
  return { FlowId, InputId, OutputId: outputInfo.parse(made.response).Info.OutputId };
}
