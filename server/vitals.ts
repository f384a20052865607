/** The newest reading of each endpoint, for alarms and metrics; the history keeps them all. */
import type { EndpointHealth, Health } from '../relay/contract/health.ts';
import type { EndpointStatus } from '../relay/contract/messages.ts';
import type { HealthDesk } from './health.ts';

/** An older reading says nothing of now. */
const FRESH_MS = 5000;
/** What has not been measured for this long is forgotten. */
const FORGET_MS = 60_000;

export type EndpointPlace = Pick<EndpointStatus, 'flowId' | 'pipeline' | 'id'>;

export interface Vitals {
  note(health: Health): void;
  /** Of the last seconds; undefined where there is none: a gap is a gap. */
  of(place: EndpointPlace): EndpointHealth | undefined;
}

/** `now` is epoch ms, as the times of readings are. */
export function createVitals(now: () => number): Vitals {
  const newest = new Map<string, { readonly at: number; readonly reading: EndpointHealth }>();
  let sweptAt = now();
  const sweep = (): void => {
    if (now() - sweptAt < FORGET_MS) return;
    sweptAt = now();
    for (const [key, { at }] of newest) if (at < sweptAt - FORGET_MS) newest.delete(key);
  };
  return {
    note: ({ seconds }) => {
      for (const { at, endpoints } of seconds)
        for (const reading of endpoints) {
          const key = keyOf(reading);
          if (at >= (newest.get(key)?.at ?? 0)) newest.set(key, { at, reading });
        }
      sweep();
    },
    of: (place) => {
      const found = newest.get(keyOf(place));
      return found && now() - found.at < FRESH_MS ? found.reading : undefined;
    },
  };
}

const keyOf = ({ flowId, pipeline, id }: EndpointPlace): string => `${flowId} ${pipeline} ${id}`;

/** The same desk, heard: what relays measured is noted before it is kept, so that a full disk blinds nobody. */
export const noting = (desk: HealthDesk, vitals: Vitals): HealthDesk => ({
  ...desk,
  take: async (health) => {
    vitals.note(health);
    await desk.take(health);
  },
});
