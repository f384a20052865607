/** The console without a database or a relay: real rules over flows in memory, and reports that a test writes itself. */
import type { AddressInfo } from 'node:net';
import type { Alarm, Flow, FlowState, LogEvent } from '../../db/model.ts';
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import { createFlows, type Flows } from '../../server/flows.ts';
import type { Monitor } from '../../server/monitor.ts';
import { createPreviews, type Previews } from '../../server/previews.ts';
import { createRecentLog, type RecentLog } from '../../server/recent-log.ts';
import type { SettingsDesk } from '../../server/settings-desk.ts';
import type { Sessions } from '../../server/sessions.ts';
import { logEvent } from './log-events.ts';
import { memoryLog } from './memory-log.ts';
import { noted } from '../../server/alarm-kinds.ts';
import type { RestAlarmsDeps } from '../../server/http/rest-alarms.ts';
import { emptyWatch } from './empty-watch.ts';

export const PASSWORD = 'a good password';
export const TOKEN = 'a-token';
const PUBLIC_HOST = 'relay.example.net';

/** Primaries are pushed to 1935, backups to 1936. */
const rtmpPort = (relayId: string): number => (relayId.endsWith('-1') ? 1935 : 1936);

type Happened = Pick<LogEvent, 'at' | 'flowId' | 'pipeline' | 'code' | 'facts'> & { readonly endpoint: string };

export interface ConsoleHouse extends RestAlarmsDeps {
  readonly firing: Alarm[];
  /** Lets subscribers hear that alarms changed. */
  tellAlarms(): void;
  readonly flows: Flows;
  readonly monitor: Monitor;
  readonly recent: RecentLog;
  readonly publicHost: string;
  readonly rtmpPort: (relayId: string) => number;
  readonly sessions: Sessions;
  readonly previews: Previews;
  readonly settings: SettingsDesk;
  /** Tickets that were sent to a relay, in their order. */
  readonly askedOfRelays: readonly string[];
  /** What relays say of a flow. Its state follows the operator's wish unless `state` is given. */
  report(flowId: string, live: { state?: FlowState; endpoints?: readonly EndpointStatus[]; relayLost?: boolean }): void;
  /** A line of the log, at an end that has the name that it has in the flow. */
  happen(event: Happened): void;
  /** Lets subscribers hear that flows changed. */
  tell(...flowIds: string[]): void;
  /** Ends every session, as time would. */
  endSessions(): void;
}

export function createConsoleHouse(now: () => number = Date.now): ConsoleHouse {
  const flows = new Map<string, Flow>();
  const lives = new Map<string, Parameters<ConsoleHouse['report']>[1]>();
  const listeners = new Set<(flowIds: ReadonlySet<string>) => void>();
  const open = new Set<string>();
  const log = memoryLog();
  const firing: Alarm[] = [];
  const alarmListeners = new Set<() => void>();
  let nextPort = 9000;
  const askedOfRelays: string[] = [];
  const stateOf = (flow: Flow): FlowState => lives.get(flow.id)?.state ?? (flow.running ? 'running' : 'idle');

  const monitor: Monitor = {
    live: (flow) => {
      const live = lives.get(flow.id);
      const alarms = firing.filter(({ flowId }) => flowId === flow.id).map(noted);
      const { endpoints = [], relayLost = false } = live ?? {};
      return { flow, state: stateOf(flow), endpoints, relayLost, alarms };
    },
    subscribe: (onChange) => {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
  };

  return {
    ...emptyWatch,
    firing,
    alarms: {
      ...emptyWatch.alarms,
      firing: () => firing,
      subscribe: (hear) => {
        const listener = (): void => hear(firing);
        alarmListeners.add(listener);
        return () => alarmListeners.delete(listener);
      },
    },
    flows: createFlows({
      store: {
        all: () => [...flows.values()],
        get: (flowId) => flows.get(flowId),
        save: async (flow) => void flows.set(flow.id, flow),
        remove: async (flowId) => void flows.delete(flowId),
      },
      regions: [
        { id: 'east-china', name: 'East China' },
        { id: 'asia', name: 'Asia' },
        { id: 'hmt', name: 'Hong Kong/Macao/Taiwan (China)' },
        { id: 'west-us', name: 'West US' },
        { id: 'europe', name: 'Europe' },
      ],
      bandwidths: [10_000_000, 20_000_000],
      publicHost: PUBLIC_HOST,
      findPorts: async (count) => Array.from({ length: count }, () => nextPort++),
      ensureRtmpPorts: async () => undefined,
      stateOf,
      settle: async () => undefined,
      now,
    }),
    monitor,
    previews: createPreviews({
      monitor,
      ask: async (_flow, _pipeline, ticket) => void askedOfRelays.push(ticket),
      say: () => {},
    }),
    askedOfRelays,
    recent: createRecentLog(log, now),
    settings: idleSettings,
    sessions: createSessions(open),
    publicHost: PUBLIC_HOST,
    rtmpPort,
    happen: ({ endpoint: endpointId, ...event }) => {
      const flow = flows.get(event.flowId);
      const output = flow?.outputs.find(({ id }) => id === endpointId);
      const place = output
        ? ({ role: 'output', name: output.name } as const)
        : ({ role: 'input', name: flow?.input.name ?? '' } as const);
      void log.append([logEvent({ ...event, ...place, endpointId })]);
    },
    report: (flowId, live) => void lives.set(flowId, live),
    tell: (...flowIds) => {
      for (const listener of listeners) listener(new Set(flowIds));
    },
    tellAlarms: () => {
      for (const listener of alarmListeners) listener();
    },
    endSessions: () => open.clear(),
  };
}

/** An installation whose relays nobody has needed yet. */
const idleSettings: SettingsDesk = {
  look: () => ({
    regions: [{ id: 'europe', name: 'Europe' }],
    relays: [],
    progress: { current: undefined, waiting: [], done: [] },
    retentionDays: 7,
    files: [],
    version: '1',
    startedAt: 0,
  }),
  restart: () => undefined,
};

/** One session, and a door that is locked after three wrong passwords from one address. */
function createSessions(open: Set<string>): Sessions {
  const wrong = new Map<string, number>();
  return {
    login: async (password, address) => {
      const count = wrong.get(address) ?? 0;
      if (count >= 3) return { ok: false, retryAfterSeconds: 30 };
      if (password !== PASSWORD) {
        wrong.set(address, count + 1);
        return { ok: false };
      }
      open.add(TOKEN);
      return { ok: true, token: TOKEN };
    },
    isOpen: async (token) => open.has(token),
    logout: async (token) => void open.delete(token),
  };
}

/** A report of one end that is in good health, with what a test wants different. */
export const endpoint = (flowId: string, changes: Partial<EndpointStatus> = {}): EndpointStatus => ({
  flowId,
  pipeline: 'primary',
  id: 'input',
  role: 'source',
  state: 'connected',
  condition: 'flowing',
  since: Date.UTC(2026, 10, 24, 3, 12, 45),
  bitrate: 8_020_000,
  packets: 12_345,
  dropped: 0,
  lost: 0,
  latencyMs: 120,
  rttMs: 23.4,
  keyLength: 0,
  over: false,
  ...changes,
});

export const outputDraft = (name: string, port: number) => ({
  name,
  regionId: 'europe',
  protocol: 'srt' as const,
  latencyMs: 120,
  description: '',
  destinations: { primary: { host: '203.0.113.7', port } },
});

export const flowDraft = (name: string) => ({
  name,
  regionId: 'west-us',
  maxBitrate: 20_000_000,
  input: { name: 'Camera 1', protocol: 'srt' as const, latencyMs: 120, allowlist: ['0.0.0.0/0'], description: '' },
});

/** The TCP port that a server was given. */
export function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server listens on no TCP port.');
  return address.port;
}
