/**
 * Bundles server, relay and browser files into dist/, from TypeScript that Node 20 cannot read to what it can.
 * db/migrations and the addon are not built here: they are read where they lie.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './setup.mjs';

/** Workers are files of their own, too. */
const processes = [
  './server/main.ts',
  './relay/main.ts',
  './relay/demo.ts',
  './db/history-writer.ts',
  './db/history-reader.ts',
];

/** The files of other people that a page loads: where npm puts them, and what the page calls them. */
const vendored = {
  'htmx.org/dist/htmx.min.js': 'htmx.js',
  'htmx.org/dist/ext/hx-ws.min.js': 'hx-ws.js',
};

/** Prints one line where something changed; rejects with esbuild's own account of what is wrong. */
export async function build() {
  const bundles = await Promise.all([bundleProcesses(), bundlePage()]);
  // Its helper process would stay as long as we do.
  await (await import('esbuild')).stop();
  const files = [...bundles.flatMap(({ outputFiles }) => outputFiles), ...staticFiles()];
  const changed = files.filter(writeIfChanged);
  if (changed.length > 0) console.log(`Built ${changed.length} of ${files.length} files of dist/.`);
}

/** Files for Node, each a process of its own. */
export function bundleProcesses(entryPoints = processes, { write = false } = {}) {
  return bundle({
    entryPoints,
    write,
    outdir: 'dist',
    outbase: '.',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
}

function bundlePage() {
  return bundle({
    entryPoints: {
      main: './web/client/main.ts',
      health: './web/client/health.ts',
      preview: './web/client/preview.ts',
      log: './web/client/log.ts',
      list: './web/client/list.ts',
      app: './web/static/app.css',
    },
    outdir: 'dist/web',
    platform: 'browser',
    target: 'es2022',
    minify: true,
  });
}

/** JSX is as tsconfig.json says, which esbuild reads by itself. */
async function bundle(options) {
  // Not at the top: this file is loaded before `npm ci` brings esbuild.
  const esbuild = await import('esbuild');
  return esbuild.build({
    write: false,
    ...options,
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    sourcemap: true,
    logLevel: 'silent',
  });
}

function staticFiles() {
  const folder = join(root, 'web/static');
  const own = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.css')) // The stylesheet's parts are bundled into one.
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, relative(folder, path)]);
  const others = Object.entries(vendored).map(([path, name]) => [join(root, 'node_modules', path), name]);
  return [...own, ...others].map(([from, to]) => ({ path: join(root, 'dist/web', to), contents: readFileSync(from) }));
}

/** Leaves a file alone that holds the same already. */
function writeIfChanged({ path, contents }) {
  if (contentsOf(path)?.equals(contents)) return false;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
  return true;
}

function contentsOf(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

if (process.argv[1] === import.meta.filename) {
  try {
    await build();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
