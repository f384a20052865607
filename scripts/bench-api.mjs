/** `npm run bench:api`: mixed calls of the JSON API while flows carry streams. `-- --rate 200 --seconds 30 --flows 20 --mbps 2`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundleProcesses } from './build.mjs';
import { prepare } from './prepare.mjs';
import { root } from './setup.mjs';

await prepare({ test: true });
await bundleProcesses(['./test/bench/api.ts', './test/bench/sender.ts', './test/bench/receiver.ts'], { write: true });
const { status } = spawnSync(process.execPath, [join(root, 'dist/test/bench/api.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
