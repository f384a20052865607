/** What processes of this host take of it, read from /proc now and then; nothing where there is no such thing. */
import { readFileSync } from 'node:fs';

/** `cpu` is a share of one core over the last seconds, absent until two looks have been taken. */
export interface Load {
  readonly memoryBytes: number;
  readonly cpu: number | undefined;
}

export interface ProcessLoad {
  /** Looks at these processes and forgets all others. Called every few seconds. */
  look(pids: Iterable<number>): void;
  of(pid: number): Load | undefined;
}

/** Ticks of utime and stime in a second. Source: proc_pid_stat(5), sysconf(_SC_CLK_TCK), 100 on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

interface Seen extends Load {
  readonly ticks: number;
  readonly at: number;
}

/** `now` is monotonic ms; `read` gives a file's text, or throws. */
export function createProcessLoad(
  now: () => number,
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): ProcessLoad {
  let seen = new Map<number, Seen>();
  const lookAt = (pid: number): Seen | undefined => {
    try {
      // The name of the program stands in brackets and may hold spaces: fields are counted from behind it.
      const fields = read(`/proc/${pid}/stat`)
        .replace(/^.*\) /s, '')
        .split(' ');
      const ticks = Number(fields[11]) + Number(fields[12]);
      const memoryBytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1]) * 1024;
      if (!Number.isFinite(ticks + memoryBytes)) return undefined;
      const at = now();
      const last = seen.get(pid);
      const cpu = last && at > last.at ? ((ticks - last.ticks) * 1000) / TICKS_A_SECOND / (at - last.at) : undefined;
      return { memoryBytes, cpu, ticks, at };
    } catch {
      // It has ended meanwhile, or this system has no /proc: then its load is not known.
      return undefined;
    }
  };
  return {
    look: (pids) => {
      const looked = [...pids].flatMap((pid): [number, Seen][] => {
        const load = lookAt(pid);
        return load ? [[pid, load]] : [];
      });
      seen = new Map(looked);
    },
    of: (pid) => seen.get(pid),
  };
}
