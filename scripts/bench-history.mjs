/** `npm run bench:history`: what keeping health and the log costs. `-- --days 7 --channels 50 --live 2000 --seconds 20`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundleProcesses } from './build.mjs';
import { installNpmPackages, root } from './setup.mjs';

installNpmPackages();
const beside = ['./test/bench/history-idle.ts', './test/bench/history-client.ts'];
const entries = ['./test/bench/history.ts', ...beside, './db/history-writer.ts', './db/history-reader.ts'];
await bundleProcesses(entries, { write: true });
const { status } = spawnSync(process.execPath, [join(root, 'dist/test/bench/history.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
