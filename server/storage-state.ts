/** Whether the history can be written, from what it tells of itself. */
import type { HistoryFault, HistoryFileName } from '../db/history-model.ts';

export interface StorageState {
  note(fault: HistoryFault): void;
  /** True while writes to the file are held back. */
  failed(): Readonly<Record<HistoryFileName, boolean>>;
  /** How often each has been told since the server started. */
  faults(): Readonly<Record<HistoryFault['code'], number>>;
}

export function createStorageState(): StorageState {
  const failed = { health: false, log: false };
  const faults = {
    'storage-failed': 0,
    'storage-mended': 0,
    dropped: 0,
    corrupt: 0,
    unreadable: 0,
    'worker-died': 0,
  } satisfies Record<HistoryFault['code'], number>;
  return {
    note: ({ code, file, count }) => {
      faults[code] += code === 'dropped' || code === 'unreadable' ? (count ?? 1) : 1;
      const files = file ? [file] : (['health', 'log'] as const);
      if (code === 'storage-failed') for (const it of files) failed[it] = true;
      if (code === 'storage-mended') for (const it of files) failed[it] = false;
    },
    failed: () => ({ ...failed }),
    faults: () => ({ ...faults }),
  };
}
