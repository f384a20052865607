/**
 * Looks for memory faults in the SRT addon: its core under valgrind and under ASAN with UBSAN, then the whole addon
 * in Node under ASAN. Ends with 1 on any finding. Needs g++, valgrind and libsrt; takes about a minute.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileAddon } from './addon.mjs';

const source = join(dirname(dirname(fileURLToPath(import.meta.url))), 'relay/srt/addon');
const work = mkdtempSync(join(tmpdir(), 'streamlink-addon-'));
const sanitize = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];
const valgrind = '--leak-check=full --errors-for-leak-kinds=definite,possible --error-exitcode=9 --quiet'.split(' ');

/** Each throws with the tool's own words when it finds something. */
const checks = {
  'core under valgrind': () => run('valgrind', [...valgrind, compileCore('core', [])]),
  'core under ASAN and UBSAN': () => run(compileCore('core-asan', sanitize), []),
  'addon in Node under ASAN': checkInNode,
};

function compileCore(name, flags) {
  const libsrt = run('pkg-config', ['--cflags', '--libs', 'srt']).trim().split(/\s+/);
  const options = ['-std=c++17', '-O1', '-g', '-Wall', '-Wextra', ...flags];
  run('g++', [...options, join(source, 'core-test.cc'), '-o', join(work, name), ...libsrt, '-lpthread']);
  return join(work, name);
}

/** In a copy, so that the build in use stays. Leaks are left to valgrind: at its exit Node keeps what it likes. */
function checkInNode() {
  const folder = join(work, 'addon');
  cpSync(source, folder, { recursive: true, filter: (path) => path !== join(source, 'build') });
  compileAddon(folder, ['--asan=1']);
  const preload = ['libasan.so', 'libubsan.so'].map((name) => run('g++', [`-print-file-name=${name}`]).trim());
  const environment = {
    LD_PRELOAD: preload.join(' '),
    ASAN_OPTIONS: 'detect_leaks=0',
    UBSAN_OPTIONS: 'halt_on_error=1',
  };
  const cycles = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test/relay/srt/addon-cycles.mjs');
  run(process.execPath, [cycles, join(folder, 'build/Release/srt.node')], { ...process.env, ...environment });
}

/** The output of a command; throws when it fails or takes over a minute. */
function run(command, args, env = process.env) {
  const result = spawnSync(command, args, { encoding: 'utf8', env, timeout: 60_000 });
  if (result.status === 0) return result.stdout;
  throw new Error(`${command}: ${result.error?.message ?? `exit ${result.status ?? result.signal}`}\n${result.stderr}`);
}

try {
  for (const [name, check] of Object.entries(checks)) {
    const started = performance.now();
    check();
    console.log(`${name}: clean (${((performance.now() - started) / 1000).toFixed(0)} s)`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
