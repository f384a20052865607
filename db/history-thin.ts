/** Seconds into points of a chart: as they are, or in buckets of 5 s to 15 min. */
import { ABSENT, BLOCK_SECONDS } from './history-block.ts';
import { fieldOfNumber, type NumberedField, valueOfSteps } from './history-fields.ts';
import type { Columns, HealthColumn, TimeRange } from './history-model.ts';

/** Buckets in seconds. The guide's charts are thinned to these. */
const BUCKETS = [1, 5, 60, 300, 900] as const;

/** A day of seconds and some more: longer ranges come thinned, whatever is asked for. */
export const MOST_POINTS = 100_000;

/** Which bucket each point is. `first` is in seconds since 1970 and a whole number of `step` seconds; so is its end. */
export interface Grid {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/**
 * The finest grid of at most `maxPoints` points over the whole range, or the coarsest. Throws a RangeError where the range
 * is empty, or too long even for that.
 */
export function gridOf({ from, to }: TimeRange, maxPoints: number = MOST_POINTS): Grid {
  if (!(from < to)) throw new RangeError('A range of history begins before it ends.');
  const grids = BUCKETS.map((step) => {
    const first = Math.floor(from / 1000 / step) * step;
    return { first, step, count: Math.ceil((to / 1000 - first) / step) };
  });
  const possible = grids.filter(({ count }) => count <= MOST_POINTS);
  const grid = possible.find(({ count }) => count <= maxPoints) ?? possible.at(-1);
  if (!grid) throw new RangeError(`A range of history has at most ${MOST_POINTS} points of 15 minutes.`);
  return grid;
}

/** Gathers one field over a grid, block by block, in any order, each second once. */
export interface Gatherer {
  add(block: number, columns: Columns): void;
  column(): HealthColumn;
}

/** Throws a RangeError where there is no such field. */
export function createGatherer(number: number, grid: Grid): Gatherer {
  const field = fieldOfNumber(number);
  if (!field) throw new RangeError(`Health has no field number ${number}.`);
  return grid.step === 1 ? new Seconds({ number, field }, grid) : new Buckets({ number, field }, grid);
}

/** As they are: a day of many fields is most of what is asked for, and four arrays a field would be most of its cost. */
class Seconds implements Gatherer {
  readonly #of: NumberedField;
  readonly #grid: Grid;
  readonly #values: Float64Array;

  constructor(of: NumberedField, grid: Grid) {
    this.#of = of;
    this.#grid = grid;
    this.#values = new Float64Array(grid.count).fill(Number.NaN);
  }

  add(block: number, columns: Columns): void {
    const { number, field } = this.#of;
    eachSecond(block, columns.get(number), this.#grid, (second, steps) => {
      this.#values[second] = valueOfSteps(field, steps);
    });
  }

  column(): HealthColumn {
    return { field: this.#of.field.name, values: this.#values };
  }
}

class Buckets implements Gatherer {
  readonly #of: NumberedField;
  readonly #grid: Grid;
  readonly #sums: Float64Array;
  readonly #counts: Uint16Array;
  readonly #low: Int32Array;
  readonly #high: Int32Array;

  constructor(of: NumberedField, grid: Grid) {
    this.#of = of;
    this.#grid = grid;
    this.#sums = new Float64Array(grid.count);
    this.#counts = new Uint16Array(grid.count);
    this.#low = new Int32Array(grid.count).fill(-ABSENT - 1);
    this.#high = new Int32Array(grid.count).fill(ABSENT);
  }

  add(block: number, columns: Columns): void {
    const { step } = this.#grid;
    eachSecond(block, columns.get(this.#of.number), this.#grid, (second, steps) =>
      this.#put(Math.floor(second / step), steps),
    );
  }

  column(): HealthColumn {
    const { name, kind } = this.#of.field;
    const values = this.#sums.map((sum, point) => this.#valueOf(sum, this.#counts[point] ?? 0));
    if (kind === 'count') return { field: name, values };
    return { field: name, values, low: this.#bound(this.#low), high: this.#bound(this.#high) };
  }

  #put(point: number, steps: number): void {
    this.#sums[point] = (this.#sums[point] ?? 0) + steps;
    this.#counts[point] = (this.#counts[point] ?? 0) + 1;
    if (steps < (this.#low[point] ?? 0)) this.#low[point] = steps;
    if (steps > (this.#high[point] ?? 0)) this.#high[point] = steps;
  }

  #valueOf(sum: number, count: number): number {
    if (count === 0) return Number.NaN;
    const { field } = this.#of;
    return valueOfSteps(field, field.kind === 'count' ? sum : sum / count);
  }

  #bound(steps: Int32Array): Float64Array {
    return Float64Array.from(steps, (bound, point) =>
      this.#counts[point] === 0 ? Number.NaN : valueOfSteps(this.#of.field, bound),
    );
  }
}

/** Hears the seconds of a block that are in the grid and have a value, counted from the grid's first. */
function eachSecond(
  block: number,
  column: Int32Array | undefined,
  { first, step, count }: Grid,
  hear: (second: number, steps: number) => void,
): void {
  if (!column) return;
  const start = block * BLOCK_SECONDS - first;
  const last = Math.min(BLOCK_SECONDS, count * step - start);
  for (let second = Math.max(0, -start); second < last; second++) {
    const steps = column[second];
    if (steps !== undefined && steps !== ABSENT) hear(start + second, steps);
  }
}
