/** node test/web/screens.mjs [folder]: bundles screens.ts for Node and runs it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');
const outfile = join(root, 'dist/test/screens.mjs');
mkdirSync(join(outfile, '..'), { recursive: true });
await build({
  entryPoints: [join(root, 'test/web/screens.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  target: 'node20',
});
const { takeScreens } = await import(pathToFileURL(outfile).href);
await takeScreens(root, process.argv[2] ?? '/tmp/screens');
