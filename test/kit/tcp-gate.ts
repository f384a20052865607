/** A TCP way to a port that can be shut: what was open stands still, and what knocks meanwhile waits. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpGate {
  readonly port: number;
  /** Bytes that have gone through to the port. */
  bytes(): number;
  cut(): void;
  /** What stood still goes on; what one end has closed meanwhile is closed at the other. */
  mend(): void;
  close(): Promise<void>;
}

export async function openTcpGate(to: number): Promise<TcpGate> {
  const sockets = new Set<Socket>();
  const later: (() => void)[] = [];
  let isCut = false;
  let bytes = 0;
  const whenOpen = (work: () => void): void => void (isCut ? later.push(work) : work());
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  };
  const join = (near: Socket): void => {
    const far = connect(to, '127.0.0.1');
    keep(far);
    for (const [from, onto] of [[near, far] as const, [far, near] as const]) {
      from.on('data', (piece) => {
        if (onto === far) bytes += piece.length;
        onto.write(piece);
      });
      from.on('close', () => {
        sockets.delete(from);
        whenOpen(() => onto.destroy());
      });
    }
  };
  const server = createServer({ pauseOnConnect: true }, (near) => {
    keep(near);
    whenOpen(() => {
      join(near);
      near.resume();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : 0,
    bytes: () => bytes,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    mend: () => {
      isCut = false;
      for (const socket of sockets) socket.resume();
      for (const work of later.splice(0)) work();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
