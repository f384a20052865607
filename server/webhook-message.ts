/** What is sent to webhooks, and how it is signed: after the Standard Webhooks specification 1.0.0. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Alarm, DeliveryType, Webhook } from '../db/alarm-model.ts';
import { alarmText, kindOf, placeText } from './alarm-kinds.ts';

const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

export const makeSecret = (): string => `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;

/**
 * The headers of one attempt. The signature is the HMAC-SHA256, under the secret's bytes, of `id.timestamp.body`;
 * `timestamp` is in whole seconds and new for each attempt, `id` the same for all attempts of one message.
 */
export function signedHeaders(
  secret: string,
  message: { id: string; body: string },
  at: number,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${message.id}.${timestamp}.${message.body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}

/** The body of a message about an alarm, as JSON. `at` is epoch ms. Docs: docs/alarms.md. */
export const alarmBody = (type: Exclude<DeliveryType, 'webhook.test'>, alarm: Alarm, at: number): string =>
  JSON.stringify({ type, timestamp: isoOf(at), data: alarmData(alarm) });

export const testBody = ({ id, name }: Webhook, at: number): string =>
  JSON.stringify({ type: 'webhook.test', timestamp: isoOf(at), data: { webhook: { id, name } } });

function alarmData(alarm: Alarm): object {
  return {
    id: alarm.id,
    kind: alarm.kind,
    name: kindOf(alarm.kind).name,
    text: `${alarmText(alarm)} (${[alarm.flowName, placeText(alarm)].filter(Boolean).join(': ')})`,
    state: alarm.clearedAt === undefined ? 'firing' : 'cleared',
    since: isoOf(alarm.since),
    firedAt: isoOf(alarm.firedAt),
    ...(alarm.clearedAt !== undefined && { clearedAt: isoOf(alarm.clearedAt), clearedBy: alarm.clearedBy }),
    ...(alarm.flowId !== undefined && { flow: { id: alarm.flowId, name: alarm.flowName } }),
    ...(alarm.pipeline !== undefined && { pipeline: alarm.pipeline }),
    ...(alarm.endpointId !== undefined && { endpoint: { id: alarm.endpointId, name: alarm.endpointName } }),
    ...(alarm.relayId !== undefined && { relay: { id: alarm.relayId } }),
    ...(alarm.value !== undefined && { value: alarm.value }),
    ...(alarm.threshold !== undefined && { threshold: alarm.threshold }),
  };
}

const isoOf = (at: number): string => new Date(at).toISOString();
