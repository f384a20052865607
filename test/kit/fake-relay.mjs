/** A relay program that does nothing: it lives until it is told to leave. `die` in its folder makes it end at once. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.STREAMLINK_RELAY_DIR;
writeFileSync(join(folder, 'seen.json'), JSON.stringify({ argv: process.argv.slice(2), env: process.env }));
if (existsSync(join(folder, 'die'))) process.exit(3);
if (existsSync(join(folder, 'stay'))) process.on('SIGTERM', () => {});
setInterval(() => {}, 1000);
