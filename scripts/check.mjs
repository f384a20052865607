/** `npm run check`: everything that is true of the source without running it. One fault does not hide the next. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build } from './build.mjs';
import { installNpmPackages, root } from './setup.mjs';

installNpmPackages();

const checks = {
  types: () => succeeds('tsc', ['--project', '.']),
  'types of the browser side': () => succeeds('tsc', ['--project', 'web']),
  lint: () => succeeds('oxlint'),
  format: () => succeeds('biome', ['format', '.']),
  migrations: migrationsAreWhole,
  build: builds,
};

const failed = [];
for (const [name, check] of Object.entries(checks)) {
  console.log(`\n== ${name}`);
  if (!(await check())) failed.push(name);
}
console.log(failed.length > 0 ? `\nFailed: ${failed.join(', ')}.` : '\nAll checks passed.');
process.exit(failed.length > 0 ? 1 : 0);

function succeeds(tool, args = []) {
  return spawnSync(command(tool), args, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Generates into a copy, because a check changes nothing, and reads the answer, because drizzle-kit ends with 0 on a crash. */
function migrationsAreWhole() {
  const copy = mkdtempSync(join(tmpdir(), 'streamlink-migrations-'));
  cpSync(join(root, 'db/migrations'), copy, { recursive: true });
  // drizzle-kit puts "./" before this path, so an absolute one would not be found.
  const args = ['generate', '--dialect', 'sqlite', '--schema', './db/schema.ts', '--out', relative(root, copy)];
  const { stdout, stderr } = spawnSync(command('drizzle-kit'), args, { cwd: root, encoding: 'utf8', input: '' });
  rmSync(copy, { recursive: true });
  if (stdout.includes('No schema changes')) return true;
  console.log(`${stdout}${stderr}db/migrations does not say what db/schema.ts says: run "npm run db:generate".`);
  return false;
}

async function builds() {
  try {
    await build();
    return true;
  } catch (error) {
    console.log(error.message);
    return false;
  }
}

function command(tool) {
  return join(root, 'node_modules/.bin', tool);
}
