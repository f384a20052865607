/** A health desk of a flow whose figures rise and fall, with a gap of a tenth: for looking at charts. */
import type { HealthFieldName, HealthDesk } from '../../server/health.ts';
import { checkRange } from '../../server/rules.ts';
import { emptyHealth } from './empty-health.ts';

const middle: Partial<Record<HealthFieldName, number>> = {
  bitrate: 8e6,
  nullBitrate: 4e5,
  frameRate: 25,
  lossRatio: 0.012,
  retransmitRatio: 0.02,
  rttMs: 42,
  dropped: 2,
};

const STEPS = [1000, 5000, 60_000, 300_000];

/** As the history thins: the finest step of at most so many points. */
const stepOf = (length: number, most: number): number => STEPS.find((step) => length / step <= most) ?? 900_000;

export const waves: HealthDesk = {
  ...emptyHealth,
  read: async ({ from, to, fields, maxPoints = 100_000 }) => {
    checkRange({ from, to }, Date.now(), 7);
    const stepMs = stepOf(to - from, maxPoints);
    const first = Math.floor(from / stepMs) * stepMs;
    const count = Math.ceil((to - first) / stepMs);
    const valueAt = (at: number, field: HealthFieldName): number => {
      const turn = (at / 600_000) % 1;
      return turn > 0.4 && turn < 0.5 ? Number.NaN : (middle[field] ?? 0) * (1 + Math.sin(turn * 2 * Math.PI) / 8);
    };
    const columns = fields.map((field) => ({
      field,
      values: Float64Array.from({ length: count }, (_, index) => valueAt(first + index * stepMs, field)),
    }));
    return { from: first, stepMs, count, columns, marks: [] };
  },
  channels: async (flowId, from, to) => {
    checkRange({ from, to }, Date.now(), 7);
    const input = { flowId, pipeline: 'primary', endpointId: 'input' } as const;
    return [input, { ...input, track: 'pid 256' }, { ...input, track: 'pid 257' }];
  },
};
