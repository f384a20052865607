/** How RTP's own numbers travel through the waist. */

import type { PacketBatch } from '../media.ts';

/**
 * A batch that came by RTP. Message i arrived as the datagram with `sequences[i]` and `timestamps[i]`, so that an RTP
 * sink sends on the very packets, gaps included; every other sink takes it for a plain batch. All of one source: a
 * restart begins a new batch with another `ssrc`. On loan like the rest of the batch.
 */
export interface RtpBatch extends PacketBatch {
  readonly rtp: {
    readonly ssrc: number;
    readonly sequences: Uint16Array;
    readonly timestamps: Uint32Array;
  };
}

export const isRtpBatch = (batch: PacketBatch): batch is RtpBatch => 'rtp' in batch;
