/** Alarms, their rules and webhooks as they are kept (types, and the list of kinds). Times are epoch ms UTC. */
import type { Pipeline } from '../relay/contract/settings.ts';

/** What an alarm can be about. A kind is for programs and never changes. */
export const alarmKinds = [
  'input-lost',
  'output-down',
  'loss-above',
  'bitrate-below',
  'bitrate-above',
  'over-bandwidth',
  'no-video',
  'no-audio',
  'failover',
  'relay-lost',
  'storage-failed',
] as const;

export type AlarmKind = (typeof alarmKinds)[number];

/**
 * When an alarm of a kind is raised: what is wrong has lasted `holdMs`; it is cleared once all has been well for `clearMs`.
 * `flowId` absent: for all flows that have no rule of their own. `threshold` is a ratio (loss) or in bit/s (bit rates).
 */
export interface AlarmRule {
  readonly id: string;
  readonly kind: AlarmKind;
  readonly flowId?: string;
  readonly enabled: boolean;
  readonly threshold?: number;
  readonly holdMs: number;
  readonly clearMs: number;
  readonly createdAt: number;
}

/** Where it is: an end of a flow's pipeline, a relay, or the server itself (none of them). */
export interface AlarmPlace {
  readonly flowId?: string;
  readonly flowName?: string;
  readonly pipeline?: Pipeline;
  /** `input`, or an output's id. */
  readonly endpointId?: string;
  readonly endpointName?: string;
  readonly relayId?: string;
}

/**
 * One alarm. `since`: when it went wrong; `firedAt`: when it had lasted long enough. `value` is what was measured then, in
 * the unit of the threshold. `clearedBy` `stopped`: its flow was stopped or changed, or its rule turned off.
 */
export interface Alarm extends AlarmPlace {
  readonly id: string;
  readonly kind: AlarmKind;
  readonly value?: number;
  readonly threshold?: number;
  readonly since: number;
  readonly firedAt: number;
  readonly clearedAt?: number;
  readonly clearedBy?: 'recovered' | 'stopped';
  readonly acknowledgedAt?: number;
  /** `console`, or the id of an API key. */
  readonly acknowledgedBy?: string;
}

/** Who is told of alarms. `kinds` absent: of all. Its secret is kept sealed. */
export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly kinds?: readonly AlarmKind[];
  readonly enabled: boolean;
  readonly createdAt: number;
}

/** `expired`: it was tried for a day; `dropped`: too many waited; `cancelled`: its webhook was turned off. */
export type DeliveryEnd = 'delivered' | 'expired' | 'dropped' | 'cancelled';

export type DeliveryType = 'alarm.fired' | 'alarm.cleared' | 'webhook.test';

/** One message to one webhook. `id` is the same on each attempt. `lastAnswer` says how the last attempt ended. */
export interface Delivery {
  /** Grows with each message of the server: a webhook gets its messages in this order. */
  readonly number: number;
  readonly id: string;
  readonly webhookId: string;
  readonly type: DeliveryType;
  readonly alarmId?: string;
  readonly body: string;
  readonly createdAt: number;
  readonly attempts: number;
  readonly lastAt?: number;
  readonly lastAnswer?: string;
  readonly endedAt?: number;
  readonly end?: DeliveryEnd;
}
