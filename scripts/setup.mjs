/**
 * Makes this machine fit to run or to test StreamLink: Node, system packages, npm packages.
 * It runs before `npm ci`, so it imports nothing but Node. What is there already is left alone and not mentioned.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Not import.meta.dirname: a Node too old for that shall still reach the sentence that says so. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** The flavour that decrypts with the processor's AES; its headers' package brings the library of the same version. */
const libsrt = 'libsrt-gnutls-dev';

/** Debian's names, each with the command that proves it is there on a system that is not Debian. */
const toRun = { 'g++': 'c++', make: 'make', python3: 'python3', 'pkg-config': 'pkg-config', [libsrt]: null };
const toTest = {
  ffmpeg: 'ffmpeg',
  'srt-tools': 'srt-live-transmit',
  chromium: 'chromium',
  valgrind: 'valgrind',
  procps: 'ps',
  openssl: 'openssl',
  'nginx-light': 'nginx',
  faketime: 'faketime',
  'libnginx-mod-rtmp': null,
  rtmpdump: 'rtmpdump',
  'zbar-tools': 'zbarimg',
  prometheus: 'prometheus',
  'gstreamer1.0-tools': 'gst-launch-1.0',
  'gstreamer1.0-plugins-base': null,
  'gstreamer1.0-plugins-good': null,
  'gstreamer1.0-plugins-bad': null,
  'gstreamer1.0-plugins-ugly': null,
};

/**
 * The first safe libsrt of each Debian release that had an unsafe one. Debian mends without a new upstream number,
 * so the version that libsrt itself reports cannot tell.
 */
const safeLibsrt = { bookworm: '1.5.1-1+deb12u2' };
const libsrtHoles = 'CVE-2026-55868 and CVE-2026-55869';

/** Ends the process with a sentence on stderr where something is missing that it may not install. */
export function setup({ test }) {
  checkNode();
  const wanted = { ...toRun, ...(test ? toTest : {}), ...nodeHeaders() };
  const installed = debianPackages(Object.keys(wanted));
  if (installed) setupDebian(wanted, installed);
  else checkCommands(wanted);
  installNpmPackages();
}

/** `npm ci`, only when the lockfile is not the one that node_modules was made from. */
export function installNpmPackages() {
  const stamp = join(root, 'node_modules', '.streamlink-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing the npm packages of package-lock.json.');
  // The build needs the development packages even where NODE_ENV says production.
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund']);
  writeFileSync(stamp, lock);
}

function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [major, minor] = engines.node.replace('>=', '').split('.').map(Number);
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number);
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return;
  stop(`StreamLink needs Node ${major}.${minor} or later, and this is Node ${process.versions.node}.`);
}

/** Debian's own Node keeps its headers in a package of its own; every other Node brings them or lets node-gyp fetch them. */
function nodeHeaders() {
  const there = existsSync(join(dirname(process.execPath), '..', 'include', 'node', 'node_api.h'));
  return there || process.execPath !== '/usr/bin/node' ? {} : { 'libnode-dev': null };
}

/** Name to version of those that are installed, or undefined where the system is not Debian or a child of it. */
function debianPackages(names) {
  const format = '${Package} ${Version} ${db:Status-Status}\n';
  const { error, stdout } = spawnSync('dpkg-query', ['-W', '-f', format, ...names], { encoding: 'utf8' });
  if (error) return undefined;
  const rows = stdout.split('\n').map((line) => line.split(' '));
  return new Map(rows.filter((row) => row[2] === 'installed').map(([name, version]) => [name, version]));
}

function setupDebian(wanted, installed) {
  const missing = Object.keys(wanted).filter((name) => !installed.has(name));
  if (isUnsafe(installed.get(libsrt))) {
    console.error(`libsrt ${installed.get(libsrt)} has known security holes: ${libsrtHoles}.`);
    missing.push(libsrt);
  }
  if (missing.length === 0) return;
  installDebianPackages(missing);
  if (!isUnsafe(debianPackages([libsrt]).get(libsrt))) return;
  stop(
    `The libsrt that apt-get finds has known security holes: ${libsrtHoles}.`,
    "Add Debian's bookworm-security to the package sources, then run the same command again.",
  );
}

function isUnsafe(version) {
  const [, release] = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? [];
  const safe = safeLibsrt[release];
  if (!version || !safe) return false;
  return spawnSync('dpkg', ['--compare-versions', version, 'lt', safe]).status === 0;
}

function installDebianPackages(names) {
  const install = ['install', '-y', '--no-install-recommends', ...names];
  const prefix = asRoot();
  if (!prefix) {
    stop(
      `StreamLink needs these Debian packages: ${names.join(', ')}.`,
      'This user may not install them. Run this, then the same command again:',
      `  sudo apt-get update && sudo apt-get ${install.join(' ')}`,
    );
  }
  console.log(`Installing Debian packages: ${names.join(', ')}.`);
  const [command, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  // A source of the operator's that does not answer is no reason to stop: what counts is whether the install goes through.
  spawnSync(command, [...args, 'update'], { stdio: 'inherit' });
  // A new machine often holds the lock for its first upgrade; and nothing of the operator's is removed to make room.
  run(command, [...args, '-o', 'DPkg::Lock::Timeout=300', '--no-remove', ...install]);
}

/** The words to put before a command so that it runs as root, or undefined where that would ask for a password. */
function asRoot() {
  if (process.getuid() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

function checkCommands(wanted) {
  const missing = Object.values(wanted).filter(
    (command) => command && !succeeds('sh', ['-c', `command -v ${command}`]),
  );
  if (!succeeds('pkg-config', ['--exists', 'srt'])) missing.push('libsrt with its headers (pkg-config srt)');
  if (missing.length === 0) return;
  stop(
    `StreamLink needs what this system does not have: ${missing.join(', ')}.`,
    'Only on Debian can it be installed from here. Install it, then run the same command again.',
  );
}

const succeeds = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) stop(`${command} could not be run: ${error.message}.`);
  if (status !== 0) stop(`"${[command, ...args].join(' ')}" failed: see above.`);
}

function stop(...sentences) {
  console.error(sentences.join('\n'));
  process.exit(1);
}
