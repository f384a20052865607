import { createSocket } from 'node:dgram';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { areFree, findPorts } from '../../server/ports.ts';
import { freePorts } from '../kit/free-ports.ts';

let first = 0;
beforeAll(async () => {
  [first = 0] = await freePorts(6);
});

const search = (changes: { after?: number; ours?: readonly number[]; last?: number } = {}) => ({
  first,
  last: changes.last ?? first + 5,
  after: changes.after ?? 0,
  isOurs: (port: number) => changes.ours?.includes(port) ?? false,
});

/** Another program on this host. */
async function hold(port: number): Promise<void> {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  await new Promise<void>((resolve) => socket.bind(port, resolve));
}

describe('looking for free ports', () => {
  it('takes the first of the range at first', async () => {
    expect(await findPorts(search(), 2)).toEqual([first, first + 1]);
  });

  it('goes on after the port that was given last, so that one just given back rests', async () => {
    expect(await findPorts(search({ after: first + 2 }), 2)).toEqual([first + 3, first + 4]);
  });

  it('begins again behind the end of the range', async () => {
    expect(await findPorts(search({ after: first + 4 }), 3)).toEqual([first + 5, first, first + 1]);
  });

  it.each([-1000, 1000])('begins at the first when the range was moved since', async (away) => {
    expect(await findPorts(search({ after: first + away }), 1)).toEqual([first]);
  });

  it('begins at the first after the last', async () => {
    expect(await findPorts(search({ after: first + 5 }), 1)).toEqual([first]);
  });

  it('skips those that our flows have', async () => {
    expect(await findPorts(search({ ours: [first, first + 2] }), 2)).toEqual([first + 1, first + 3]);
  });

  it('skips those that another program holds', async () => {
    await hold(first + 1);
    expect(await findPorts(search(), 2)).toEqual([first, first + 2]);
  });

  it('gives each once, even the whole range', async () => {
    expect((await findPorts(search({ after: first + 2 }), 6)).toSorted((a, b) => a - b)).toEqual(
      [0, 1, 2, 3, 4, 5].map((step) => first + step),
    );
  });

  it('is refused when there are not enough', async () => {
    await expect(findPorts(search({ ours: [first] }), 6)).rejects.toMatchObject({
      code: 'ports-exhausted',
      kind: 'exhausted',
    });
  });
});

describe('ports that are wished for', () => {
  /** The second of six is of a flow. */
  const within = () => ({ first, last: first + 5, after: 0, isOurs: (port: number) => port === first + 1 });

  it.each([
    ['are given where they are free', [2, 3], true],
    ['are not given where one is of a flow', [1, 2], false],
    ['are not given outside of the range', [-1, 2], false],
    ['are not given twice', [2, 2], false],
  ])('%s', async (_, steps, outcome) => {
    const ports = steps.map((step) => first + step);
    expect(await areFree(within(), ports)).toBe(outcome);
  });

  it('are not given where another program holds one', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, resolve));
    const { port } = socket.address();
    expect(await areFree({ ...within(), first: 1, last: 65_535 }, [port])).toBe(false);
    socket.close();
  });
});
