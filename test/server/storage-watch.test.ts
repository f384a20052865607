import { describe, expect, it } from 'vitest';
import { createStorageWatch, createWriteWatch } from '../../server/storage-watch.ts';

it('a file that takes nothing is told of from the first failure on, until it is mended', () => {
  let now = 1000;
  const watch = createStorageWatch(() => now);
  expect(watch.failingSince('health')).toBeUndefined();
  watch.hear({ code: 'storage-failed', file: 'health', detail: 'full' });
  now = 2000;
  watch.hear({ code: 'storage-failed', file: 'health', detail: 'full' });
  watch.hear({ code: 'dropped', file: 'health', count: 3, detail: 'given up' });
  expect([watch.failingSince('health'), watch.failingSince('log')]).toEqual([1000, undefined]);
  watch.hear({ code: 'storage-mended', file: 'health', detail: 'well' });
  expect(watch.failingSince('health')).toBeUndefined();
});

it('a writer that died takes its failures with it: the next one tells its own', () => {
  const watch = createStorageWatch(() => 1000);
  watch.hear({ code: 'storage-failed', file: 'health', detail: 'full' });
  watch.hear({ code: 'worker-died', worker: 'reader', detail: 'gone' });
  expect(watch.failingSince('health')).toBe(1000);
  watch.hear({ code: 'worker-died', worker: 'writer', detail: 'gone' });
  expect(watch.failingSince('health')).toBeUndefined();
});

describe('writes', () => {
  it('that hang are told of after 10 s, until one comes through', async () => {
    let now = 0;
    let finish = (): void => undefined;
    const watch = createWriteWatch(() => now);
    const hanging = watch.watch(
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
    );
    now = 10_000;
    expect(watch.failingSince()).toBeUndefined();
    now = 10_001;
    expect(watch.failingSince()).toBe(0);
    finish();
    await hanging;
    expect(watch.failingSince()).toBeUndefined();
  });

  it('that were given up are told of, until one comes through', async () => {
    let now = 500;
    const watch = createWriteWatch(() => now);
    await expect(watch.watch(Promise.reject(new Error('full')))).rejects.toThrow('full');
    now = 900;
    await expect(watch.watch(Promise.reject(new Error('full')))).rejects.toThrow('full');
    expect(watch.failingSince()).toBe(500);
    expect(await watch.watch(Promise.resolve(7))).toBe(7);
    expect(watch.failingSince()).toBeUndefined();
  });
});
