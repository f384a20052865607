/** The browser files as the build makes them, in a folder of the test's own. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

export async function buildClient(root: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const htmx = dirname(createRequire(join(root, 'package.json')).resolve('htmx.org/package.json'));
  await build({
    entryPoints: [
      join(root, 'web/client/main.ts'),
      join(root, 'web/client/health.ts'),
      join(root, 'web/client/log.ts'),
      join(root, 'web/client/list.ts'),
      join(root, 'web/static/app.css'),
    ],
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    tsconfigRaw: {},
  });
  copyFileSync(join(root, 'web/static/favicon.svg'), join(folder, 'favicon.svg'));
  copyFileSync(join(htmx, 'dist/htmx.min.js'), join(folder, 'htmx.js'));
  copyFileSync(join(htmx, 'dist/ext/hx-ws.min.js'), join(folder, 'hx-ws.js'));
}
