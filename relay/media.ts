/** The waist of the relay: what every source hands on and every sink takes. */

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
