/** The processes of a house, and what a test does to them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { House } from './house.ts';
import type { Program } from './program.ts';
import { run } from './program.ts';
import { until } from './until.ts';

/** The process of a relay, 0 while it has none. */
export function relayPid(house: House, relayId: string): number {
  try {
    return Number(readFileSync(join(house.data, 'relays', relayId, 'pid'), 'utf8'));
  } catch {
    // Not started yet.
    return 0;
  }
}

/** Another process than `former` runs as this relay. Looked at often: what is measured is in the order of 100 ms. */
export const untilReplaced = (house: House, relayId: string, former: number): Promise<number> =>
  until(`${relayId} is replaced`, () => {
    const pid = relayPid(house, relayId);
    return pid !== former && pid !== 0 && pid;
  });

/** What the operators' log of the relay holds, a line each, oldest first. */
export const relayLog = (house: House, relayId: string): string[] =>
  readFileSync(join(house.data, 'relays', relayId, 'relay.log'), 'utf8').split('\n');

/** Stops one thread of a process, by its name, while the others run on; end the program to let it go. Needs Python 3. */
export async function stopThread(pid: number, name: string): Promise<Program> {
  const tasks = `/proc/${pid}/task`;
  const thread = readdirSync(tasks).find((id) => readFileSync(join(tasks, id, 'comm'), 'utf8').trim() === name);
  if (!thread) throw new Error(`Process ${pid} has no thread "${name}".`);
  // PTRACE_SEIZE and PTRACE_INTERRUPT of <sys/ptrace.h> act on a thread, signals on the whole process.
  const script = `import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
for request in (0x4206, 0x4207):
    if libc.ptrace(request, ${thread}, 0, 0) != 0: raise OSError(ctypes.get_errno(), 'ptrace')
print('stopped', flush=True)
time.sleep(60)`;
  const program = await run('python3', ['-c', script]);
  await until(`the thread "${name}" is stopped`, () => {
    if (program.hasEnded()) throw new Error(program.words());
    return program.words().includes('stopped');
  });
  return program;
}

/** A process of the relay that the server did not start: it takes the relay's place only while no other one lives. */
export const startRelay = (
  house: House,
  relayId: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Program> => {
  const folder = join(house.data, 'relays', relayId);
  return run(process.execPath, ['dist/relay/main.js', relayId, folder], {
    env: {
      ...env,
      STREAMLINK_RELAY_ID: relayId,
      STREAMLINK_RELAY_DIR: folder,
      STREAMLINK_SERVER_FILE: join(house.data, 'relay-door'),
    },
  });
};
