/** Opens everything that watches and tells: alarms with their rules and webhooks, metrics with their tokens. */
import type { Seals } from '../db/flows.ts';
import type { Alarm, Flow } from '../db/model.ts';
import type { OpenedDatabase } from '../db/open.ts';
import { readVitals } from '../relay/contract/process-vitals.ts';
import { noted } from './alarm-kinds.ts';
import { type AlarmRules, openAlarmRules } from './alarm-rules.ts';
import { type AlarmDesk, openAlarms } from './alarms.ts';
import type { Fleet } from './fleet.ts';
import type { FlowStore } from './flows.ts';
import { collectMetrics } from './metrics.ts';
import type { Family } from './metric-text.ts';
import type { Monitor } from './monitor.ts';
import { openScrapeTokens, type ScrapeTokens } from './scrape-tokens.ts';
import type { StorageWatch } from './storage-watch.ts';
import { tellingRules, tellingTokens, tellingWebhooks } from './told-watch.ts';
import type { Vitals } from './health-newest.ts';
import { openWebhooks, type Webhooks } from './webhooks.ts';
import { post } from './webhook-sender.ts';

const SECOND_MS = 1000;

export interface Watching {
  readonly alarms: AlarmDesk;
  readonly alarmRules: AlarmRules;
  readonly webhooks: Webhooks;
  readonly scrapeTokens: ScrapeTokens;
  readonly metrics: () => Promise<readonly Family[]>;
  prune(): Promise<void>;
  /** What is on its way to a webhook is given up, and sent by the next server. */
  close(): Promise<void>;
}

export interface WatchGround {
  readonly database: OpenedDatabase;
  readonly seals: Seals;
  readonly store: FlowStore;
  readonly fleet: Fleet;
  readonly monitor: Monitor;
  readonly storage: StorageWatch;
  readonly vitals: Vitals;
  readonly version: string;
  readonly metricsToken: string | undefined;
  readonly say: (what: string, detail: Record<string, unknown>) => void;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
}

export async function openWatch(ground: WatchGround): Promise<Watching> {
  const { database, seals, store, fleet, monitor, storage, vitals, complain } = ground;
  const own = readVitals();
  const sampling = setInterval(() => own.sample(), SECOND_MS);
  const liveOf = (flows: readonly Flow[]) => flows.map((flow) => monitor.live(flow));
  const alarmRules = await openAlarmRules({
    database,
    hasFlow: (flowId) => store.get(flowId) !== undefined,
    now: Date.now,
  });
  const webhooks = await openWebhooks({ database, seals, post, now: Date.now, random: Math.random, complain });
  const alarms = await openAlarms({
    database,
    rules: () => alarmRules.list(),
    scene: () => ({
      flows: liveOf(store.all().filter(({ running }) => running)),
      vitals,
      relays: fleet.relays(),
      storageFailed: Object.values(storage.failed()).some(Boolean),
    }),
    changes: (hear) => fleet.subscribe(hear),
    webhooks,
    now: () => performance.now(),
    at: Date.now,
    complain,
  });
  alarms.subscribe((changed) => {
    for (const { id, kind, flowId, pipeline, endpointId, relayId, ...alarm } of changed)
      ground.say(`alarm ${stateOf(alarm)}`, { id, kind, flowId, pipeline, endpointId, relayId });
  });
  const scrapeTokens = await openScrapeTokens(database, ground.metricsToken, Date.now);
  return {
    alarms,
    alarmRules: tellingRules(alarmRules, ground.say),
    webhooks: tellingWebhooks(webhooks, ground.say),
    scrapeTokens: tellingTokens(scrapeTokens, ground.say),
    metrics: async () =>
      collectMetrics({
        version: ground.version,
        flows: liveOf(store.all()),
        vitals,
        relays: fleet.relays(),
        server: own.read(),
        storage,
        firing: alarms.firing().map(({ kind }) => kind),
        webhooks: webhooks.figures(),
      }),
    prune: async () => {
      await alarms.prune();
      await webhooks.prune();
    },
    close: async () => {
      clearInterval(sampling);
      await alarms.close();
      webhooks.close();
    },
  };
}

const stateOf = ({ clearedAt, acknowledgedAt }: Pick<Alarm, 'clearedAt' | 'acknowledgedAt'>): string =>
  clearedAt !== undefined ? 'cleared' : acknowledgedAt !== undefined ? 'acknowledged' : 'fired';

/** The same monitor with each flow's alarms, and a word where they change. */
export const withAlarms = (monitor: Monitor, alarms: AlarmDesk): Monitor => ({
  ...monitor,
  live: (flow) => ({
    ...monitor.live(flow),
    alarms: alarms
      .firing()
      .filter(({ flowId }) => flowId === flow.id)
      .map(noted),
  }),
  subscribe: (onChange) => {
    const stops = [
      monitor.subscribe(onChange),
      alarms.subscribe((changed) => onChange(new Set(changed.flatMap(({ flowId }) => flowId ?? [])))),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  },
});
