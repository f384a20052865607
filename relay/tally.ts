/** Counts what goes on and on, and says when it is worth telling: at once, and then ever more rarely. */

/** No more than once a second, and in the long run once a minute. */
const SHORTEST_MS = 1000;
const LONGEST_MS = 60_000;
/** What has stopped for this long is told at once when it begins again. */
const OVER_MS = 10_000;

/** Times are monotonic ms. Nothing that was added is ever left out of what is told. */
export class Tally {
  #count = 0;
  #waitMs = SHORTEST_MS;
  #toldAt = Number.NEGATIVE_INFINITY;
  #addedAt = Number.NEGATIVE_INFINITY;
  #since = 0;
  /** How long it took for what was told last to come together, in ms; 0 where it came within a second. */
  overMs = 0;

  /** Called about once a second with what came since. Returns how many are to be told now, if any. */
  add(count: number, now: number): number | undefined {
    if (count > 0 && now - this.#addedAt >= OVER_MS) this.#waitMs = SHORTEST_MS;
    if (count > 0 && this.#count === 0) this.#since = now;
    if (count > 0) this.#addedAt = now;
    this.#count += count;
    if (this.#count === 0 || now - this.#toldAt < this.#waitMs) return undefined;
    const told = this.#count;
    this.overMs = Math.round(now - this.#since);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_MS);
    this.#toldAt = now;
    this.#count = 0;
    return told;
  }
}

/** The growth of a counter that only rises, but for one that began anew. */
export class Growth {
  #seen = 0;

  since(count: number): number {
    const grown = count < this.#seen ? count : count - this.#seen;
    this.#seen = count;
    return grown;
  }
}

/** The growth of a counter, cut at the edges of seconds: what grew after an edge belongs to the next second. */
export class CutGrowth {
  readonly #growth = new Growth();
  #rest = 0;

  /** `share`: the part, 0 to 1, of the time since the last look that lies before the edge. Growth within it counts as even. */
  since(count: number, share: number): number {
    const grown = this.#growth.since(count);
    const cut = this.#rest + grown * share;
    this.#rest = grown * (1 - share);
    return cut;
  }
}
