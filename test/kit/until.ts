/** Waiting for a state, with a deadline, never for a time. */

const LOOK_EVERY_MS = 50;

/** What `look` gave once it is neither undefined nor false. Rejects after `seconds` with what it last saw. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 15,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  while (true) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
