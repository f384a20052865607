/** How a process of ours is doing: the same figures of every relay and of the server. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { ProcessVitals } from './messages.ts';

/** The event loop is timed this often. */
const RESOLUTION_MS = 10;
/** A stall is told for this long, so that whoever looks every 15 s misses none. */
const REMEMBERED_SECONDS = 15;
const MICROSECONDS = 1e6;
const NANOSECONDS = 1e9;

/** Call it once a second; `read` gives what the last call found. */
export interface VitalsReader {
  sample(): void;
  read(): ProcessVitals;
}

/** Keeps a timer, which does not hold the process. */
export function readVitals(): VitalsReader {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let stalls: readonly number[] = [];
  let loop = performance.eventLoopUtilization();
  let busy = 0;
  return {
    sample: () => {
      // The histogram has the time between two looks: what is above the wait that was asked for is delay.
      const worst = Math.max(0, delay.max / NANOSECONDS - RESOLUTION_MS / 1000);
      delay.reset();
      stalls = [...stalls, Number.isFinite(worst) ? worst : 0].slice(-REMEMBERED_SECONDS);
      const now = performance.eventLoopUtilization();
      busy = performance.eventLoopUtilization(now, loop).utilization;
      loop = now;
    },
    read: () => {
      const { user, system } = process.cpuUsage();
      const { rss, heapUsed } = process.memoryUsage();
      return {
        startedAt: Math.round(performance.timeOrigin),
        cpuSeconds: (user + system) / MICROSECONDS,
        residentBytes: rss,
        heapBytes: heapUsed,
        eventLoopDelaySeconds: Math.max(0, ...stalls),
        eventLoopBusyRatio: Number.isFinite(busy) ? busy : 0,
      };
    },
  };
}
