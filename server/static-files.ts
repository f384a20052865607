/** The console's files, read once into memory: what is served is this list and nothing else. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { StaticFile } from './http/app.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** What changes when any of the files does. */
export function fingerprint(files: ReadonlyMap<string, StaticFile>): string {
  const hash = createHash('sha256');
  for (const [name, { body }] of files) hash.update(name).update(body);
  return hash.digest('hex').slice(0, 12);
}

/** By name, without folders; source maps stay out. */
export function readStaticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const names = readdirSync(folder).filter((name) => extname(name) in types);
  return new Map(
    names.map((name) => {
      const body = new Uint8Array(readFileSync(join(folder, name)));
      const gzip = new Uint8Array(gzipSync(body, { level: 9 }));
      return [name, { body, gzip: gzip.length < body.length ? gzip : undefined, type: types[extname(name)] ?? '' }];
    }),
  );
}
