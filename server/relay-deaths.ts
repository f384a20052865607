/** What an operator is told when a relay process ends: each flow on it, and once where it keeps ending. */
import type { MediaEvent, PipelinePlan } from '../relay/contract/messages.ts';

/** So many deaths within a minute are a crash loop: that is said once, and then no more until the relay has lived. */
export const LOOP_DEATHS = 3;
export const LOOP_MS = 60_000;

/**
 * `hung`: we ended it; `crashed`: by a fault of its own; `killed`: somebody else's signal; `held`: it
 * found another process of this relay; `unknown`: not our child, so that nobody told us how. `deaths` counts those of the last minute; it is started again in `waitMs`.
 */
export interface Death {
  readonly cause: 'hung' | 'crashed' | 'killed' | 'held' | 'unknown';
  readonly deaths: number;
  readonly waitMs: number;
}

/** One event for each pipeline that the relay is to run. `at` is epoch ms. */
export function deathEvents(
  relay: string,
  { cause, deaths, waitMs }: Death,
  wishes: Iterable<{ readonly flowId: string; readonly plans: readonly PipelinePlan[] }>,
  at: number,
): MediaEvent[] {
  if (deaths > LOOP_DEATHS) return [];
  const told: Pick<MediaEvent, 'code' | 'facts'> =
    deaths === LOOP_DEATHS
      ? { code: 'relay-keeps-ending', facts: { relay, cause, deaths } }
      : { code: 'relay-ended', facts: { relay, cause, waitMs } };
  return [...wishes].flatMap(({ flowId, plans }) =>
    plans.map(({ pipeline, sourceId }) => ({ at, flowId, pipeline, endpoint: sourceId, ...told })),
  );
}
