import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BLACK_BOX_BYTES, BlackBox } from '../../../relay/black-box.ts';
import { mapFile } from '../../../relay/srt/socket.ts';
import { temporaryFolder } from '../../kit/temporary.ts';

const addon = resolve('relay/srt/addon/build/Release/srt.node');

/** A process that does `doing` with the mapped `box` and ends by SIGKILL. */
function killedAfter(path: string, doing: string): NodeJS.Signals | null {
  const program = `const box = new Int32Array(require(${JSON.stringify(addon)}).mapFile(${JSON.stringify(path)}, ${BLACK_BOX_BYTES}));
    ${doing}
    process.kill(process.pid, 'SIGKILL');`;
  return spawnSync(process.execPath, ['-e', program]).signal;
}

describe('a mapped file', () => {
  it('holds what a process stored in it up to the moment in which it was killed', () => {
    const path = join(temporaryFolder(), 'black-box');
    const culprit = { flowId: 'flow-1', pipeline: 'primary', revision: 4 };
    const slot = new BlackBox(mapFile(path, BLACK_BOX_BYTES)).claim(culprit);
    expect(killedAfter(path, `box[0] = ${slot};`)).toBe('SIGKILL');
    expect(new BlackBox(mapFile(path, BLACK_BOX_BYTES)).begin()).toEqual(culprit);
    expect(readFileSync(path)).toEqual(Buffer.alloc(BLACK_BOX_BYTES));
  });

  it('is lengthened where it is too short, and goes on where it was removed', () => {
    const path = join(temporaryFolder(), 'black-box');
    writeFileSync(path, 'short');
    const memory = mapFile(path, 4096);
    rmSync(path);
    memory[4095] = 1;
    expect([memory.length, memory[0]]).toEqual([4096, 's'.charCodeAt(0)]);
  });

  it('that cannot be made says so', () => {
    expect(() => mapFile('/nowhere/black-box', 4096)).toThrow(/cannot be made/);
  });
});
