/** How long the main thread's event loop was held up, and how much of that was our work rather than a busy machine. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const LOOK_EVERY_MS = 1;

/**
 * `usualMs` (99.9 %) and `worstMs` are of monitorEventLoopDelay: they count as well what other programs took of the CPUs.
 * `busyMs` is the most CPU time that the main thread spent between two looks at the clock: what it did in one go.
 */
export interface LoopDelays {
  readonly usualMs: number;
  readonly worstMs: number;
  readonly busyMs: number;
}

export interface LoopWatch {
  /** Since the last call. */
  take(): LoopDelays;
}

export function watchLoop(): LoopWatch {
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  delay.enable();
  let last = cpuMs();
  let busyMs = 0;
  const look = (): void => {
    const now = cpuMs();
    busyMs = Math.max(busyMs, now - last);
    last = now;
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  return {
    take: () => {
      // What was done since the last look would else count for what comes next.
      look();
      // What is recorded is the time between two looks.
      const usualMs = delay.percentile(99.9) / 1e6 - LOOK_EVERY_MS;
      const taken = { usualMs, worstMs: delay.max / 1e6 - LOOK_EVERY_MS, busyMs };
      delay.reset();
      busyMs = 0;
      return taken;
    },
  };
}

/** CPU time of the main thread alone. Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat. */
function cpuMs(): number {
  const [ranNs = '0'] = readFileSync('/proc/self/schedstat', 'utf8').split(' ');
  return Number(ranNs) / 1e6;
}
