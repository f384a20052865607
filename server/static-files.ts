/** The console's files, read once into memory: what is served is this list and nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { StaticFile } from './http/app.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** By name, without folders; source maps stay out. */
export function readStaticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const names = readdirSync(folder).filter((name) => extname(name) in types);
  return new Map(
    names.map((name) => [
      name,
      { body: new Uint8Array(readFileSync(join(folder, name))), type: types[extname(name)] ?? '' },
    ]),
  );
}
