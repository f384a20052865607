/** `npm run bench:pairs`: latency and CPU of every protocol pair beside ffmpeg and nginx-rtmp. `-- --mbps 20 --seconds 8 --only rtmp-`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundleProcesses } from './build.mjs';
import { prepare } from './prepare.mjs';
import { root } from './setup.mjs';

await prepare({ test: true });
await bundleProcesses(['./test/bench/pairs.ts'], { write: true });
const { status } = spawnSync(process.execPath, [join(root, 'dist/test/bench/pairs.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
