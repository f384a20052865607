import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isGenuine } from '../../docs/monitoring/verify-webhook.mjs';
import { makeSecret, signedHeaders } from '../../server/webhook-message.ts';
import { isRefusedAddress, post } from '../../server/webhook-sender.ts';
import { portOf } from '../kit/console-house.ts';
import { receiveWebhooks, type WebhookReceiver } from '../kit/webhook-receiver.ts';

async function receiverOf(answer: (number: number) => number | undefined): Promise<WebhookReceiver> {
  const made = await receiveWebhooks(answer);
  onTestFinished(() => made.close());
  return made;
}

const body = '{"type":"webhook.test","timestamp":"2026-11-24T03:12:45.000Z","data":{}}';

describe('an address that a webhook is never sent to', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '[fe80::1]',
    'fe80::1%eth0',
    '::ffff:169.254.169.254',
    '[::ffff:a9fe:a9fe]',
    'fd00:ec2::254',
    '64:ff9b::a9fe:a9fe',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
  ])('is %s', (address) => {
    expect(isRefusedAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '192.168.1.1',
    '172.16.0.1',
    '203.0.113.7',
    '2001:db8::1',
    'fd12::1',
    'example.net',
  ])('is not %s', (address) => {
    expect(isRefusedAddress(address)).toBe(false);
  });

  it.each([
    ['its digits', 'http://169.254.169.254/latest/meta-data'],
    ['another spelling', 'http://2852039166/'],
    ['IPv6', 'http://[fe80::1]/'],
  ])('is not called by %s', async (_, url) => {
    expect(await post({ url, headers: {}, body })).toEqual({ ok: false, answer: 'address refused' });
  });
});

describe('one attempt', () => {
  it('posts the body, signed, and takes any 2xx for a yes', async () => {
    const { url, received } = await receiverOf(() => 202);
    const secret = makeSecret();
    const headers = signedHeaders(secret, { id: 'msg_1', body }, Date.now());
    expect(await post({ url, headers, body })).toEqual({ ok: true, answer: '202' });
    const [got] = received;
    expect(got?.body).toBe(body);
    expect(isGenuine(secret, got?.headers ?? {}, got?.body ?? '')).toBe(true);
    expect(isGenuine(makeSecret(), got?.headers ?? {}, got?.body ?? '')).toBe(false);
  });

  it('finds a receiver by name', async () => {
    const { url } = await receiverOf(() => 200);
    expect(await post({ url: url.replace('127.0.0.1', 'localhost'), headers: {}, body })).toEqual({
      ok: true,
      answer: '200',
    });
  });

  it('follows no redirect', async () => {
    const { url, received } = await receiverOf(() => 302);
    expect(await post({ url, headers: {}, body })).toEqual({ ok: false, answer: '302' });
    expect(received).toHaveLength(1);
  });

  it('says why there was no answer, and never where it was sent', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = portOf(server);
    const hungUp = await post({ url: `http://127.0.0.1:${port}/canary`, headers: {}, body });
    await new Promise((resolve) => server.close(resolve));
    const refused = await post({ url: `http://127.0.0.1:${port}/canary`, headers: {}, body });
    expect([hungUp, refused]).toEqual([
      { ok: false, answer: 'ECONNRESET' },
      { ok: false, answer: 'ECONNREFUSED' },
    ]);
    expect(await post({ url: 'http://nowhere.invalid/canary', headers: {}, body })).toMatchObject({ ok: false });
  });

  it('ends when the server leaves', async () => {
    const { url, received } = await receiverOf(() => undefined);
    const leave = new AbortController();
    const posting = post({ url, headers: {}, body, signal: leave.signal });
    await expect.poll(() => received.length).toBe(1);
    leave.abort();
    expect(await posting).toMatchObject({ ok: false });
  });
});

describe('a signature', () => {
  it('is that of the Standard Webhooks specification', () => {
    // The specification's own example: https://github.com/standard-webhooks/standard-webhooks
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const headers = signedHeaders(
      secret,
      { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' },
      1_614_265_330_000,
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('of another time is not genuine', () => {
    const secret = makeSecret();
    const at = 1_700_000_000_000;
    const headers = signedHeaders(secret, { id: 'msg_1', body }, at);
    expect(isGenuine(secret, headers, body, at + 299_000)).toBe(true);
    expect(isGenuine(secret, headers, body, at + 302_000)).toBe(false);
    expect(isGenuine(secret, { ...headers, 'webhook-timestamp': 'soon' }, body, at)).toBe(false);
  });
});
