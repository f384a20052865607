import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { QrCode } from '../../web/views/qr-code.tsx';
import { qrModules } from '../../web/views/qr.ts';

const folder = mkdtempSync(join(tmpdir(), 'qr-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What an independent reader, zbar, sees in the code: as a picture of 4 pixels a module with its quiet zone. */
function read(text: string): string {
  const modules = qrModules(text) ?? [];
  const [scale, quiet] = [4, 4];
  const size = (modules.length + 2 * quiet) * scale;
  const pixels = Buffer.alloc(size * size, 255);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      if (modules[Math.floor(y / scale) - quiet]?.[Math.floor(x / scale) - quiet]) pixels[y * size + x] = 0;
  const file = join(folder, 'code.pgm');
  writeFileSync(file, Buffer.concat([Buffer.from(`P5\n${size} ${size}\n255\n`), pixels]));
  const { stdout, error } = spawnSync('zbarimg', ['--quiet', '--raw', '--oneshot', file], { encoding: 'utf8' });
  if (error) throw error;
  return stdout.trimEnd();
}

/** The longest text of each version at level M in bytes. Source: ISO/IEC 18004 table 7. */
const capacities = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213];
const textOf = (length: number): string => 'srt://relay.example.net:9001/'.repeat(8).slice(0, length);

describe('a QR code', () => {
  it.each(capacities.map((bytes, index) => [index + 1, bytes] as const))(
    'of version %i holds %i bytes and is read by an independent reader',
    (version, bytes) => {
      for (const length of [bytes, bytes - 1]) {
        const text = textOf(length);
        expect(qrModules(text)).toHaveLength(17 + 4 * version);
        expect(read(text)).toBe(text);
      }
    },
  );

  it.each(['x', 'rtmp://[2001:db8::1]:1935/f-0001', 'srt://203.0.113.7:9001'])('of %s is read as it is', (text) =>
    expect(read(text)).toBe(text),
  );

  it('of version 1 has the format word of level M and its mask twice, and the dark module', () => {
    const modules = qrModules('srt') ?? [];
    const beside = [0, 1, 2, 3, 4, 5, 7, 8].map((row) => modules[row]?.[8]);
    const along = [20, 19, 18, 17, 16, 15, 14, 13].map((column) => modules[8]?.[column]);
    expect(beside).toEqual(along);
    expect(modules[13]?.[8]).toBe(true);
  });

  it('of more than 213 bytes is none', () => {
    expect(qrModules(textOf(214))).toBeUndefined();
    expect(String(<QrCode text={textOf(214)} label="x" />)).toBe('');
  });

  it('is dark on white in every scheme, with its quiet zone and a name', () => {
    const markup = String(<QrCode text="srt://a:1" label="Primary input address" />);
    expect(markup).toContain('viewBox="0 0 29 29" role="img" aria-label="Primary input address"');
    expect(markup).toContain('<rect width="29" height="29" fill="#fff"');
    expect(markup).toContain('M4 4h1v1h-1z');
  });
});
