/** The newest reading of each endpoint, in memory: what a "now" is made of, dropped as soon as its relay falls silent. */
import type { EndpointHealth, Health } from '../relay/contract/health.ts';
import { SILENT_MS } from './fleet.ts';

/** A relay that was away hands in its minutes first: what was measured longer ago is history, not now. */
const LATE_MS = 10_000;

/** More endpoints are not held: 10,000 flows have 60,000. */
const MOST_ENDS = 100_000;

/** Endpoints that are gone are let go of in passing, this often. */
const SWEEP_MS = 60_000;

interface End {
  readonly reading: EndpointHealth;
  /** Epoch ms by the relay's clock, and monotonic ms by ours. */
  readonly at: number;
  readonly heardAt: number;
}

export interface Newest {
  /** `wall` is epoch ms, `ticks` monotonic ms, of the moment at which it came. */
  take(health: Health, wall: number, ticks: number): void;
  /** What was measured of a flow's endpoints within SILENT_MS before `ticks`. */
  of(flowId: string, ticks: number): readonly EndpointHealth[];
}

export function createNewest(): Newest {
  const flows = new Map<string, Map<string, End>>();
  let count = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const put = (reading: EndpointHealth, at: number, heardAt: number): void => {
    const key = `${reading.pipeline} ${reading.id}`;
    const ends = flows.get(reading.flowId) ?? new Map<string, End>();
    const known = ends.get(key);
    // A relay's clock may be set back: what it said before has no more worth than what was heard long ago.
    if (known && known.at > at && heardAt - known.heardAt < SILENT_MS) return;
    if (!known && count >= MOST_ENDS) return;
    if (!known) count++;
    flows.set(reading.flowId, ends.set(key, { reading, at, heardAt }));
  };

  const sweep = (ticks: number): void => {
    sweptAt = ticks;
    for (const [flowId, ends] of flows) {
      for (const [key, { heardAt }] of ends) if (ticks - heardAt > SILENT_MS && ends.delete(key)) count--;
      if (ends.size === 0) flows.delete(flowId);
    }
  };

  return {
    take: ({ seconds }, wall, ticks) => {
      if (ticks - sweptAt > SWEEP_MS) sweep(ticks);
      for (const { at, endpoints } of seconds)
        if (Math.abs(wall - at) <= LATE_MS) for (const reading of endpoints) put(reading, at, ticks);
    },
    of: (flowId, ticks) =>
      [...(flows.get(flowId)?.values() ?? [])]
        .filter(({ heardAt }) => ticks - heardAt <= SILENT_MS)
        .map(({ reading }) => reading),
  };
}
