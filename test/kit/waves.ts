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

const HALF_HOUR_MS = 1_800_000;
/** Of long ranges: the same moment, however often it is asked for. */
const RESET_AT = Date.now() - 1_200_000;

const STEPS = [1000, 5000, 60_000, 300_000];

/** As the history thins: the finest step of at most so many points. */
const stepOf = (length: number, most: number): number => STEPS.find((step) => length / step <= most) ?? 900_000;

const video = { kind: 'video', codec: 'H.264', profile: 'High', width: 1920, height: 1080 } as const;
const audio = { kind: 'audio', codec: 'AAC', sampleRate: 48_000, channels: 2, language: 'eng' } as const;
const link = { pipeline: 'primary', id: 'input', values: { frameAgeMs: 40, rttMs: 42, latencyMs: 120 } } as const;

export const waves: HealthDesk = {
  ...emptyHealth,
  now: (flowId) => [
    {
      ...link,
      flowId,
      tracks: [
        { id: 'pid 256', ...video, values: { bitrate: 7.4e6, frameRate: 25 } },
        { id: 'pid 257', ...audio, values: { bitrate: 128_000, frameRate: 46.875 } },
      ],
      latency: {
        seconds: 300,
        advice: {
          seconds: 300,
          suggestedMs: 210,
          rttMs: 42,
          roundTrips: 5,
          meanLoss: 0.012,
          worstLoss: 0.031,
          dropped: 12,
          inForceMs: 120,
          verdict: 'too-short',
        },
      },
    },
  ],
  totals: async () => ({ since: Date.now() - 3_600_000, sums: { dropped: 1234, continuityErrors: 5 } }),
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
    return { from: first, stepMs, count, columns, marks: [to - from > HALF_HOUR_MS ? RESET_AT : to - (to - from) / 3] };
  },
  channels: async (flowId, from, to) => {
    checkRange({ from, to }, Date.now(), 7);
    const input = { flowId, pipeline: 'primary', endpointId: 'input' } as const;
    return [
      input,
      { ...input, track: 'pid 256', about: video, since: from },
      { ...input, track: 'pid 257', about: audio, since: from },
    ];
  },
};
