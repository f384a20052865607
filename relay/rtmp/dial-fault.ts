/** Every way a push can end, with the stage it ended in. */

export type DialCause =
  | 'url-invalid'
  | 'dns-failed'
  | 'dns-timeout'
  | 'address-not-permitted'
  | 'tcp-failed'
  | 'tcp-timeout'
  | 'tls-certificate'
  | 'tls-failed'
  | 'tls-timeout'
  | 'handshake-failed'
  | 'handshake-timeout'
  | 'connect-refused'
  | 'publish-refused'
  | 'publish-timeout'
  | 'closed-before-publish'
  | 'stopped-by-peer'
  | 'peer-closed'
  | 'connection-lost'
  | 'protocol-fault'
  | 'stalled'
  | 'internal-error'
  | 'closed';

/** `code` is Node's error code, our fault code or the server's status code. Neither it nor the words hold the stream name. */
export interface DialEnd {
  readonly cause: DialCause;
  readonly words: string;
  readonly code?: string;
  /** Set for 'internal-error' alone: a bug, to be shown to developers. */
  readonly error?: unknown;
}

/** Thrown while dialling; never leaves this room. */
export class DialFault extends Error {
  readonly end: DialEnd;

  constructor(end: DialEnd, cause?: unknown) {
    super(end.words, { cause });
    this.name = 'DialFault';
    this.end = end;
  }
}
