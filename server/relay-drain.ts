/**
 * Relays restarted by an operator, one after the other: the next is touched only when the one before carries again all that
 * it carried, so that primary and backup of a flow are never interrupted together.
 */
import { Refusal } from './refusal.ts';

/** One relay as the fleet knows it. An end is named by flow, pipeline and id. */
export interface RelayState {
  readonly relayId: string;
  /** New for each process; undefined while none has said hello. */
  readonly boot: string | undefined;
  /** Is any flow wished on it? */
  readonly isNeeded: boolean;
  /** Does it report, and run every flow that is wished on it? */
  readonly isWhole: boolean;
  /** The ends on which media moves. */
  readonly flowing: ReadonlySet<string>;
}

export interface DrainDeps {
  readonly relays: () => readonly RelayState[];
  /** Asks the relay's process to close its sockets and end; its keeper starts it anew. */
  readonly end: (relayId: string) => void;
  /** Monotonic ms. */
  readonly now: () => number;
  /** Resolves after a moment, when it is worth to look again. */
  readonly pause: () => Promise<void>;
  readonly log: (what: string, detail: Record<string, unknown>) => void;
}

/** What came of one relay. `gapMs` is the time from its end until all moved again that moved before. */
export interface Drained {
  readonly relayId: string;
  readonly outcome: 'restarted' | 'not-back' | 'not-whole' | 'left-out';
  readonly gapMs?: number;
}

export interface DrainProgress {
  /** The relay that is restarted now; undefined when nothing is under way. */
  readonly current: string | undefined;
  readonly waiting: readonly string[];
  /** Of this restart, or of the last one. */
  readonly done: readonly Drained[];
}

export interface Drain {
  /** Begins. Throws a Refusal where one is under way, where a relay is not known, or where another is not whole. */
  restart(relayIds: readonly string[]): void;
  progress(): DrainProgress;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** A process that has not said hello by then does not come back by itself. */
const BACK_MS = 20_000;
/** Encoders call again, and destinations answer again, within this; what is gone for longer stops the others. */
const WHOLE_MS = 30_000;

export function createDrain(deps: DrainDeps): Drain {
  let current: string | undefined;
  let waiting: string[] = [];
  let done: Drained[] = [];
  let work: Promise<void> = Promise.resolve();

  const find = (relayId: string): RelayState | undefined => deps.relays().find((it) => it.relayId === relayId);

  /** Waits until `isDone`; false where that takes too long. */
  const until = async (isDone: () => boolean, mostMs: number): Promise<boolean> => {
    const deadline = deps.now() + mostMs;
    while (!isDone()) {
      if (deps.now() >= deadline) return false;
      await deps.pause();
    }
    return true;
  };

  const restartOne = async (relayId: string): Promise<Drained> => {
    const before = find(relayId);
    if (!before || deps.relays().some((it) => it.relayId !== relayId && !it.isWhole))
      return { relayId, outcome: 'left-out' };
    const startedAt = deps.now();
    deps.log('relay restart ordered', { relayId });
    deps.end(relayId);
    const isBack = (): boolean => {
      const now = find(relayId);
      return now !== undefined && now.boot !== before.boot && now.isWhole && (now.boot !== undefined || !now.isNeeded);
    };
    if (!(await until(isBack, BACK_MS))) return { relayId, outcome: 'not-back' };
    const movesAgain = (): boolean => {
      const flowing = find(relayId)?.flowing;
      return [...before.flowing].every((end) => flowing?.has(end));
    };
    const isWhole = await until(movesAgain, WHOLE_MS);
    const gapMs = Math.round(deps.now() - startedAt);
    return isWhole ? { relayId, outcome: 'restarted', gapMs } : { relayId, outcome: 'not-whole' };
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      current = waiting.shift() ?? '';
      const one = await restartOne(current);
      done.push(one);
      deps.log('relay restart over', { ...one });
      if (one.outcome !== 'restarted') {
        done.push(...waiting.map((relayId) => ({ relayId, outcome: 'left-out' as const })));
        waiting = [];
      }
    }
    current = undefined;
  };

  return {
    restart: (relayIds) => {
      if (current !== undefined) throw new Refusal('restart-under-way');
      const relays = deps.relays();
      const runs = new Set(relays.flatMap(({ relayId, boot }) => (boot === undefined ? [] : [relayId])));
      if (relayIds.length === 0 || relayIds.some((id) => !runs.has(id))) throw new Refusal('relay-not-found');
      if (relays.some((it) => !it.isWhole && !(relayIds.length === 1 && relayIds[0] === it.relayId)))
        throw new Refusal('relay-not-whole');
      done = [];
      waiting = [...relayIds];
      current = waiting[0];
      work = run();
    },
    progress: () => ({ current, waiting: [...waiting], done: [...done] }),
    settled: () => work,
  };
}
