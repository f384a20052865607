/** Figures that tests measure, kept beside the test report for docs/promises.md. */
import { appendFileSync, mkdirSync } from 'node:fs';

/** One line of dist/measured.jsonl: what was measured, by which promise, in words with a unit. */
export function measured(promise: string, figure: string): void {
  mkdirSync('dist', { recursive: true });
  const line = { promise, figure, at: new Date().toISOString() };
  appendFileSync('dist/measured.jsonl', `${JSON.stringify(line)}\n`);
}

/** Ms since `start` (performance.now()), rounded. */
export const msSince = (start: number): number => Math.round(performance.now() - start);
