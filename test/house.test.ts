/** The laws of the house, kept by reading it. Each law is first shown to fail on a house made up to break it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { settings } from '../server/config.ts';
import * as laws from './kit/house-laws.ts';
import { importsOf, type Source } from './kit/imports.ts';

const root = join(import.meta.dirname, '..');
const wings = filesIn(['server', 'relay', 'db', 'web'], /\.(tsx?|css|cc|hpp)$/);
const code = wings.filter(({ path }) => /\.tsx?$/.test(path));
const tests = filesIn(['test'], /\.tsx?$/);
const scripts = filesIn(['scripts'], /\.mjs$/);

const made = (path: string, text: string): Source => ({ path, text });

describe('an import', () => {
  it.each([
    ["import { a } from './b.ts';", 'relay/b.ts', false],
    ["import type { A } from '../db/model.ts';", 'db/model.ts', true],
    ["import { type A } from './b.ts';", 'relay/b.ts', false],
    ["import {\n  a, // first\n  b,\n} from './b.ts';", 'relay/b.ts', false],
    ["import * as all from './b.ts';", 'relay/b.ts', false],
    ["import './b.ts';", 'relay/b.ts', false],
    ["export { a } from './b.ts';", 'relay/b.ts', false],
    ["export type * from './b.ts';", 'relay/b.ts', true],
    ["const b = await import('./b.ts');", 'relay/b.ts', false],
    ["import { z } from 'zod';", 'zod', false],
  ])('is read from %j', (text, to, typeOnly) => {
    expect(importsOf(made('relay/a.ts', text))).toEqual([{ from: 'relay/a.ts', to, typeOnly }]);
  });

  it('in a comment is none', () => {
    expect(importsOf(made('relay/a.ts', "// import './b.ts';\n/*\nimport './c.ts';\n*/\n"))).toEqual([]);
  });

  it('that cannot be read is not passed over', () => {
    expect(() => importsOf(made('relay/a.ts', 'const b = await import(name);'))).toThrow('1 imports are written');
  });
});

describe('the import law', () => {
  it.each([
    ['relay/contract/bus.ts', '../srt/source.ts'],
    ['relay/formats/probe.ts', '../media.ts'],
    ['relay/relay.ts', '../db/flows.ts'],
    ['relay/relay.ts', '../server/flows.ts'],
    ['db/flows.ts', '../server/rules.ts'],
    ['web/views/flow.tsx', '../../server/flows.ts'],
    ['web/client/main.ts', '../views/flow.tsx'],
    ['server/fleet.ts', '../relay/relay.ts'],
    ['server/flows.ts', '../web/views/flow.tsx'],
    ['server/http/rest.ts', '../../web/views/flow.tsx'],
    ['server/main.ts', '../test/kit/clip.ts'],
  ])('forbids %s to import %s, and its types too', (path, to) => {
    const text = `import { a } from '${to}';\nimport type { A } from '${to}';`;
    expect(laws.importBreaches([made(path, text)])).toHaveLength(2);
  });

  it.each([
    ['relay/formats/probe.ts', '../contract/settings.ts'],
    ['db/model.ts', '../relay/contract/settings.ts'],
    ['web/views/flow.tsx', '../../relay/contract/settings.ts'],
    ['web/views/flow.tsx', '../../db/model.ts'],
    ['web/client/charts.ts', '../../relay/contract/messages.ts'],
    ['server/http/rest.ts', '../../db/model.ts'],
  ])('allows %s the types of %s, and nothing else of it', (path, to) => {
    expect(laws.importBreaches([made(path, `import type { A } from '${to}';`)])).toEqual([]);
    expect(laws.importBreaches([made(path, `import { a } from '${to}';`)])).toHaveLength(1);
  });

  it('lets the console alone use the views', () => {
    expect(
      laws.importBreaches([made('server/http/console.ts', "import { Page } from '../../web/views/page.tsx';")]),
    ).toEqual([]);
  });

  it('is kept by every file', () => {
    expect(laws.importBreaches(code)).toEqual([]);
  });
});

describe('a circle of imports', () => {
  it('is found, through types as well', () => {
    const files = [
      made('relay/a.ts', "import './b.ts';"),
      made('relay/b.ts', "import type { C } from './c.ts';"),
      made('relay/c.ts', "import './a.ts';"),
    ];
    expect(laws.circles(files)).toEqual(['relay/a.ts → relay/b.ts → relay/c.ts → relay/a.ts is a circle.']);
  });

  it('is nowhere', () => {
    expect(laws.circles(code)).toEqual([]);
  });
});

describe('server/http', () => {
  it.each(['node:fs', 'crypto'])('is caught importing %s', (name) => {
    expect(laws.nodeInHttp([made('server/http/app.ts', `import { a } from '${name}';`)])).toHaveLength(1);
  });

  it('imports nothing of Node', () => {
    expect(laws.nodeInHttp(code)).toEqual([]);
  });
});

describe('what belongs to one room', () => {
  it.each([
    ['server/flows.ts', "import { eq } from 'drizzle-orm';", 'drizzle or libSQL'],
    ['server/flows.ts', "import { createClient } from '@libsql/client';", 'drizzle or libSQL'],
    ['relay/contract/bus.ts', "import { connect } from '@nats-io/transport-node';", 'NATS'],
    ['relay/srt/source.ts', "require('./addon/build/Release/srt.node');", 'the addon'],
    ['server/main.ts', 'const home = process.env.HOME;', 'the environment'],
  ])('is missed when %s says %s', (path, text, thing) => {
    expect(laws.strayed([made(path, text)])).toEqual([expect.stringContaining(`${path} touches ${thing}`)]);
  });

  it('may be named in a comment', () => {
    expect(laws.strayed([made('server/main.ts', '// Not process.env: that is for config.ts.')])).toEqual([]);
  });

  it('has stayed there', () => {
    expect(laws.strayed(code)).toEqual([]);
  });
});

describe('a file', () => {
  it('of 401 lines is too long, and one of 400 is not', () => {
    const lines = (count: number) => 'line\n'.repeat(count);
    expect(laws.tooLong([made('db/a.ts', lines(401)), made('db/b.ts', lines(400))])).toEqual([
      'db/a.ts has 401 lines.',
    ]);
  });

  it('is short enough to be read in one go', () => {
    expect(laws.tooLong(wings)).toEqual([]);
  });
});

describe('a note for later', () => {
  const word = ['TO', 'DO'].join('');

  it('without an issue is found', () => {
    const text = `// ${word}: later\n// ${word} #12: in time\n// ${word}(#12): in time`;
    expect(laws.looseEnds([made('db/a.ts', text)])).toEqual([`db/a.ts:1 has a ${word} without an issue's number.`]);
  });

  it('bears the number of an issue', () => {
    const itself = 'test/kit/house-laws.ts';
    expect(laws.looseEnds([...wings, ...tests, ...scripts].filter(({ path }) => path !== itself))).toEqual([]);
  });
});

describe('the name of a test', () => {
  it.each(['it(', 'describe(', 'it.each(rows)(', "it.each(['a'])(", '])('])('is found weak after %s', (call) => {
    expect(laws.weakNames([made('test/a.test.ts', `  ${call}'should start', () => {`)])).toHaveLength(1);
    expect(laws.weakNames([made('test/a.test.ts', `  ${call}'starts', () => expect('what works'));`)])).toEqual([]);
  });

  it('says what is', () => {
    expect(laws.weakNames(tests)).toEqual([]);
  });
});

describe('a link in the documents', () => {
  it('to nothing is found', () => {
    const text =
      '[a](gone.md#part) [b](#here) [c](https://example.org/) <img src="gone.png"> `[d](code.md)`\n\n[e]: gone.txt\n';
    const breaches = laws.brokenLinks([made('docs/a.md', text)], () => false);
    expect(breaches.map((words) => words.split(' ')[3])).toEqual(['docs/gone.md,', 'docs/gone.png,', 'docs/gone.txt,']);
  });

  it('leads to a file', () => {
    const documents = [fileAt('README.md'), fileAt('CONTRIBUTING.md'), ...filesIn(['docs'], /\.md$/)];
    expect(laws.brokenLinks(documents, (path) => existsSync(join(root, path)))).toEqual([]);
  });
});

describe('the settings', () => {
  const port = { key: 'STREAMLINK_PORT', initial: '8080', about: 'TCP port.' };

  it('are read from a table and from an example', () => {
    const table = '| variable | initially | purpose |\n|---|---|---|\n| `STREAMLINK_PORT` | `8080` | TCP port. |\n';
    expect(laws.settingsInTable(table)).toEqual([port]);
    expect(laws.settingsInExample('# TCP port.\n#STREAMLINK_PORT=8080\n')).toEqual([port]);
  });

  it('are read as they are written, so that a difference shows', () => {
    expect(laws.settingsInTable('| `STREAMLINK_PORT` | 80 | TCP port. |')).not.toEqual([port]);
    expect(laws.settingsInExample('# TCP port.\n#STREAMLINK_PORT=80\n')).not.toEqual([port]);
  });

  it('stand in the README as the server knows them', () => {
    expect(laws.settingsInTable(fileAt('README.md').text)).toEqual(settings);
  });

  it('stand in .env.example as the server knows them', () => {
    expect(laws.settingsInExample(fileAt('.env.example').text)).toEqual(settings);
  });
});

describe('a dependency', () => {
  it('counts as explained only with a reason', () => {
    expect(laws.packagesWithReason('| `a` | Because. |\n| `b` | |\n')).toEqual(['a']);
  });

  it('is explained, and nothing else is', () => {
    const list = z.record(z.string(), z.string());
    const manifest = z.object({ dependencies: list, devDependencies: list });
    const { dependencies, devDependencies } = manifest.parse(JSON.parse(fileAt('package.json').text));
    const names = Object.keys({ ...dependencies, ...devDependencies });
    expect(laws.packagesWithReason(fileAt('docs/dependencies.md').text).toSorted()).toEqual(names.toSorted());
  });
});

function fileAt(path: string): Source {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}

/** What was generated is nobody's writing: migrations and the addon's build. */
function filesIn(folders: readonly string[], ending: RegExp): readonly Source[] {
  const paths = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  return paths.filter((path) => ending.test(path) && !/^db\/migrations|\/build\//.test(path)).map(fileAt);
}
