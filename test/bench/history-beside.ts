/** Two watches over the same seconds: of our event loop, and of one that has nothing to do. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LoopDelays, type LoopWatch, watchLoop } from './history-loop.ts';

/** More than this in one go is too much for a server that answers others meanwhile. */
const LONGEST_MS = 20;

const TURNS_MS = 10;

export interface Delays {
  readonly own: LoopDelays;
  readonly idle: LoopDelays;
}

export class Watches {
  readonly #own: LoopWatch = watchLoop();
  readonly #idle = fork(join(process.cwd(), 'dist/test/bench/history-idle.js'));
  readonly #tooLong: string[] = [];

  /** Since the last call. `limited`: our own work must have been short. */
  async take(what: string, limited: boolean): Promise<Delays> {
    // The delay of a loop that has not turned since is not recorded yet.
    await sleep(TURNS_MS);
    const own = this.#own.take();
    const idle = await new Promise<LoopDelays>((resolve) => {
      this.#idle.once('message', (delays: LoopDelays) => resolve(delays));
      this.#idle.send('take');
    });
    if (limited && own.busyMs > LONGEST_MS) this.#tooLong.push(`${what}: ${own.busyMs.toFixed(1)} ms`);
    return { own, idle };
  }

  /** What held up the event loop for longer than it may. */
  end(): readonly string[] {
    this.#idle.disconnect();
    return this.#tooLong;
  }
}
