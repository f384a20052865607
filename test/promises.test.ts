/** docs/promises.md names tests that are there: each promise is kept by one, and each test of a fault keeps a promise. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'docs/promises.md'), 'utf8');

interface Named {
  readonly file: string;
  readonly name: string;
}

/** The tests that a table's lines name, as `file`: “name”. */
const namedIn = (table: string): Named[] =>
  [...table.matchAll(/`(test\/[\w/.-]+\.test\.tsx?)`: “([^”]+)”/g)].map(([, file = '', name = '']) => ({ file, name }));

/** The names of the tests of a file, as they are written. */
const namesIn = (source: string): string[] =>
  [...source.matchAll(/\bit(?:\.(?:each|skipIf)\([^;]*?\))?\(\s*(['"`])((?:(?!\1).)+)\1/gs)].map(
    ([, , name = '']) => name,
  );

const sourceOf = (file: string): string => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '');

/** Files that are about faults alone: each of their tests is a promise. */
const faultFiles = [
  'test/long/supervision.test.ts',
  'test/story/fences.test.ts',
  'test/story/processes.test.ts',
  'test/long/networks.test.ts',
  'test/story/blackouts.test.ts',
  'test/long/storage.test.ts',
  'test/story/clock.test.ts',
  'test/long/blackouts.test.ts',
  'test/long/fleet-schedules.test.ts',
].filter((file) => existsSync(join(root, file)));

describe('the names of tests', () => {
  it('are read from a table and from a file', () => {
    expect(namedIn('| a | `test/a.test.ts`: “does it”, `test/b.test.ts`: “does that” | 3 ms |')).toEqual([
      { file: 'test/a.test.ts', name: 'does it' },
      { file: 'test/b.test.ts', name: 'does that' },
    ]);
    expect(namesIn("it('does it', () => {}); it.each([1])('does %s', () => {}); fit('no');")).toEqual([
      'does it',
      'does %s',
    ]);
  });
});

describe('a promise', () => {
  it('names tests that are there', () => {
    const named = namedIn(text);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ file, name }) => !namesIn(sourceOf(file)).includes(name))).toEqual([]);
  });

  it('is there for each test of a fault', () => {
    const named = new Set(namedIn(text).map(({ file, name }) => `${file}: ${name}`));
    const tests = faultFiles.flatMap((file) => namesIn(sourceOf(file)).map((name) => `${file}: ${name}`));
    expect(tests.filter((test) => !named.has(test))).toEqual([]);
  });
});
