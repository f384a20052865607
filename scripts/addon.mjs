/** Builds the SRT addon with node-gyp, and only when something it is made of has changed. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'relay/srt/addon');

/** Prints what it did in one line; throws an Error with the compiler's output when the build fails. */
export function buildAddon() {
  const stampFile = join(folder, 'build/stamp.json');
  const stamp = JSON.stringify(ingredients(folder), null, 2);
  const built = existsSync(join(folder, 'build/Release/srt.node')) && existsSync(stampFile);
  if (built && readFileSync(stampFile, 'utf8') === stamp) return;
  const started = performance.now();
  compileAddon(folder);
  writeFileSync(stampFile, stamp);
  console.log(`Built the SRT addon in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
}

/** Compiles the addon in `folder` into its build/Release; `flags` are node-gyp's. */
export function compileAddon(folder, flags = []) {
  const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  const result = spawnSync(process.execPath, [gyp, 'rebuild', ...headers(), ...flags], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (result.status === 0) return;
  const output = `${result.stdout}\n${result.stderr}`.trim();
  throw new Error(`The SRT addon does not build.\n${output}`, { cause: result.error });
}

/** Headers that came with this Node, so that nothing is downloaded; without them node-gyp fetches its own. */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

function ingredients(folder) {
  const sources = readdirSync(folder).filter((name) => /\.(cc|hpp|gyp)$/.test(name) && name !== 'core-test.cc');
  const hash = createHash('sha256');
  for (const name of sources.toSorted()) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  return { sources: hash.digest('hex'), abi: process.versions.modules, libsrt: libsrtVersion() };
}

/** libsrt's version, and on Debian that of its package, whose security fixes leave the first one as it is. */
function libsrtVersion() {
  const version = output('pkg-config', ['--modversion', 'srt']);
  if (!version) throw new Error('libsrt is missing: on Debian, apt-get install libsrt-gnutls-dev pkg-config g++ make.');
  const packages = output('dpkg-query', ['-W', '-f', '${Package} ${Version} ${db:Status-Status}\n', 'libsrt*-dev']);
  const installed = packages.split('\n').filter((line) => line.endsWith(' installed'));
  return [version, ...installed.map((line) => line.replace(' installed', ''))].join(', ');
}

/** What a command prints, or nothing where it does not exist or fails. */
function output(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    buildAddon();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
