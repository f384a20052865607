/** The data folder: made at the first start, and owned by one server at a time. */
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Thrown when another server works in this folder: two of them would fight over its relays and its database. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

export interface Claim {
  /** False once another server has taken the folder, as one in another container may that cannot see our process. */
  holds(): boolean;
  release(): void;
}

/** Throws FolderInUse. */
export function claimFolder(folder: string): Claim {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'server.pid');
  const holder = readPid(path);
  if (holder !== undefined && holder !== process.pid && isServer(holder))
    throw new FolderInUse(
      `Another server (process ${holder}) works in ${folder}. Stop it, or set STREAMLINK_DATA to another folder.`,
    );
  // Of two that start at once only one makes the file. Who takes it over makes another: ours then has no name any more.
  rmSync(path, { force: true });
  let file = makeClaim(path);
  const holds = (): boolean => {
    if (fstatSync(file).nlink > 0) return true;
    if (existsSync(path)) return false;
    // Somebody has tidied up: nobody has taken it over.
    closeSync(file);
    file = makeClaim(path);
    return true;
  };
  return {
    holds,
    release: () => {
      if (holds()) rmSync(path, { force: true });
      closeSync(file);
    },
  };
}

function makeClaim(path: string): number {
  const file = openSync(path, 'wx');
  writeFileSync(file, String(process.pid));
  return file;
}

/** Written whole or not at all: a reader never sees half a file. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function readPid(path: string): number | undefined {
  const pid = Number(readText(path));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** The number may be another program's by now: where /proc tells, the command line must be that of a server. */
function isServer(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    // No such process.
    return false;
  }
  return process.platform !== 'linux' || /server\/main\.[jt]s/.test(readText(`/proc/${pid}/cmdline`));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Absent is the same as empty here.
    return '';
  }
}
