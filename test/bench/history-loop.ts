/** How long the main thread's event loop was held up, and how much of that was only the machine being busy with others. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const LOOK_EVERY_MS = 1;

/**
 * `usualMs` and `worstMs` are of monitorEventLoopDelay. `ownMs` is the longest gap between two looks less the time in it
 * that the thread was ready to run and had no CPU: what remains, the thread itself was busy or waited for something.
 */
export interface LoopDelays {
  readonly usualMs: number;
  readonly worstMs: number;
  readonly ownMs: number;
}

export interface LoopWatch {
  /** Since the last call. */
  take(): LoopDelays;
}

export function watchLoop(): LoopWatch {
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS });
  delay.enable();
  let last = { at: performance.now(), queuedMs: queuedMs() };
  let ownMs = 0;
  setInterval(() => {
    const now = { at: performance.now(), queuedMs: queuedMs() };
    ownMs = Math.max(ownMs, now.at - last.at - (now.queuedMs - last.queuedMs) - LOOK_EVERY_MS);
    last = now;
  }, LOOK_EVERY_MS).unref();
  return {
    take: () => {
      // What is recorded is the time between two looks.
      const usualMs = delay.percentile(99.9) / 1e6 - LOOK_EVERY_MS;
      const taken = { usualMs, worstMs: delay.max / 1e6 - LOOK_EVERY_MS, ownMs };
      delay.reset();
      ownMs = 0;
      return taken;
    },
  };
}

/** How long the main thread has waited for a CPU. Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat. */
function queuedMs(): number {
  const [, queuedNs = '0'] = readFileSync('/proc/self/schedstat', 'utf8').split(' ');
  return Number(queuedNs) / 1e6;
}
