/** `npm run bench`: what relaying costs, ours beside srt-live-transmit in the same run. `-- --streams 1,20 --seconds 15 --rounds 3`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundleProcesses } from './build.mjs';
import { prepare } from './prepare.mjs';
import { root } from './setup.mjs';

await prepare({ test: true });
await bundleProcesses(['./test/bench/main.ts', './test/bench/sender.ts', './test/bench/receiver.ts'], { write: true });
const { status } = spawnSync(process.execPath, [join(root, 'dist/test/bench/main.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
