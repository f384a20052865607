import { describe, expect, it } from 'vitest';
import { createProcessLoad } from '../../server/process-load.ts';

/** As in proc_pid_stat(5): utime and stime are the 14th and 15th field, and a name may hold spaces and brackets. */
const stat = (user: number, system: number): string =>
  `7 (a (b) c) S 1 7 7 0 -1 4194560 9 0 0 0 ${user} ${system} 0 0 20`;
const status = 'Name:\tnode\nVmRSS:\t   65536 kB\n';

describe('the load of a process', () => {
  it('is its memory at once, and its share of a core from the second look on', () => {
    let now = 0;
    let ticks = 100;
    const load = createProcessLoad(
      () => now,
      (path) => (path === '/proc/7/stat' ? stat(ticks, 20) : path === '/proc/7/status' ? status : ''),
    );
    load.look([7]);
    expect(load.of(7)).toMatchObject({ memoryBytes: 67_108_864, cpu: undefined });
    now = 5000;
    ticks = 225;
    load.look([7]);
    expect(load.of(7)?.cpu).toBe(0.25);
  });

  it('is not known where there is no such process, or no /proc', () => {
    const load = createProcessLoad(
      () => 0,
      () => {
        throw new Error('ENOENT');
      },
    );
    load.look([7]);
    expect(load.of(7)).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('of this very process is something', () => {
    const load = createProcessLoad(() => performance.now());
    load.look([process.pid]);
    expect(load.of(process.pid)?.memoryBytes).toBeGreaterThan(10_000_000);
  });
});
