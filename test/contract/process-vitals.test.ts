import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../relay/contract/messages.ts';
import { readVitals } from '../../relay/contract/process-vitals.ts';

/** Holds the event loop up, as a long sum would. */
function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('what a process says of itself', () => {
  it('passes the check of a report', () => {
    const vitals = readVitals();
    vitals.sample();
    const read = vitals.read();
    expect(reportSchema.parse({ at: 0, applied: [], endpoints: [], process: read }).process).toEqual(read);
    expect(read.residentBytes).toBeGreaterThan(read.heapBytes);
    expect(read.startedAt).toBeLessThanOrEqual(Date.now());
  });

  it('tells a stall for fifteen samples, and no longer', async () => {
    const vitals = readVitals();
    await wait(30);
    stall(300);
    await wait(30);
    vitals.sample();
    expect(vitals.read().eventLoopDelaySeconds).toBeGreaterThan(0.2);
    for (let sample = 0; sample < 14; sample++) vitals.sample();
    expect(vitals.read().eventLoopDelaySeconds).toBeGreaterThan(0.2);
    vitals.sample();
    expect(vitals.read().eventLoopDelaySeconds).toBeLessThan(0.2);
  });
});
