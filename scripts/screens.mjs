/** `npm run screens`: takes the pictures of docs/screens anew, of the console as it is, with a stream that is on air. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup.mjs';

const args = ['run', '--project', 'story', 'test/story/guide-readers.test.ts', '-t', 'pictures are taken'];
const env = { ...process.env, SCREENS: join(root, 'docs/screens') };
const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), args, { cwd: root, env, stdio: 'inherit' });
process.exit(status ?? 1);
