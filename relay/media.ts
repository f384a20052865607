/** The waist of the relay: what every source hands on and every sink takes. */
import type { IncidentCode } from './contract/messages.ts';
import type { FlvTag } from './formats/flv-tag.ts';

/** `ts`: MPEG transport stream in whole 188-byte packets. `flv`: FLV tags, as RTMP messages carry them. */
export type Container = 'ts' | 'flv';

/**
 * TS on its way from one source to its sinks, as it arrived together.
 *
 * `data` is whole messages back to back (n × 188 bytes each); message i is the next `lengths[i]` bytes,
 * so that a sink which keeps message boundaries (SRT, RTP) sends the very datagrams that came in.
 * `dues[i]` is when message i is due, in µs of libsrt's clock; absent for sources without such a clock.
 * `at` is when the batch was read, in µs of the relay's monotonic clock.
 *
 * A batch is read-only and on loan: the memory is reused once the handler that received it returns.
 * Whoever keeps bytes copies them.
 */
export interface PacketBatch {
  readonly container: 'ts';
  readonly data: Uint8Array;
  readonly lengths: Uint16Array;
  readonly dues?: BigInt64Array;
  readonly at: number;
}

/** FLV tags, in the order they came. Their bodies may be kept and are never changed. `at` as in PacketBatch. */
export interface TagBatch {
  readonly container: 'flv';
  readonly tags: readonly FlvTag[];
  readonly at: number;
}

export type MediaBatch = PacketBatch | TagBatch;

/** Bytes of media. */
export const bytesOf = (batch: MediaBatch): number =>
  batch.container === 'ts' ? batch.data.length : batch.tags.reduce((sum, { body }) => sum + body.length, 0);

/** What is counted of it: messages of TS, tags of FLV. */
export const unitsOf = (batch: MediaBatch): number =>
  batch.container === 'ts' ? batch.lengths.length : batch.tags.length;

/** The first `units` of a batch, on the same loan; undefined where that is nothing. Of tags, which of them is not known: none. */
export function firstOf(batch: MediaBatch, units: number): MediaBatch | undefined {
  if (units === 0 || batch.container === 'flv') return undefined;
  const lengths = batch.lengths.subarray(0, units);
  const bytes = lengths.reduce((sum, length) => sum + length, 0);
  return { container: 'ts', at: batch.at, data: batch.data.subarray(0, bytes), lengths };
}

const TS_PACKET_BYTES = 188;
/** Seven TS packets fill a datagram: RFC 2250 section 2, and SRT's live mode. */
const DATAGRAM_BYTES = 7 * TS_PACKET_BYTES;

/** Packets of our own making, n × 188 bytes, as messages of seven and one of the rest. */
export function toPacketBatch(data: Uint8Array, at: number): PacketBatch {
  const whole = Math.floor(data.length / DATAGRAM_BYTES);
  const rest = data.length - whole * DATAGRAM_BYTES;
  const lengths = new Uint16Array(whole + (rest > 0 ? 1 : 0)).fill(DATAGRAM_BYTES);
  if (rest > 0) lengths[whole] = rest;
  return { container: 'ts', data, lengths, at };
}

export interface Peer {
  readonly address: string;
  readonly port: number;
}

/**
 * What an open end measures of its present session; all counts are messages (tags for RTMP) since the session began.
 * `acknowledged` only ever grows while media arrives at the peer, as far as the protocol can tell. `malformed` is what
 * came to an open port and was not of its protocol.
 */
export interface EndFigures {
  readonly lost: number;
  readonly dropped: number;
  readonly acknowledged: number;
  readonly malformed?: number;
  readonly rttMs?: number;
  readonly latencyMs?: number;
  readonly keyLength?: number;
  readonly queueMs?: number;
  readonly link?: LinkCounters;
}

/** What is counted of one link since its session began, as far as its protocol tells; levels are those of now. */
export interface LinkCounters {
  readonly side: 'receive' | 'send';
  /** All packets, and those of them that are not repeats. */
  readonly packets?: number;
  readonly unique?: number;
  readonly retransmitted?: number;
  /** Repeats that came although the packet had come: reordering, not loss. */
  readonly belated?: number;
  readonly dropped?: number;
  /** Gaps seen: what a network lost for good where nothing repeats it, and reordered packets where it is SRT. */
  readonly gaps?: number;
  readonly reordered?: number;
  readonly rttMs?: number;
  readonly latencyMs?: number;
  readonly bufferMs?: number;
  readonly linkBandwidth?: number;
  readonly queueMs?: number;
}

/** What a source tells its keeper. A listening source may connect and disconnect many times, until it has ended. */
export interface SourceEvents {
  connected(peer: Peer): void;
  data(batch: MediaBatch): void;
  disconnected(code: IncidentCode): void;
  refused(code: IncidentCode, peer: Peer): void;
  /** The source itself is gone, as when its port cannot be had. */
  ended(code: IncidentCode): void;
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

/** Bytes leave here. `send` returns how many units were taken; the others did not fit and are lost to this peer. */
export interface Sink {
  send(batch: MediaBatch): number;
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
