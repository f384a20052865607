/** The waist of the relay: what every source hands on and every sink takes. */
import type { IncidentCode } from './contract/messages.ts';

/** `ts`: MPEG transport stream in whole 188-byte packets. */
export type Container = 'ts';

/**
 * Bytes on their way from one source to its sinks, as they arrived together.
 *
 * `data` is whole messages back to back (for `ts`: n × 188 bytes each); message i is the next `lengths[i]` bytes,
 * so that a sink which keeps message boundaries (SRT, RTP) sends the very datagrams that came in.
 * `dues[i]` is when message i is due, in µs of libsrt's clock; absent for sources without such a clock.
 * `at` is when the batch was read, in µs of the relay's monotonic clock.
 *
 * A batch is read-only and on loan: the memory is reused once the handler that received it returns.
 * Whoever keeps bytes copies them.
 */
export interface PacketBatch {
  readonly container: Container;
  readonly data: Uint8Array;
  readonly lengths: Uint16Array;
  readonly dues?: BigInt64Array;
  readonly at: number;
}

export interface Peer {
  readonly address: string;
  readonly port: number;
}

/**
 * What an open end measures of its present session; all counts are messages since the session began.
 * `acknowledged` only ever grows while the peer confirms media: it proves that a send arrived.
 */
export interface EndFigures {
  readonly lost: number;
  readonly dropped: number;
  readonly acknowledged: number;
  readonly rttMs: number;
  readonly latencyMs: number;
  readonly keyLength: number;
}

/** What a source tells its keeper. A listening source may connect and disconnect many times. */
export interface SourceEvents {
  connected(peer: Peer): void;
  data(batch: PacketBatch): void;
  disconnected(code: IncidentCode): void;
  refused(code: IncidentCode, peer: Peer): void;
}

/** Bytes enter here. `hangUp` ends the present session only; `close` frees the port. */
export interface Source {
  figures(): EndFigures | undefined;
  allow(allowlist: readonly string[]): void;
  hangUp(): void;
  close(): void;
}

/** What a sink tells its keeper: it tries once, and says how it ended. */
export interface SinkEvents {
  connected(peer: Peer): void;
  ended(code: IncidentCode): void;
}

/** Bytes leave here. `send` returns how many messages were taken; the others did not fit and are lost to this peer. */
export interface Sink {
  send(batch: PacketBatch): number;
  figures(): EndFigures | undefined;
  close(): void;
}

/** The outside world did not behave. The keeper alone catches it, shows the code, and tries again. */
export class EndpointFault extends Error {
  override readonly name = 'EndpointFault';
  readonly code: IncidentCode;

  constructor(code: IncidentCode, cause: unknown) {
    super(code, { cause });
    this.code = code;
  }
}
