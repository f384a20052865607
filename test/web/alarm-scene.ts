/** Alarms, rules and webhooks in every state that an operator may meet, made up for the screens. */
import type { Alarm, AlarmRule, Delivery } from '../../db/model.ts';
import { alarmKinds } from '../../server/alarm-drafts.ts';
import { kindOf } from '../../server/alarm-kinds.ts';
import type { WebhookView } from '../../server/webhooks.ts';
import type { ConsoleHouse } from '../kit/console-house.ts';

const MINUTE = 60_000;

export const alarmOf = (flow: { readonly id: string; readonly name: string }, changes: Partial<Alarm> = {}): Alarm => ({
  id: `alarm-of-${flow.id}`,
  kind: 'input-lost',
  flowId: flow.id,
  flowName: flow.name,
  pipeline: 'backup',
  endpointId: 'input',
  endpointName: 'Camera 1',
  since: Date.now() - 3 * MINUTE,
  firedAt: Date.now() - 3 * MINUTE + 1000,
  ...changes,
});

const ruleOf = (kind: AlarmRule['kind'], threshold?: number): AlarmRule => {
  const { holdMs, clearMs } = kindOf(kind);
  return { id: kind, kind, enabled: kind !== 'failover', threshold, holdMs, clearMs, createdAt: 0 };
};

const rules: readonly AlarmRule[] = [
  ...alarmKinds.filter((kind) => kindOf(kind).initially).map((kind) => ruleOf(kind)),
  ruleOf('loss-above', 0.02),
];

const webhooks: readonly WebhookView[] = [
  {
    id: 'pager',
    name: 'Pager of the night shift',
    url: 'https://pager.example.net/streamlink',
    enabled: true,
    createdAt: 0,
    waiting: 0,
  },
  {
    id: 'wall',
    name: 'Wall display',
    url: 'http://10.0.4.12:9000/hook',
    kinds: ['input-lost'],
    enabled: true,
    createdAt: 0,
    waiting: 3,
  },
  { id: 'old', name: 'Old tool', url: 'http://tools.example.net/', enabled: false, createdAt: 0, waiting: 0 },
];

const delivery = (number: number, changes: Partial<Delivery>): Delivery => ({
  number,
  id: `msg_0f3b8f2e-55c1-4f8e-9d0e-${String(number).padStart(12, '0')}`,
  webhookId: 'wall',
  type: 'alarm.fired',
  body: '{}',
  createdAt: Date.now() - 10 * MINUTE,
  attempts: 1,
  lastAnswer: '204',
  end: 'delivered',
  ...changes,
});

const deliveries: readonly Delivery[] = [
  delivery(5, { attempts: 0, end: undefined, lastAnswer: undefined, type: 'alarm.cleared' }),
  delivery(4, { attempts: 7, end: undefined, lastAnswer: 'ECONNREFUSED' }),
  delivery(3, { attempts: 6, lastAnswer: '200' }),
  delivery(2, { attempts: 40, end: 'expired', lastAnswer: '503' }),
  delivery(1, { type: 'webhook.test' }),
];

function find<T extends { readonly id: string }>(all: readonly T[], id: string): T {
  const found = all.find((it) => it.id === id);
  if (!found) throw new Error(`The scene has no ${id}.`);
  return found;
}

/** The house with these in it. */
export const withAlarmScene = (house: ConsoleHouse): ConsoleHouse => ({
  ...house,
  alarms: {
    ...house.alarms,
    history: async () => {
      const [flow] = await house.flows.list();
      if (!flow) return [];
      const over = {
        clearedAt: Date.now() - 40 * MINUTE,
        since: Date.now() - 42 * MINUTE,
        clearedBy: 'recovered',
      } as const;
      return [
        alarmOf(flow, { ...over, id: 'one', acknowledgedBy: 'console', pipeline: 'primary' }),
        alarmOf(flow, { ...over, id: 'two', kind: 'loss-above', value: 0.0312, threshold: 0.02, clearedBy: 'stopped' }),
        { ...over, id: 'three', kind: 'relay-lost', relayId: 'europe-1', firedAt: over.since },
      ];
    },
  },
  alarmRules: { ...house.alarmRules, list: () => rules, get: (id) => find(rules, id) },
  webhooks: {
    ...house.webhooks,
    list: () => webhooks,
    get: (id) => find(webhooks, id),
    deliveries: async () => deliveries,
  },
});
