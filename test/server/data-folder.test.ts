import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { claimFolder, FolderInUse, replaceFile } from '../../server/data-folder.ts';
import { temporaryFolder } from '../kit/temporary.ts';

/** A process that lives for the length of the test, with this in its command line. */
function process_(word: string): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)', word], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe('claiming the data folder', () => {
  it('makes it for this user alone', () => {
    const folder = join(temporaryFolder(), 'deep/data');
    claimFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('is refused while another server has it', () => {
    const folder = temporaryFolder();
    const { pid } = process_('dist/server/main.js');
    writeFileSync(join(folder, 'server.pid'), String(pid));
    expect(() => claimFolder(folder)).toThrow(FolderInUse);
    expect(() => claimFolder(folder)).toThrow(`Another server (process ${pid}) works in ${folder}.`);
  });

  it('is allowed where the number is another program’s by now', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'server.pid'), String(process_('editor').pid));
    expect(() => claimFolder(folder)).not.toThrow();
  });

  it.each(['4194304', '', 'nonsense', '-1', '0'])('is allowed where the file of a dead server says %j', (text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'server.pid'), text);
    claimFolder(folder);
    expect(readFileSync(join(folder, 'server.pid'), 'utf8')).toBe(String(process.pid));
  });

  it('ends when the server lets go', () => {
    const folder = temporaryFolder();
    claimFolder(folder).release();
    expect(existsSync(join(folder, 'server.pid'))).toBe(false);
  });
});

describe('a server whose folder another one has taken', () => {
  it('learns it, and leaves the other one’s claim when it ends', () => {
    const folder = temporaryFolder();
    const first = claimFolder(folder);
    expect(first.holds()).toBe(true);
    // As in another container: the first one's process is not seen there.
    const second = claimFolder(folder);
    expect([first.holds(), second.holds()]).toEqual([false, true]);
    first.release();
    expect([existsSync(join(folder, 'server.pid')), second.holds()]).toEqual([true, true]);
    second.release();
  });

  it('goes on where its claim was only tidied away', () => {
    const folder = temporaryFolder();
    const claim = claimFolder(folder);
    rmSync(join(folder, 'server.pid'));
    expect(claim.holds()).toBe(true);
    expect(readFileSync(join(folder, 'server.pid'), 'utf8')).toBe(String(process.pid));
    claim.release();
  });
});

describe('replacing a file', () => {
  it('leaves the new text, for this user alone, and nothing beside it', () => {
    const path = join(temporaryFolder(), 'door');
    replaceFile(path, 'old');
    replaceFile(path, 'new');
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, existsSync(`${path}.new`)]).toEqual([
      'new',
      0o600,
      false,
    ]);
  });
});
