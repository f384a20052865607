import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Runs exit-ways.ts and resolves to how the process ended: its exit code, or the signal that killed it. */
async function end(way: string): Promise<{ ended: unknown; errors: string }> {
  const script = fileURLToPath(new URL('./exit-ways.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, way], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  await once(child, 'close');
  return { ended: child.exitCode ?? child.signalCode, errors };
}

describe('a process with data flowing', () => {
  it('ends by process.exit with its own code', async () => {
    expect(await end('exit')).toEqual({ ended: 7, errors: '' });
  }, 20_000);

  it('ends by itself once SRT is closed, also from within a handler', async () => {
    expect(await end('close')).toEqual({ ended: 0, errors: '' });
  }, 20_000);

  it('ends as for any other uncaught error when a handler throws', async () => {
    const { ended, errors } = await end('throw');
    expect(ended).toBe(1);
    expect(errors).toContain('thrown in a data handler');
  }, 20_000);
});
