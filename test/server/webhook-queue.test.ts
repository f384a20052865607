import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../db/alarm-model.ts';
import { MOST_WAITING, waitAfter, WebhookQueue } from '../../server/webhook-queue.ts';
import type { Sent } from '../../server/webhook-sender.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const message = (number: number): Delivery => ({
  number,
  id: `msg_${number}`,
  webhookId: 'hook-1',
  type: 'alarm.fired',
  body: '{}',
  createdAt: Date.now(),
  attempts: 0,
});
const ok: Sent = { ok: true, answer: '204' };
const bad: Sent = { ok: false, answer: '500' };

function queueOf(answer: (message: Delivery) => Sent | Promise<Sent>) {
  const sent: number[] = [];
  const saved: Delivery[] = [];
  const queue = new WebhookQueue({
    send: async (it) => {
      sent.push(it.number);
      return answer(it);
    },
    save: async (it) => void saved.push(it),
    now: () => Date.now(),
    random: () => 0.5,
  });
  return { queue, sent, saved };
}

describe('the messages of one webhook', () => {
  it('are sent again until they are taken, and none before the one ahead of it', async () => {
    const { queue, sent, saved } = queueOf(({ attempts }) => (attempts < 5 ? bad : ok));
    queue.add(message(1));
    queue.add(message(2));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    expect(saved.filter(({ end }) => end === 'delivered').map(({ number }) => number)).toEqual([1, 2]);
    expect(queue.waiting).toBe(0);
    expect([queue.delivered, queue.failedAttempts]).toEqual([2, 10]);
  });

  it('are given up after a day, and the next has its turn', async () => {
    const { queue, saved } = queueOf(({ number }) => (number === 1 ? bad : ok));
    queue.add(message(1));
    queue.add(message(2));
    await vi.advanceTimersByTimeAsync(25 * 3_600_000);
    expect(saved.filter(({ end }) => end).map(({ number, end }) => [number, end])).toEqual([
      [1, 'expired'],
      [2, 'delivered'],
    ]);
  });

  it('are no more than the bound: the oldest that is not on its way is dropped', () => {
    const { queue, saved } = queueOf(() => new Promise(() => undefined));
    for (let number = 1; number <= MOST_WAITING + 1; number++) queue.add(message(number));
    expect(queue.waiting).toBe(MOST_WAITING);
    expect(saved).toMatchObject([{ number: 2, end: 'dropped' }]);
  });

  it('are cancelled where the webhook is turned off', () => {
    const { queue, saved } = queueOf(() => new Promise(() => undefined));
    queue.add(message(1));
    queue.add(message(2));
    queue.cancel();
    expect(queue.waiting).toBe(0);
    expect(saved.map(({ end }) => end)).toEqual(['cancelled', 'cancelled']);
  });

  it('are tried at once when somebody asks for it', async () => {
    const { queue, sent } = queueOf(() => bad);
    queue.add(message(1));
    await vi.advanceTimersByTimeAsync(100);
    queue.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([1, 1]);
  });

  it('stay as they are when the server leaves', async () => {
    let leave = (_sent: Sent): void => undefined;
    const { queue, saved } = queueOf(() => new Promise((resolve) => (leave = resolve)));
    queue.add(message(1));
    queue.close();
    leave(bad);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(saved).toEqual([]);
    expect(queue.waiting).toBe(1);
  });

  it('arrive in order and each at least once, whatever the receiver answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        async (answers, count) => {
          const left = [...answers];
          const taken: number[] = [];
          const { queue } = queueOf(({ number }) => {
            const isTaken = left.shift() ?? true;
            if (isTaken) taken.push(number);
            return isTaken ? ok : bad;
          });
          for (let number = 1; number <= count; number++) queue.add(message(number));
          await vi.advanceTimersByTimeAsync(12 * 3_600_000);
          expect(taken).toEqual(Array.from({ length: count }, (_, index) => index + 1));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the wait after attempts that failed', () => {
  it('doubles from half a second to five minutes, give or take a fifth', () => {
    expect([1, 2, 3, 4, 5].map((attempts) => waitAfter(attempts, 0.5))).toEqual([500, 1000, 2000, 4000, 8000]);
    expect(waitAfter(1, 0)).toBe(400);
    expect(waitAfter(1, 1)).toBe(600);
    expect(waitAfter(1000, 1)).toBe(360_000);
  });
});
