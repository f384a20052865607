/** The data folder: made at the first start, and owned by one server at a time. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Thrown when another server works in this folder: two of them would fight over its relays and its database. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** Returns the way to let go of the folder. Throws FolderInUse. */
export function claimFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'server.pid');
  const holder = readPid(path);
  if (holder !== undefined && holder !== process.pid && isServer(holder))
    throw new FolderInUse(
      `Another server (process ${holder}) works in ${folder}. Stop it, or set STREAMLINK_DATA to another folder.`,
    );
  // Of two that start at once only one makes the file.
  rmSync(path, { force: true });
  writeFileSync(path, String(process.pid), { flag: 'wx' });
  return () => rmSync(path, { force: true });
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
