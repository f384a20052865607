/** Work that must not overlap. */

/** One after the other, in the order of the calls. */
export function createLane(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = tail.then(work);
    // Whoever called hears of it.
    tail = run.catch(() => undefined);
    return run;
  };
}
