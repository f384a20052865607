/** The JSON API over flows in memory, called without a port. */
import type { z } from '@hono/zod-openapi';
import type { Flow, FlowState } from '../../db/model.ts';
import type { EndpointStatus, MediaEvent } from '../../relay/contract/messages.ts';
import { emptyHealth } from './empty-health.ts';
import { emptyWatch } from './empty-watch.ts';
import { createFlows } from '../../server/flows.ts';
import { createRest } from '../../server/http/rest.ts';
import type { flowSchema, outputSchema, problemSchema } from '../../server/http/shapes.ts';
import { Refusal } from '../../server/refusal.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { regions } from './samples.ts';

export type FlowView = z.infer<typeof flowSchema>;
export type OutputView = z.infer<typeof outputSchema>;
export type Problem = z.infer<typeof problemSchema>;

export interface RestAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly text: string;
}

export interface RestHouse {
  readonly store: MemoryStore;
  readonly complaints: string[];
  readonly endpoints: EndpointStatus[];
  /** Newest first. */
  readonly events: MediaEvent[];
  /** What each flow's state is, instead of following the wish at once. */
  state: FlowState | undefined;
  publicHost: string;
  /** With a valid API key; `body` is sent as JSON. */
  call(method: string, path: string, body?: unknown): Promise<RestAnswer>;
  /** As it is. */
  send(path: string, init: RequestInit): Promise<RestAnswer>;
}

const KEY = { id: 'test-key-id', secret: 'test-key-secret' };

export function createRestHouse({
  ports = 1000,
  publicHost = 'relay.example.net',
  findPorts = portsFrom(ports),
} = {}): RestHouse {
  const store = createMemoryStore();
  const complaints: string[] = [];
  const endpoints: EndpointStatus[] = [];
  const events: MediaEvent[] = [];
  const stateOf = (flow: Flow): FlowState => house.state ?? (flow.running ? 'running' : 'idle');
  const app = createRest({
    flows: createFlows({
      store,
      regions,
      bandwidths: [10_000_000, 20_000_000],
      publicHost,
      findPorts,
      ensureRtmpPorts: async () => undefined,
      stateOf,
      settle: async () => undefined,
      now: () => 1_700_000_000_000,
    }),
    monitor: {
      live: (flow) => ({
        flow,
        state: stateOf(flow),
        endpoints: endpoints.filter(({ flowId }) => flowId === flow.id),
        relayLost: false,
      }),
      events: (flowId) => events.filter((event) => event.flowId === flowId),
      subscribe: () => () => {},
    },
    health: emptyHealth,
    ...emptyWatch,
    apiKeys: { count: 1, isValid: (id, secret) => id === KEY.id && secret === KEY.secret, add: async () => undefined },
    publicHost,
    rtmpPort: (relayId) => (relayId.endsWith('-1') ? 1935 : 1936),
    version: '1.2.3',
    complain: (what, detail) => complaints.push(`${what} ${JSON.stringify(detail)}`),
  });
  const send: RestHouse['send'] = async (path, init) => {
    const response = await app.request(path, init);
    const { status, headers } = response;
    return { status, type: headers.get('content-type'), headers, text: await response.text() };
  };
  const house: RestHouse = {
    store,
    complaints,
    endpoints,
    events,
    state: undefined,
    publicHost,
    send,
    call: (method, path, body) =>
      send(path, {
        method,
        headers: {
          authorization: basic(KEY.id, KEY.secret),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
  return house;
}

export const basic = (id: string, secret: string): string => `Basic ${btoa(`${id}:${secret}`)}`;

/** Ports from 20000 on, until so many are given; then none. */
function portsFrom(count: number): (count: number) => Promise<number[]> {
  let given = 0;
  return async (wanted) => {
    if (given + wanted > count) throw new Refusal('ports-exhausted');
    return Array.from({ length: wanted }, () => 20_000 + given++);
  };
}
