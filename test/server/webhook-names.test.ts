/** Names that lead where no webhook is sent: what the name service says is looked at, and nothing is connected to. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { post } from '../../server/webhook-sender.ts';
import { receiveWebhooks } from '../kit/webhook-receiver.ts';

const names = vi.hoisted(() => new Map<string, readonly { address: string; family: number }[]>());
const asked = vi.hoisted((): string[] => []);
vi.mock('node:dns', () => ({
  lookup: (name: string, _options: unknown, callback: (error: Error | null, addresses: unknown) => void) => {
    asked.push(name);
    callback(null, names.get(name) ?? []);
  },
}));

const body = '{}';
beforeEach(() => void (asked.length = 0));

describe('a name', () => {
  it.each([
    ['of a metadata address', [{ address: '169.254.169.254', family: 4 }]],
    [
      'of it among others',
      [
        { address: '127.0.0.1', family: 4 },
        { address: 'fe80::1', family: 6 },
      ],
    ],
    ['of nothing', []],
  ] as const)('%s is not called', async (_, addresses) => {
    names.set('rebound.test', addresses);
    expect(await post({ url: 'http://rebound.test:9/', headers: {}, body })).toEqual({
      ok: false,
      answer: 'address refused',
    });
  });

  it('is looked up once, and what was looked at is what is called', async () => {
    const receiver = await receiveWebhooks(() => 200);
    names.set('receiver.test', [{ address: '127.0.0.1', family: 4 }]);
    const url = receiver.url.replace('127.0.0.1', 'receiver.test');
    expect(await post({ url, headers: {}, body: '{"type":"webhook.test","timestamp":"","data":{}}' })).toEqual({
      ok: true,
      answer: '200',
    });
    expect(asked).toEqual(['receiver.test']);
    expect(receiver.received[0]?.headers.host).toMatch(/^receiver\.test:/);
    await receiver.close();
  });
});
