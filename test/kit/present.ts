/** What a test cannot go on without. */

/** The value itself; throws with `missing` where there is none. */
export function present<T>(value: T | undefined, missing: string): T {
  if (value === undefined) throw new Error(missing);
  return value;
}
