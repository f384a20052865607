/** A UDP port in the test's own process: what arrives is kept with the moment of its arrival. */
import { createSocket } from 'node:dgram';

export interface Datagram {
  readonly bytes: number;
  /** Epoch ms. */
  readonly at: number;
}

export interface UdpEar {
  readonly port: number;
  readonly datagrams: readonly Datagram[];
  close(): Promise<void>;
}

export async function openUdpEar(): Promise<UdpEar> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  const datagrams: Datagram[] = [];
  socket.on('message', ({ length }) =>
    datagrams.push({ bytes: length, at: performance.timeOrigin + performance.now() }),
  );
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    port: socket.address().port,
    datagrams,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** The highest that any window holds above `bitrate` times its length, in bit. */
export function mostAbove(bitrate: number, datagrams: readonly Datagram[]): number {
  // Kadane's sum: each arrival adds its bits, and the time before it takes away what was allowed meanwhile.
  let above = 0;
  let most = 0;
  let last: number | undefined;
  for (const { bytes, at } of datagrams) {
    const allowed = last === undefined ? 0 : ((at - last) / 1000) * bitrate;
    above = Math.max(0, above - allowed) + bytes * 8;
    most = Math.max(most, above);
    last = at;
  }
  return most;
}
