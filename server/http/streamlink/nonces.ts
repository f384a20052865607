/** Which requests of the form protocol were seen: each is told by its Nonce together with its Timestamp. */

/** A request may be as old, or as far in the future, in seconds. */
export const WINDOW_S = 300;

/** So many of one key within the window: 200 a second for five minutes, and some more. About 10 MB. */
const MOST_NONCES = 100_000;

export type Taken = 'new' | 'repeated' | 'too-many';

export interface Nonces {
  /** Remembers it, while its timestamp is within the window; `at` and `now` are in seconds. */
  take(keyId: string, request: { readonly nonce: string; readonly at: number }, now: number): Taken;
}

/** Only requests that are signed well may be put here, so that nobody else can fill it. */
export function createNonces(most: number = MOST_NONCES): Nonces {
  const keys = new Map<string, Map<number, Set<string>>>();
  return {
    take: (keyId, { nonce, at }, now) => {
      const seconds = keys.get(keyId) ?? new Map<number, Set<string>>();
      keys.set(keyId, seconds);
      for (const second of seconds.keys()) if (second < now - WINDOW_S) seconds.delete(second);
      const seen = seconds.get(at) ?? new Set<string>();
      if (seen.has(nonce)) return 'repeated';
      const count = [...seconds.values()].reduce((sum, { size }) => sum + size, 0);
      if (count >= most) return 'too-many';
      seconds.set(at, seen.add(nonce));
      return 'new';
    },
  };
}
