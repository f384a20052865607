/** Whether health and log are being kept, by what the history tells of its disk. */
import type { HistoryFault, HistoryFileName } from '../db/history-model.ts';

export interface StorageWatch {
  /** The history's own telling (HistoryOptions.onFault). */
  hear(fault: HistoryFault): void;
  /** Since when the file takes nothing (epoch ms); undefined while it takes all, as far as is known. */
  failingSince(file: HistoryFileName): number | undefined;
}

/** `now` is epoch ms. */
export function createStorageWatch(now: () => number): StorageWatch {
  const failing = new Map<HistoryFileName, number>();
  return {
    hear: ({ code, file }) => {
      if (!file) return;
      if (code === 'storage-failed') failing.set(file, failing.get(file) ?? now());
      if (code === 'storage-mended') failing.delete(file);
    },
    failingSince: (file) => failing.get(file),
  };
}
