/** What the RTP socket tests share. */

import { createSocket, type Socket } from 'node:dgram';
import type { PacketBatch } from '../../../relay/media.ts';
import { isRtpBatch, type RtpBatch } from '../../../relay/rtp/batch.ts';
import { openRtpReceiver, type RtpReceiver, type RtpReceiverOptions } from '../../../relay/rtp/receiver.ts';
import type { StrangerReport } from '../../../relay/rtp/strangers.ts';

/** `count` TS packets, told apart by `mark` in their fourth byte and after. */
export function ts(count: number, mark = 0): Uint8Array {
  const bytes = new Uint8Array(count * 188).fill(mark);
  for (let at = 0; at < bytes.length; at += 188) bytes[at] = 0x47;
  return bytes;
}

export interface Ear {
  readonly receiver: RtpReceiver;
  /** Payloads, copied, one a message. */
  readonly messages: Uint8Array[];
  readonly batches: (PacketBatch | RtpBatch)[];
  readonly sequences: number[];
  readonly timestamps: number[];
  readonly events: string[];
  readonly refused: StrangerReport[];
}

export async function listen(options: Partial<RtpReceiverOptions> = {}): Promise<Ear> {
  const ear = { messages: [], batches: [], sequences: [], timestamps: [], events: [], refused: [] } as Omit<
    Ear,
    'receiver'
  >;
  const receiver = await openRtpReceiver(
    { host: '127.0.0.1', port: 0, allows: () => true, ...options },
    {
      batch: (batch) => keep(ear, batch),
      began: ({ ssrc }) => ear.events.push(`began ${ssrc}`),
      idle: () => ear.events.push('idle'),
      refused: (report) => ear.refused.push(report),
      failed: (error) => ear.events.push(String(error)),
    },
  );
  return { ...ear, receiver };
}

function keep(ear: Omit<Ear, 'receiver'>, batch: PacketBatch): void {
  let from = 0;
  for (const length of batch.lengths) {
    ear.messages.push(batch.data.slice(from, from + length));
    from += length;
  }
  const copy = { ...batch, data: batch.data.slice(), lengths: batch.lengths.slice() };
  if (!isRtpBatch(batch)) {
    ear.batches.push(copy);
    return;
  }
  const { ssrc, sequences, timestamps } = batch.rtp;
  ear.batches.push({ ...copy, rtp: { ssrc, sequences: sequences.slice(), timestamps: timestamps.slice() } });
  ear.sequences.push(...sequences);
  ear.timestamps.push(...timestamps);
}

/** A plain UDP socket that sends from an address of the loopback net. */
export async function mouth(address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  return socket;
}

export const batchOf = (messages: readonly Uint8Array[]): PacketBatch => ({
  container: 'ts',
  data: Buffer.concat(messages),
  lengths: Uint16Array.from(messages, ({ length }) => length),
  at: performance.now() * 1_000,
});
