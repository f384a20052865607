/** Which UDP port a new pipeline gets: the next free one of the range, so that a port just given back rests the longest. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { Refusal } from './refusal.ts';

export interface PortSearch {
  readonly first: number;
  readonly last: number;
  /** The search goes on after this port. */
  readonly after: number;
  readonly isOurs: (port: number) => boolean;
}

/** `count` ports that no flow has and no other program on this host holds now. Throws Refusal `ports-exhausted`. */
export async function findPorts(search: PortSearch, count: number): Promise<number[]> {
  const size = search.last - search.first + 1;
  const start = search.after >= search.first && search.after < search.last ? search.after + 1 - search.first : 0;
  const found: number[] = [];
  for (let step = 0; step < size && found.length < count; step++) {
    const port = search.first + ((start + step) % size);
    if (!search.isOurs(port) && (await isFree(port))) found.push(port);
  }
  if (found.length < count) throw new Refusal('ports-exhausted');
  return found;
}

/** Are these all within the range, different, no flow's, and held by no other program? */
export async function areFree({ first, last, isOurs }: PortSearch, ports: readonly number[]): Promise<boolean> {
  const mayBe = ports.every((port) => port >= first && port <= last && !isOurs(port));
  if (!mayBe || new Set(ports).size < ports.length) return false;
  for (const port of ports) if (!(await isFree(port))) return false;
  return true;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, () => socket.close(() => resolve(true)));
  });

/** Can this TCP port be listened on now? */
export const isTcpFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
