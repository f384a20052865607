import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readStaticFiles } from '../../server/static-files.ts';
import { temporaryFolder } from '../kit/temporary.ts';

describe('a file of the console', () => {
  it('is compressed once, where that makes it smaller', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.css'), '.row { color: red }\n'.repeat(100));
    writeFileSync(join(folder, 'b.svg'), '<svg/>');
    const files = readStaticFiles(folder);
    const large = files.get('a.css');
    expect(gunzipSync(large?.gzip ?? new Uint8Array())).toEqual(Buffer.from(large?.body ?? []));
    expect(large?.gzip?.length).toBeLessThan(100);
    expect(files.get('b.svg')?.gzip).toBeUndefined();
  });
});
