/** Two ends of the contract without a socket: a message waits until the test delivers it. */
import { Link, type Serves } from '../../relay/contract/link.ts';

export interface Line {
  readonly near: Link;
  readonly far: Link;
  /** What is on its way, oldest first: the texts themselves, for a test to lose, double or change. */
  readonly toNear: string[];
  readonly toFar: string[];
  /** Delivers all that is on its way, and what that sets off, until nothing moves. */
  settle(): Promise<void>;
  /** The line breaks: what was on its way is lost, and both ends are told. */
  cut(): void;
  readonly isCut: () => boolean;
}

export interface LineEnds {
  readonly near?: Serves;
  readonly far?: Serves;
  /** Told once when the line breaks or an end closes it. */
  readonly onCut?: () => void;
}

export function createLine({ near: servesNear = {}, far: servesFar = {}, onCut }: LineEnds): Line {
  const toNear: string[] = [];
  const toFar: string[] = [];
  let broken = false;
  const cut = (): void => {
    if (broken) return;
    broken = true;
    toNear.length = toFar.length = 0;
    near.closed();
    far.closed();
    onCut?.();
  };
  const wire = (out: string[]) => ({
    send: (text: string): void => {
      if (!broken) out.push(text);
    },
    close: cut,
  });
  const near = new Link(wire(toFar), servesNear);
  const far = new Link(wire(toNear), servesFar);
  const settle = async (): Promise<void> => {
    do {
      for (const text of toFar.splice(0)) far.receive(text);
      for (const text of toNear.splice(0)) near.receive(text);
      await turnOfEvents();
    } while (toFar.length + toNear.length > 0);
  };
  return { near, far, toNear, toFar, settle, cut, isCut: () => broken };
}

/** Everything that is ready to run has run. */
export const turnOfEvents = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
