/** `npm run fuzz -- --seconds 600`: hostile bytes for as long as is wished, from another seed each night. `--seed` repeats one. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installNpmPackages, root } from './setup.mjs';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string', default: String(Date.now() % 1e9) } },
});
installNpmPackages();
console.log(
  `Fuzzing for ${values.seconds} s; to repeat it: npm run fuzz -- --seconds ${values.seconds} --seed ${values.seed}`,
);
/** One after the other, each with its part of the time. */
const tests = ['test/relay/rtmp/fuzz.test.ts', 'test/relay/formats/fuzz.test.ts'];
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'story', ...tests],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, FUZZ_SECONDS: String(Number(values.seconds) / tests.length), FUZZ_SEED: values.seed },
  },
);
process.exit(status ?? 1);
