/** A TCP way to a port that takes only so many bytes a second, as a peer with a bad line does. */
import { connect, createServer, type Socket } from 'node:net';

export interface SlowTcp {
  readonly port: number;
  close(): Promise<void>;
}

const TICK_MS = 20;

/** What comes back is not slowed. */
export async function openSlowTcp(to: number, bytesPerSecond: number): Promise<SlowTcp> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer({ highWaterMark: 4096 }, (near) => {
    const far = keep(connect(to, '127.0.0.1'));
    far.pipe(keep(near));
    trickle(near, far, (bytesPerSecond * TICK_MS) / 1000);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function trickle(near: Socket, far: Socket, bytesPerTick: number): void {
  let credit = 0;
  const timer = setInterval(() => {
    credit = Math.min(credit + bytesPerTick, bytesPerTick * 4);
    for (let piece = read(near, credit); piece; piece = read(near, credit)) {
      credit -= piece.length;
      far.write(piece);
    }
  }, TICK_MS);
  near.on('close', () => {
    clearInterval(timer);
    far.end();
  });
}

function read(socket: Socket, most: number): Buffer | undefined {
  const size = Math.min(Math.floor(most), socket.readableLength);
  const piece: unknown = size > 0 ? socket.read(size) : undefined;
  // Without data it must be asked, or the stream does not fetch any.
  if (size === 0 && most >= 1) socket.read(0);
  return Buffer.isBuffer(piece) ? piece : undefined;
}
