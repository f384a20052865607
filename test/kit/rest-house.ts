/** The JSON API over flows in memory, called without a port. */
import type { z } from '@hono/zod-openapi';
import type { Flow, FlowState, LogEvent } from '../../db/model.ts';
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import { type ApiKeys, newKey } from '../../server/api-keys.ts';
import type { RelayView } from '../../server/relay-view.ts';
import { emptyWatch } from './empty-watch.ts';
import { createFlows } from '../../server/flows.ts';
import { createRest } from '../../server/http/rest.ts';
import type { flowSchema, outputSchema, problemSchema } from '../../server/http/shapes.ts';
import type { RestAlarmsDeps } from '../../server/http/rest-alarms.ts';
import type { HealthDesk } from '../../server/health.ts';
import type { LogDesk } from '../../server/log-desk.ts';
import { Refusal } from '../../server/refusal.ts';
import { logSentence } from '../../web/views/words-events.ts';
import { emptyHealth } from './empty-health.ts';
import { memoryIdempotency } from './memory-idempotency.ts';
import { memoryLog } from './memory-log.ts';
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
  /** What stands in the log. */
  readonly events: LogEvent[];
  /** What each flow's state is, instead of following the wish at once. */
  state: FlowState | undefined;
  publicHost: string;
  /** With a valid API key; `body` is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<RestAnswer>;
  readonly relays: RelayView[];
  readonly keys: ApiKeys;
  readonly log: LogDesk;
  /** With a valid API key; the answer as it comes. */
  open(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** For a server with a port. */
  fetch(request: Request): Response | Promise<Response>;
  /** As when the server ends. */
  close(): void;
  /** As it is. */
  send(path: string, init: RequestInit): Promise<RestAnswer>;
}

/** Of every house. */
export const KEY = { id: 'test-key-id', secret: 'test-key-secret' };

export interface RestHouseSettings {
  readonly ports?: number;
  readonly publicHost?: string;
  readonly findPorts?: (count: number) => Promise<number[]>;
  /** What stands in the log. */
  readonly events?: LogEvent[];
  readonly log?: LogDesk;
  readonly health?: HealthDesk;
  readonly watch?: RestAlarmsDeps;
  readonly heartbeatMs?: number;
}

export function createRestHouse({
  ports = 1000,
  publicHost = 'relay.example.net',
  findPorts = portsFrom(ports),
  events = [],
  log = memoryLog(events),
  health = emptyHealth,
  watch = emptyWatch,
  heartbeatMs = 10_000,
}: RestHouseSettings = {}): RestHouse {
  const store = createMemoryStore();
  const complaints: string[] = [];
  const endpoints: EndpointStatus[] = [];
  const relays: RelayView[] = [];
  const closing = new AbortController();
  const keys = memoryKeys();
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
      subscribe: () => () => {},
    },
    health,
    log,
    sentenceOf: logSentence,
    ...watch,
    apiKeys: keys,
    idempotency: memoryIdempotency(),
    fleet: { relays: () => relays },
    now: () => Date.now(),
    closing: closing.signal,
    heartbeatMs,
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
    relays,
    keys,
    log,
    fetch: (request) => app.fetch(request),
    open: async (path, headers = {}) =>
      app.request(path, { headers: { authorization: basic(KEY.id, KEY.secret), ...headers } }),
    close: () => closing.abort(),
    state: undefined,
    publicHost,
    send,
    call: (method, path, body, headers = {}) =>
      send(path, {
        method,
        headers: {
          authorization: basic(KEY.id, KEY.secret),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
  return house;
}

/** API keys in memory, with one that is there from the first. */
export function memoryKeys(): ApiKeys {
  const all = new Map([[KEY.id, { id: KEY.id, name: 'First start', createdAt: 1, secret: KEY.secret }]]);
  const hearers = new Set<(id: string) => void>();
  return {
    get count() {
      return all.size;
    },
    isValid: (id, secret) => all.get(id)?.secret === secret,
    secretOf: (id) => all.get(id)?.secret,
    add: async ({ id, secret, name = '' }, createdAt) => void all.set(id, { id, name, createdAt, secret }),
    list: () => [...all.values()].map(({ secret: _secret, ...known }) => known),
    create: async (name, createdAt) => {
      const key = { ...newKey(), name };
      all.set(key.id, { ...key, createdAt });
      return key;
    },
    remove: async (id) => {
      if (!all.has(id)) throw new Refusal('api-key-not-found');
      if (all.size === 1) throw new Refusal('last-api-key');
      all.delete(id);
      for (const hear of hearers) hear(id);
    },
    onRemoved: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
  };
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
