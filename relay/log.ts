/** The relay's own log: JSON lines in a file of its own, bounded, never an inherited pipe. */
import { renameSync, statSync } from 'node:fs';
import pino, { type Logger } from 'pino';

/** The log is kept at twice this at most: the present file and the one before it. */
const MOST_BYTES = 10_000_000;

/** Writes are synchronous: few, small, and never lost when the process ends. */
export function openLog(path: string, bindings: Record<string, unknown>): Logger {
  const file = pino.destination({ dest: path, sync: true, append: true, mkdir: true });
  let written = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  file.on('write', (bytes: number) => {
    written += bytes;
    if (written < MOST_BYTES) return;
    written = 0;
    try {
      renameSync(path, `${path}.1`);
      file.reopen();
    } catch {
      // The folder is gone or cannot be written: the log suffers, the stream does not.
    }
  });
  // A full disk must not stop media: the line is lost, the stream goes on.
  file.on('error', () => {});
  return pino({ base: bindings, timestamp: pino.stdTimeFunctions.isoTime }, file);
}
