/** Health as a busy SRT link gives it: noise in every figure, loss in bursts; seeded, so that two runs are alike. */
import type { HealthFieldName, HealthValues } from '../../db/history-fields.ts';

export const fields = [
  'bitrate',
  'nullBitrate',
  'frameRate',
  'lossRatio',
  'retransmitRatio',
  'rttMs',
  'dropped',
  'bufferMs',
  'latencyMs',
  'linkBandwidth',
  'frameAgeMs',
  'continuityErrors',
] as const satisfies readonly HealthFieldName[];

/** One set of values a second, for so many seconds. */
export function noise(seconds: number, seed: number): readonly HealthValues[] {
  const random = randomFrom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  let [drift, swing, burst] = [0, 0, 0];
  return Array.from({ length: seconds }, () => {
    drift = drift * 0.95 + normal() * 0.01;
    swing = swing * 0.9 + normal() * 0.4;
    burst = random() < 0.002 ? 3 + random() * 20 : Math.max(0, burst - 1);
    const loss = burst > 0 ? Math.abs(normal()) * 0.02 : random() < 0.03 ? 1 / 950 : 0;
    const isHit = burst > 0 && random() < 0.3;
    return {
      bitrate: 10e6 * (1 + drift + normal() * 0.004),
      nullBitrate: 300_000 + normal() * 40_000,
      frameRate: 25 + (random() < 0.1 ? Math.sign(random() - 0.5) : 0),
      lossRatio: loss,
      retransmitRatio: loss * (1 + random() * 0.3),
      rttMs: 24 + swing + normal() * 0.5 + (burst > 0 ? 3 : 0),
      dropped: isHit ? Math.floor(random() * 5) : 0,
      bufferMs: 118 + normal() * 6,
      latencyMs: 120,
      linkBandwidth: 400e6 * (1 + normal() * 0.15),
      frameAgeMs: random() * 40,
      continuityErrors: isHit ? 1 : 0,
    };
  });
}

/** Numbers in [0, 1). Source: Marsaglia, Xorshift RNGs, 2003: shifts 13, 17, 5. */
function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
