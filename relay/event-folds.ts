/** Holds floods of events down: what repeats becomes one line with a count, what is too various one "and so many more". */
import type { RelayEventCode } from './contract/messages.ts';
import type { RelayHappening } from './happening.ts';

/** Repeats are told once a second at first, and in the long run once a minute. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 60_000;
/** What has not come for this long is told at once when it comes again. */
const OVER_MS = 10_000;
/** Of these an operator must see the last one at once: they tell how things stand, and fold within a second only. */
const standing: ReadonlySet<RelayEventCode> = new Set(['connected', 'disconnected', 'stalled', 'flowing-again']);
/** Different lines of one kind that one endpoint may make at once, and how fast it may go on. */
const LINES_AT_ONCE = 10;
const LINES_A_SECOND = 1;

/** A line that is ready: `at` is when it happened last, `count` how often. */
export interface Line extends RelayHappening {
  readonly at: number;
  readonly count: number;
}

interface Fold {
  last: RelayHappening;
  at: number;
  count: number;
  /** Of the first one that is not told yet. */
  since: number;
  toldAt: number;
  waitMs: number;
}

interface Purse {
  left: number;
  filledAt: number;
}

/** Times are ms of one clock that the caller gives. Nothing that was added is left out of the counts. */
export class EventFolds {
  readonly #folds = new Map<string, Fold>();
  readonly #purses = new Map<string, Purse>();

  /** The line to tell at once; undefined where it is the repeat of one, or one too many. */
  add(event: RelayHappening, at: number): Line | undefined {
    const fold = this.#folds.get(keyOf(event));
    if (fold && (fold.count > 0 || at - fold.at < OVER_MS)) return repeat(fold, event, at);
    if (!this.#affords(event, at)) return this.add(oneOfMore(event), at);
    this.#folds.set(keyOf(event), { last: event, at, count: 0, since: at, toldAt: at, waitMs: SHORTEST_MS });
    return { ...event, at, count: 1 };
  }

  /** Called about once a second: the repeats that are to be told now, oldest first. */
  close(now: number): Line[] {
    const lines = [...this.#folds].flatMap(([key, fold]) => {
      if (now - fold.toldAt < fold.waitMs) return [];
      if (fold.count === 0) {
        this.#folds.delete(key);
        return [];
      }
      return [told(fold, now)];
    });
    for (const [key, purse] of this.#purses) if (isFull(purse, now)) this.#purses.delete(key);
    return lines.toSorted((a, b) => a.at - b.at);
  }

  #affords(event: RelayHappening, at: number): boolean {
    if (event.code === 'more-events') return true;
    const key = JSON.stringify([...placeOf(event), event.code]);
    const purse = this.#purses.get(key) ?? { left: LINES_AT_ONCE, filledAt: at };
    purse.left = Math.min(LINES_AT_ONCE, purse.left + ((at - purse.filledAt) / 1000) * LINES_A_SECOND);
    purse.filledAt = at;
    this.#purses.set(key, purse);
    if (purse.left < 1) return false;
    purse.left--;
    return true;
  }
}

function repeat(fold: Fold, event: RelayHappening, at: number): undefined {
  if (fold.count === 0) fold.since = at;
  fold.last = event;
  fold.at = at;
  fold.count++;
}

/** The wait grows while it goes on; a whole wait without a repeat ends the fold, and the next one is told at once. */
function told(fold: Fold, now: number): Line {
  const { last, at, count, since } = fold;
  const overMs = Math.round(at - since);
  const line = { ...last, at, count, facts: { ...last.facts, ...(count > 1 && { overMs }) } };
  fold.count = 0;
  fold.toldAt = now;
  fold.waitMs = standing.has(last.code) ? SHORTEST_MS : Math.min(fold.waitMs * 2, LONGEST_MS);
  return line;
}

/** The port of a peer is another one at each call, and so is the time that it lasted: they make no difference. */
function keyOf(event: RelayHappening): string {
  const { durationMs: _durationMs, ...facts } = event.facts;
  return JSON.stringify([...placeOf(event), event.code, event.peer?.address, facts]);
}

const placeOf = ({ flowId, pipeline, endpoint, role }: RelayHappening): readonly string[] => [
  flowId,
  pipeline,
  endpoint,
  role,
];

const oneOfMore = ({ peer: _peer, ...event }: RelayHappening): RelayHappening => ({
  ...event,
  code: 'more-events',
  facts: { of: event.code },
});

const isFull = ({ left, filledAt }: Purse, now: number): boolean =>
  left + ((now - filledAt) / 1000) * LINES_A_SECOND >= LINES_AT_ONCE;
