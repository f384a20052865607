/** How a relay process ended, and what the flows on it are told of that: once for each death, and once where it keeps dying. */

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

export interface DeathNote {
  readonly code: 'relay-died' | 'relay-keeps-ending';
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Undefined where it has been said: that it hung and is ended, or that it keeps ending. */
export function deathNote({ cause, deaths, waitMs }: Death): DeathNote | undefined {
  if (deaths === LOOP_DEATHS) return { code: 'relay-keeps-ending', facts: { cause, deaths } };
  if (deaths > LOOP_DEATHS || cause === 'hung') return undefined;
  return { code: 'relay-died', facts: { cause, waitMs: Math.round(waitMs) } };
}
