/** Programs that tests run: their words are kept, and each is ended by the id it was started with. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Program {
  readonly pid: number;
  /** Both outputs so far. */
  readonly words: () => string;
  readonly ended: Promise<number | null>;
  hasEnded(): boolean;
  /** Ends it, and resolves when it is gone. Safe to call twice. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** Asks it to end as Ctrl-C would, so that it finishes its file, and makes it after some seconds. */
  finish(): Promise<void>;
}

export interface ProgramOptions {
  readonly cwd?: string;
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
}

const FINISH_MS = 4000;
const MOST_WORDS = 1_000_000;
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Rejects when the program cannot be started. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env }: ProgramOptions = {},
): Promise<Program> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  const hear = (chunk: Buffer): void => {
    words = (words + chunk.toString()).slice(-MOST_WORDS);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0));
    child.once('error', reject);
  });
  running.add(child);
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code);
    }),
  );
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (!hasEnded()) child.kill(signal);
    await ended;
  };
  return {
    pid,
    words: () => words,
    ended,
    hasEnded,
    end,
    finish: async () => {
      const late = setTimeout(() => child.kill('SIGKILL'), FINISH_MS);
      await end('SIGINT');
      clearTimeout(late);
    },
  };
}
