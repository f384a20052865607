/** Which page follows the log of its flow, and what it is sent: at once, and then at most once a second. */
import type { LogDesk, LogEvent } from '../log-desk.ts';
import { typeOf } from '../log-desk.ts';
import { Refusal } from '../refusal.ts';
import { hash } from './live-paths.ts';
import { type LogAsk, readLogAsk } from './log-ask.ts';
import { canFollow, type LogFound, readLog } from './log-read.ts';
import { type AskedRange, type Query, readRange } from './range-ask.ts';

/** Makes the fragments; each returns markup. */
export interface LogRenderer {
  /** All that is shown. */
  log(found: LogFound): string;
  /** The newest of it, which are not shown yet. */
  fresh(found: LogFound, fresh: LogFound['events']): string;
  /** Why it cannot be followed any more. */
  followEnd(token: string, message: string): string;
  /** What is made within is in that language. */
  speak(language: string, make: () => string): string;
}

/** An open page. */
export interface Follower {
  readonly language: string;
  send(markup: string): void;
}

export interface LiveLogDeps {
  readonly log: LogDesk;
  readonly renderer: LogRenderer;
  /** Epoch ms. */
  readonly now: () => number;
  /** Hears of what went wrong while nobody was waiting for an answer: a bug. */
  readonly onError: (error: unknown) => void;
}

/** The shortest time between two pushes to one page. */
const INTERVAL_MS = 1000;

interface Followed {
  readonly flowId: string;
  readonly text: string;
  readonly query: Query;
  readonly ask: LogAsk;
  /** Keys of what the page shows; undefined before the first push. */
  shown?: readonly string[];
  pushedAt: number;
  timer?: ReturnType<typeof setTimeout>;
  isReading: boolean;
  isStale: boolean;
}

export class LiveLog {
  readonly #deps: LiveLogDeps;
  readonly #followed = new Map<Follower, Followed>();
  readonly #unsubscribe: () => void;

  constructor(deps: LiveLogDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.log.subscribe((events) => this.#hear(events));
  }

  /** From now on the page hears of what this query asks, instead of what it heard of before; of none, nothing. */
  follow(page: Follower, flowId: string, text: string | undefined): void {
    this.remove(page);
    if (text === undefined) return;
    const query = queryOf(text);
    const ask = readLogAsk(query);
    const followed = { flowId, text, query, ask, pushedAt: 0, isReading: false, isStale: false };
    this.#followed.set(page, followed);
    this.#push(page, followed);
  }

  remove(page: Follower): void {
    clearTimeout(this.#followed.get(page)?.timer);
    this.#followed.delete(page);
  }

  close(): void {
    this.#unsubscribe();
    for (const page of [...this.#followed.keys()]) this.remove(page);
  }

  #hear(events: readonly LogEvent[]): void {
    for (const [page, followed] of this.#followed) {
      const { flowId, ask } = followed;
      const isOurs = (event: LogEvent): boolean =>
        event.flowId === flowId && (ask.types.length === 0 || ask.types.includes(typeOf(event)));
      if (events.some(isOurs)) this.#pushSoon(page, followed);
    }
  }

  #pushSoon(page: Follower, followed: Followed): void {
    if (followed.isReading) {
      followed.isStale = true;
      return;
    }
    const waitMs = followed.pushedAt + INTERVAL_MS - this.#deps.now();
    if (waitMs <= 0) return this.#push(page, followed);
    followed.timer ??= setTimeout(() => this.#push(page, followed), waitMs);
  }

  #push(page: Follower, followed: Followed): void {
    clearTimeout(followed.timer);
    followed.timer = undefined;
    followed.pushedAt = this.#deps.now();
    followed.isReading = true;
    this.#read(page, followed)
      .catch(this.#deps.onError)
      .finally(() => {
        followed.isReading = false;
        if (!followed.isStale || this.#followed.get(page) !== followed) return;
        followed.isStale = false;
        this.#pushSoon(page, followed);
      });
  }

  /** Reads anew what is shown, as the page's own form would: the filters are applied in one place only. */
  async #read(page: Follower, followed: Followed): Promise<void> {
    const { log, renderer, now } = this.#deps;
    const send = (make: () => string): void => page.send(renderer.speak(page.language, make));
    try {
      const range = this.#rangeOf(followed, now());
      const found = await readLog(log, followed.flowId, followed.ask, range);
      if (this.#followed.get(page) !== followed) return;
      const fresh = freshOf(followed.shown, found.events.map(keyOf));
      followed.shown = found.events.map(keyOf);
      if (fresh === undefined) send(() => renderer.log(found));
      else if (fresh > 0) send(() => renderer.fresh(found, found.events.slice(0, fresh)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // With the next event all is sent again, and that it is live.
      followed.shown = undefined;
      send(() => renderer.followEnd(hash(followed.text), error.faults[0]?.message ?? error.message));
    }
  }

  #rangeOf({ query, ask }: Followed, now: number): AskedRange {
    const range = readRange(query, now);
    if (!canFollow(ask, range)) throw new Refusal('invalid-fields');
    return range;
  }
}

function queryOf(text: string): Query {
  const params = new URLSearchParams(text);
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}

const keyOf = ({ relay, boot, seq }: LogEvent): string => `${relay} ${boot} ${seq}`;

/** How many of these are new above what is shown; undefined where they are not simply above it. */
function freshOf(shown: readonly string[] | undefined, keys: readonly string[]): number | undefined {
  const [newest] = shown ?? [];
  if (!shown || newest === undefined) return undefined;
  const fresh = keys.indexOf(newest);
  if (fresh < 0) return undefined;
  return keys.slice(fresh).every((key, index) => key === shown[index]) ? fresh : undefined;
}
