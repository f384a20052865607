/** A clock that stands still until the test turns it: monotonic ms, or epoch ms where a test says so. */

export interface Clock {
  readonly now: () => number;
  /** Goes on by so many ms and returns the new time. */
  turn(ms: number): number;
}

export function createClock(start = 0): Clock {
  let time = start;
  return {
    now: () => time,
    turn: (ms) => {
      time += ms;
      return time;
    },
  };
}
