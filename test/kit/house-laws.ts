/** The laws of the house as pure functions: sources go in, a sentence for each breach comes out. */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { circlesIn, type Import, importsOf, type Source, withoutComments } from './imports.ts';

export interface Setting {
  readonly key: string;
  readonly initial: string;
  readonly about: string;
}

/** Each file belongs to the first of these that it lies in. */
const rooms = ['relay/contract', 'relay/formats', 'relay', 'db', 'web/views', 'web/client', 'server/http', 'server'];

/** Who may import whom. What is not here is forbidden; within a room, the ban on circles makes imports point down. */
const leave: readonly (readonly [from: string, to: string, what: 'all' | 'types'])[] = [
  ['relay/contract', 'relay/contract', 'all'],
  ['relay/formats', 'relay/formats', 'all'],
  ['relay/formats', 'relay/contract/settings.ts', 'types'],
  ['relay', 'relay', 'all'],
  ['db', 'db', 'all'],
  ['db', 'relay/contract', 'types'],
  ['web/views', 'web/views', 'all'],
  ['web/views', 'relay/contract', 'types'],
  ['web/views', 'db/model.ts', 'types'],
  ['web/views', 'db/history-model.ts', 'types'],
  ['web/client', 'web/client', 'all'],
  ['web/client', 'relay/contract', 'types'],
  ['server', 'server', 'all'],
  ['server', 'relay/contract', 'all'],
  ['server', 'db', 'all'],
  ['server/http', 'server', 'all'],
  ['server/http', 'relay/contract', 'all'],
  ['server/http', 'db', 'types'],
  ['server/http/console*', 'web/views', 'all'],
];

/** Things that only some files may touch, known by the packages that they import or by what stands in their code. */
const belongings = [
  { thing: 'drizzle or libSQL', home: ['db'], packages: /^(drizzle-|@libsql\/|libsql$)/ },
  { thing: 'NATS', home: ['relay/contract/nats.ts'], packages: /^(@nats-io\/|nats$)/ },
  { thing: 'the addon', home: ['relay/srt/socket.ts'], code: /\bdlopen\b|\.node['"`]/ },
  { thing: 'the environment', home: ['server/config.ts', 'relay/main.ts'], code: /\bprocess\.env\b/ },
];

const longestFile = 400;

export function importBreaches(sources: readonly Source[]): readonly string[] {
  const ours = sources.flatMap(importsOf).filter(({ to }) => isOurs(to));
  return ours
    .filter((it) => !isAllowed(it))
    .map((it) => `${it.from} may not import ${it.to}${it.typeOnly ? ', not even its types' : ''}.`);
}

export function circles(sources: readonly Source[]): readonly string[] {
  return circlesIn(sources.flatMap(importsOf)).map((way) => `${way.join(' → ')} is a circle.`);
}

/** The console could run wherever Hono runs, so its doors know nothing of Node. */
export function nodeInHttp(sources: readonly Source[]): readonly string[] {
  const imports = sources.flatMap(importsOf).filter(({ from, to }) => isWithin(from, 'server/http') && isBuiltin(to));
  return imports.map(({ from, to }) => `${from} imports ${to}: server/http speaks web standards.`);
}

export function strayed(sources: readonly Source[]): readonly string[] {
  return belongings.flatMap(({ thing, home, packages, code }) =>
    sources
      .filter(({ path }) => !home.some((place) => isWithin(path, place)))
      .filter(
        (source) =>
          (packages && importsOf(source).some(({ to }) => packages.test(to))) ||
          code?.test(withoutComments(source.text)),
      )
      .map(({ path }) => `${path} touches ${thing}, which belongs to ${home.join(' and ')}.`),
  );
}

export function tooLong(sources: readonly Source[]): readonly string[] {
  const lengths = sources.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
  return lengths.filter(({ lines }) => lines > longestFile).map(({ path, lines }) => `${path} has ${lines} lines.`);
}

export function looseEnds(sources: readonly Source[]): readonly string[] {
  return linesWith(sources, /\bTODO\b(?! ?\(?#\d)/).map((place) => `${place} has a TODO without an issue's number.`);
}

/** A name tells what is, so that it reads as a sentence about the product. */
export function weakNames(tests: readonly Source[]): readonly string[] {
  const weak = /^\s*(?:(?:describe|it|test)(?:\.\w+)*(?:\(.*?\))?|\]\))\((['"`])(?:(?!\1).)*\b(?:should|works)\b/;
  return linesWith(tests, weak).map((place) => `${place} names a test with "should" or "works".`);
}

/** Links to other sites and within a page are left alone. */
export function brokenLinks(documents: readonly Source[], exists: (path: string) => boolean): readonly string[] {
  return documents.flatMap(({ path, text }) =>
    linksOf(text)
      .map((link) => posix.join(posix.dirname(path), link))
      .filter((target) => !exists(target))
      .map((target) => `${path} links to ${target}, which is not there.`),
  );
}

/** The rows of a Markdown table whose first cell is the name of a variable: name, initial value, purpose. */
export function settingsInTable(markdown: string): readonly Setting[] {
  return tableRows(markdown)
    .filter(([key = '']) => /^[A-Z][A-Z0-9_]+$/.test(key))
    .map(([key = '', initial = '', about = '']) => ({ key, initial, about }));
}

/** The settings of an example of an .env file: a comment, and below it the variable, commented out. */
export function settingsInExample(text: string): readonly Setting[] {
  const pairs = [...text.matchAll(/^# (.+)\n#([A-Z0-9_]+)=(.*)$/gm)];
  return pairs.map(([, about = '', key = '', initial = '']) => ({ key, initial, about }));
}

/** The packages that a Markdown table names in its first column and gives a reason for in its second. */
export function packagesWithReason(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^\| `([^`]+)` +\| +[^\s|]/gm)].map(([, name = '']) => name);
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const room = rooms.find((place) => isWithin(from, place));
  // A room inside another one has its own rules, and a file may have more leave than its room.
  const rules = leave.filter(([place]) => room && isWithin(place, room) && isWithin(from, place));
  return rules.some(([, place, what]) => isWithin(to, place) && (what === 'all' || typeOnly));
}

/** Files of ours are named by path from the root, so they alone have an ending. */
function isOurs(name: string): boolean {
  return /\.tsx?$/.test(name);
}

/** A place is a file, a folder, or with a star at its end all that begins alike. */
function isWithin(path: string, place: string): boolean {
  if (place.endsWith('*')) return path.startsWith(place.slice(0, -1));
  return path === place || path.startsWith(`${place}/`);
}

function linesWith(sources: readonly Source[], pattern: RegExp): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

function linksOf(markdown: string): readonly string[] {
  const prose = markdown.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)|^\[[^\]]+\]: (\S+)|\b(?:src|href)="([^"]+)"/gm)];
  const targets = links.map(([, inline, reference, html]) => inline ?? reference ?? html ?? '');
  return targets.filter((target) => !/^([a-z]+:|#)/.test(target)).map((target) => target.replace(/#.*$/, ''));
}

function tableRows(markdown: string): readonly string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  return lines.map((line) =>
    line
      .slice(1, line.lastIndexOf('|'))
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}
