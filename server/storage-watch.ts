/** Whether health and log are being kept, by what the history tells of its disk. */
import type { HistoryFault, HistoryFileName } from '../db/history-model.ts';

export interface StorageWatch {
  /** The history's own telling (HistoryOptions.onFault). */
  hear(fault: HistoryFault): void;
  /** Since when the file takes nothing (epoch ms); undefined while it takes all, as far as is known. */
  failingSince(file: HistoryFileName): number | undefined;
  /** True while writes to the file are held back. */
  failed(): Readonly<Record<HistoryFileName, boolean>>;
  /** How often each fault has been told since the server started. */
  faults(): Readonly<Record<HistoryFault['code'], number>>;
}

/** `now` is epoch ms. */
export function createStorageWatch(now: () => number): StorageWatch {
  const failing = new Map<HistoryFileName, number>();
  const faults = {
    'storage-failed': 0,
    'storage-mended': 0,
    dropped: 0,
    corrupt: 0,
    unreadable: 0,
    'worker-died': 0,
  } satisfies Record<HistoryFault['code'], number>;
  return {
    hear: ({ code, file, worker, count }) => {
      faults[code] += code === 'dropped' || code === 'unreadable' ? (count ?? 1) : 1;
      // Its successor knows nothing of it, and tells anew what it cannot write.
      if (code === 'worker-died' && worker === 'writer') failing.clear();
      if (!file) return;
      if (code === 'storage-failed') failing.set(file, failing.get(file) ?? now());
      if (code === 'storage-mended') failing.delete(file);
    },
    failingSince: (file) => failing.get(file),
    failed: () => ({ health: failing.has('health'), log: failing.has('log') }),
    faults: () => ({ ...faults }),
  };
}

/** A write that is not on disk by then is told of, whatever holds it up: a disk says nothing while it hangs. */
const SLOW_MS = 10_000;

/** Watches writes themselves. */
export interface WriteWatch {
  /** The same promise, watched. */
  watch<T>(write: Promise<T>): Promise<T>;
  /** Since when (epoch ms) no write has come through; undefined while all is well. */
  failingSince(): number | undefined;
}

/** `now` is epoch ms. */
export function createWriteWatch(now: () => number): WriteWatch {
  const pending = new Set<{ readonly since: number }>();
  let failedSince: number | undefined;
  return {
    watch: async (write) => {
      const one = { since: now() };
      pending.add(one);
      try {
        const value = await write;
        failedSince = undefined;
        return value;
      } catch (error) {
        failedSince ??= one.since;
        throw error;
      } finally {
        pending.delete(one);
      }
    },
    failingSince: () => {
      const [oldest] = pending;
      return failedSince ?? (oldest && now() - oldest.since > SLOW_MS ? oldest.since : undefined);
    },
  };
}
