/** An input that is lost and comes back, as the receivers of webhooks see it: good ones, bad ones, and none at all. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isGenuine } from '../../docs/monitoring/verify-webhook.mjs';
import { startFlowOf, untilReached } from '../kit/flow-kit.ts';
import { freePorts } from '../kit/free-ports.ts';
import type { FlowView } from '../kit/house.ts';
import { pushWithFfmpeg, receive } from '../kit/peers.ts';
import { expectWhole, inputPorts, openStage, type Stage, untilFlowing } from '../kit/stage.ts';
import { until } from '../kit/until.ts';
import { receiveWebhooks, type WebhookReceiver } from '../kit/webhook-receiver.ts';

/** Input loss to webhook, in ms: the promise of the product. */
const PROMISE_MS = 3000;

let stage: Stage;
let receivers: WebhookReceiver[] = [];
beforeAll(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.clear();
  await Promise.all(receivers.map((receiver) => receiver.close()));
  receivers = [];
});
afterAll(() => stage.close());

const madeSchema = z.object({ id: z.string(), secret: z.string() });
const alarmsSchema = z.object({
  alarms: z.array(z.object({ id: z.string(), kind: z.string(), flowId: z.string().optional() })),
});

async function hook(name: string, url: string): Promise<z.infer<typeof madeSchema>> {
  const { status, body } = await stage.house.api('POST', '/webhooks', { name, url, kinds: ['input-lost'] });
  expect(status).toBe(201);
  return madeSchema.parse(body);
}

async function receiver(answer: (number: number) => number | undefined): Promise<WebhookReceiver> {
  const made = await receiveWebhooks(answer);
  receivers.push(made);
  return made;
}

async function startFlow(name: string): Promise<FlowView> {
  const [port = 0] = await freePorts(1);
  const outputs = [{ name: 'Studio', protocol: 'srt', destination: { host: '127.0.0.1', port } }] as const;
  const flow = await startFlowOf(stage.house, { name, protocol: 'srt', outputs });
  await stage.keep(receive(port, stage.file(`${name}.received`)));
  await untilReached(stage.house, flow.id);
  return flow;
}

const push = (flow: FlowView, name: string, seconds: number) =>
  stage.keep(pushWithFfmpeg([{ port: inputPorts(flow)[0] }], stage.file(name), seconds));

const firing = async (flowId: string) =>
  alarmsSchema
    .parse((await stage.house.api('GET', '/alarms')).body)
    .alarms.filter((alarm) => alarm.flowId === flowId && alarm.kind === 'input-lost');

const typesOf = ({ received }: WebhookReceiver): string[] => received.map(({ message }) => message.type);

describe('an encoder that is killed and comes back', () => {
  it('is told within 3 s, signed and in order, whatever other receivers do, and costs no other flow a packet', async () => {
    const good = await receiver(() => 204);
    const failing = await receiver((number) => (number < 5 ? 500 : 200));
    const silent = await receiver(() => undefined);
    const [deadPort = 0] = await freePorts(1);
    const goodHook = await hook('good', good.url);
    const failingHook = await hook('failing', failing.url);
    await hook('silent', silent.url);
    await hook('nobody', `http://127.0.0.1:${deadPort}/`);
    await hook('no such name', 'http://nowhere.invalid/');

    const steady = await startFlow('Steady');
    const flow = await startFlow('Lost');
    const steadyEncoder = await push(steady, 'steady.sent', 40);
    const first = await push(flow, 'first.sent', 60);
    await untilFlowing(stage.house, flow.id);
    await until('the input has a bit rate', async () => (await stage.house.flow(flow.id)).input.status.primary.bitrate);
    await first.end('SIGKILL');
    const killedAt = Date.now();

    await until('the good receiver hears of it', () => good.received.length > 0);
    const [told] = good.received;
    console.log(`input loss to webhook: ${(told?.at ?? 0) - killedAt} ms`);
    expect((told?.at ?? Infinity) - killedAt).toBeLessThan(PROMISE_MS);
    expect(told?.message).toMatchObject({
      type: 'alarm.fired',
      data: { kind: 'input-lost', state: 'firing', pipeline: 'primary', flow: { id: flow.id, name: 'Lost' } },
    });
    const [alarm] = await firing(flow.id);
    expect(told?.message.data.id).toBe(alarm?.id);

    await push(flow, 'second.sent', 60);
    await until('the good receiver hears that it is over', () => good.received.length === 2, 30);
    expect(typesOf(good)).toEqual(['alarm.fired', 'alarm.cleared']);
    expect(good.received[1]?.message.data).toMatchObject({ id: alarm?.id, state: 'cleared', clearedBy: 'recovered' });
    expect(await firing(flow.id)).toEqual([]);

    await until('the failing receiver has taken both', () => failing.received.length === 7, 60);
    expect(typesOf(failing)).toEqual([...Array.from({ length: 6 }, () => 'alarm.fired'), 'alarm.cleared']);
    expect(new Set(failing.received.slice(0, 6).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    for (const [secret, { received }] of [
      [goodHook.secret, good],
      [failingHook.secret, failing],
    ] as const)
      for (const { headers, body } of received) {
        expect(isGenuine(secret, headers, body)).toBe(true);
        expect(isGenuine(secret, headers, body.replace('input-lost', 'output-down'))).toBe(false);
      }

    expect(stage.house.words()).not.toContain(goodHook.secret);
    const listed = JSON.stringify((await stage.house.api('GET', '/webhooks')).body);
    expect(listed).not.toContain(goodHook.secret);
    await steadyEncoder.ended;
    await expectWhole(stage.file('Steady.received'), stage.file('steady.sent'));
  });
});

describe('the server, killed while an alarm fires and its receiver is away', () => {
  it('raises it no second time, and delivers it and its end in order once somebody listens', async () => {
    let isUp = false;
    const late = await receiver(() => (isUp ? 200 : 503));
    await hook('late', late.url);
    const flow = await startFlow('Outage');
    const first = await push(flow, 'outage.sent', 60);
    await untilFlowing(stage.house, flow.id);
    await first.end('SIGKILL');
    const [before] = await until('the alarm fires', async () => {
      const found = await firing(flow.id);
      return found.length > 0 && found;
    });
    await until('it was tried in vain', () => late.received.length > 0);
    const old = stage.house.serverPid();
    process.kill(old, 'SIGKILL');
    await until('the server is back', async () => {
      const { status } = await stage.house.api('GET', '/alarms').catch(() => ({ status: 0 }));
      return status === 200 && stage.house.serverPid() !== old;
    });
    expect(await firing(flow.id)).toEqual([before]);
    await push(flow, 'outage-2.sent', 60);
    await until('the alarm is over', async () => (await firing(flow.id)).length === 0, 30);
    isUp = true;
    /** Flows of other stories may lose their encoders too. */
    const taken = () =>
      late.received.filter(({ answered, message }) => answered === 200 && message.data.flow?.id === flow.id);
    await until('both were taken', () => taken().length === 2, 60);
    expect(taken().map(({ message }) => message.type)).toEqual(['alarm.fired', 'alarm.cleared']);
    expect(taken().map(({ message }) => message.data.id)).toEqual([before?.id, before?.id]);
  });
});

describe('a flow that is stopped', () => {
  it('clears its alarms at once', async () => {
    const flow = await startFlow('Stopped');
    const encoder = await push(flow, 'stopped.sent', 60);
    await untilFlowing(stage.house, flow.id);
    await encoder.end('SIGKILL');
    await until('the alarm fires', async () => (await firing(flow.id)).length > 0);
    await stage.house.api('POST', `/flows/${flow.id}/stop`);
    await until('nothing fires', async () => (await firing(flow.id)).length === 0, 3);
    const { body } = await stage.house.api('GET', `/alarms?state=cleared&flowId=${flow.id}`);
    expect(body).toMatchObject({ alarms: [{ kind: 'input-lost', clearedBy: 'stopped' }] });
  });
});
