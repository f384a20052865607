/** The program's log: one JSON line an event on standard output. Secrets are never handed to it. */
import pino, { type Logger } from 'pino';

export const createLog = (): Logger =>
  pino({
    base: { room: 'server' },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.passphrase', '*.secret', '*.password'],
  });
