/** The bit rate of each flow's input over the last minutes, in memory: what a list draws without asking the history. */
import type { EndpointHealth, Health } from '../relay/contract/health.ts';
import type { Moment } from './health-newest.ts';

/** Sixty points of 5 s: the last five minutes. */
export const RATE_POINTS = 60;
export const RATE_STEP_MS = 5000;

/** More inputs are not held. Each takes 0.6 kB. */
const MOST_INPUTS = 20_000;
const SPAN_MS = RATE_POINTS * RATE_STEP_MS;
const SWEEP_MS = 60_000;

/** Of one input of one pipeline: sums and counts of the seconds of each step, and which step (epoch ms / 5 s) each holds. */
interface Ring {
  readonly sums: Float64Array;
  readonly counts: Uint8Array;
  readonly steps: Float64Array;
  heardAt: number;
}

export interface InputRates {
  take(health: Health, moment: Moment): void;
  /** Of a flow: bit/s of all its inputs together, oldest first; undefined where nothing was measured. */
  of(flowId: string, wall: number): readonly (number | undefined)[];
}

export function createInputRates(): InputRates {
  const flows = new Map<string, Map<string, Ring>>();
  let count = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const ringOf = ({ flowId, pipeline }: EndpointHealth): Ring | undefined => {
    const rings = flows.get(flowId) ?? new Map<string, Ring>();
    const known = rings.get(pipeline);
    if (known || count >= MOST_INPUTS) return known;
    const made = {
      sums: new Float64Array(RATE_POINTS),
      counts: new Uint8Array(RATE_POINTS),
      steps: new Float64Array(RATE_POINTS),
      heardAt: 0,
    };
    count++;
    flows.set(flowId, rings.set(pipeline, made));
    return made;
  };

  const sweep = (ticks: number): void => {
    sweptAt = ticks;
    for (const [flowId, rings] of flows) {
      for (const [pipeline, { heardAt }] of rings) if (ticks - heardAt > SPAN_MS && rings.delete(pipeline)) count--;
      if (rings.size === 0) flows.delete(flowId);
    }
  };

  return {
    take: ({ seconds }, { wall, ticks }) => {
      if (ticks - sweptAt > SWEEP_MS) sweep(ticks);
      for (const { at, endpoints } of seconds) {
        if (wall - at > SPAN_MS) continue;
        for (const reading of endpoints) {
          const bitrate = reading.id === 'input' ? reading.values['bitrate'] : undefined;
          const ring = bitrate === undefined ? undefined : ringOf(reading);
          if (!ring || bitrate === undefined) continue;
          ring.heardAt = ticks;
          add(ring, Math.floor(at / RATE_STEP_MS), bitrate);
        }
      }
    },
    of: (flowId, wall) => {
      const rings = [...(flows.get(flowId)?.values() ?? [])];
      const last = Math.floor(wall / RATE_STEP_MS);
      // The step of now is not over yet: it is shown as soon as it is.
      return Array.from({ length: RATE_POINTS }, (_, index) => total(rings, last - RATE_POINTS + index));
    },
  };
}

function add({ sums, counts, steps }: Ring, step: number, bitrate: number): void {
  const slot = step % RATE_POINTS;
  if (steps[slot] !== step) {
    steps[slot] = step;
    sums[slot] = 0;
    counts[slot] = 0;
  }
  sums[slot] = (sums[slot] ?? 0) + bitrate;
  counts[slot] = (counts[slot] ?? 0) + 1;
}

/** The means of the step, summed over the inputs that were measured in it. */
function total(rings: readonly Ring[], step: number): number | undefined {
  const slot = step % RATE_POINTS;
  const means = rings.flatMap(({ sums, counts, steps }) =>
    steps[slot] === step && (counts[slot] ?? 0) > 0 ? [(sums[slot] ?? 0) / (counts[slot] ?? 1)] : [],
  );
  return means.length === 0 ? undefined : means.reduce((sum, mean) => sum + mean, 0);
}
