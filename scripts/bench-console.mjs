/** `npm run bench:console`: what a long list of live flows costs. `-- --flows 500 --minutes 10`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, bundleProcesses } from './build.mjs';
import { installNpmPackages, root } from './setup.mjs';

installNpmPackages();
await build();
await bundleProcesses(['./test/bench/console.ts', './test/bench/console-relay.ts'], { write: true });
const { status } = spawnSync(process.execPath, [join(root, 'dist/test/bench/console.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
