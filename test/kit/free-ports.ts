/** Ports for tests: free now, and below the range from which the system lends its own. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const FIRST = 12_000;
const LAST = 19_999;
let next = FIRST + Math.floor(Math.random() * (LAST - FIRST));

/** `count` ports in a row that nobody holds, neither for UDP nor for TCP. */
export async function freePorts(count: number): Promise<number[]> {
  for (let tries = 0; tries < 200; tries++) {
    const first = next + count > LAST ? FIRST : next;
    next = first + count;
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
  throw new Error('No free ports for a test.');
}

const isFree = async (port: number): Promise<boolean> => (await isFreeForUdp(port)) && (await isFreeForTcp(port));

const isFreeForUdp = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, () => socket.close(() => resolve(true)));
  });

const isFreeForTcp = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
