import { expect, it } from 'vitest';
import { createStorageWatch } from '../../server/storage-watch.ts';

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
