/** A health desk of a server that has kept nothing yet. */
import type { HealthDesk } from '../../server/health.ts';

export const emptyHealth: HealthDesk = {
  retentionDays: 7,
  failingSince: () => undefined,
  now: () => [],
  vitals: { of: () => undefined },
  inputRates: () => [],
  take: async () => {},
  read: async ({ from }) => ({ from, stepMs: 1000, count: 0, columns: [], marks: [] }),
  readText: async ({ from }, form) =>
    new TextEncoder().encode(form === 'csv' ? 'time\r\n' : `{"from":${from},"stepMs":1000,"columns":[],"resets":[]}`),
  channels: async () => [],
  totals: async () => ({ since: 0, sums: {} }),
  reset: async () => 0,
};
