/** `npm test`: from a fresh clone to the last story; with `--long` what takes more than a minute. Arguments go to vitest. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { root } from './setup.mjs';

await prepare({ test: true });
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const isLong = process.argv.includes('--long');
const projects = isLong ? ['--project', 'long'] : ['--project', 'unit', '--project', 'story'];
const wishes = process.argv.slice(2).filter((argument) => argument !== '--long');
const { status } = spawnSync(process.execPath, [vitest, 'run', ...projects, ...wishes], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
