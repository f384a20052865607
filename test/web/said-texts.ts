/** What the sources say in words: the texts that a dictionary must have. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

const literal = String.raw`'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"`;

const plain = (text: string): string => text.replaceAll(/\\(.)/g, '$1');

const textsOf = (source: string, pattern: RegExp): readonly string[] =>
  [...source.matchAll(pattern)].map((match) => plain(match[1] ?? match[2] ?? ''));

/** Each file of the folder, and of those below it, that holds source. */
export const sourcesIn = (folder: string, isMeant: (file: string) => boolean = () => true): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && isMeant(file))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'));

/** Every text that is handed to `t` or `around` as it stands, also where one of two is. */
export const saidIn = (source: string): readonly string[] => [
  ...textsOf(source, new RegExp(String.raw`\b(?:t|around)\(\s*(?:${literal})`, 'g')),
];

/** Every text of one line. */
export const textsIn = (source: string): readonly string[] => textsOf(source, new RegExp(literal, 'g'));

/** The texts of a table that is said elsewhere: all values of the constant of that name, but for its types and keys. */
export function textsOfTable(file: string, name: string): readonly string[] {
  const source = readFileSync(join(root, file), 'utf8');
  const [, body = ''] =
    new RegExp(String.raw`const ${name}\b[^=]*(?:=>)?[^=]*= ([\s\S]*?)\n[}\]]?[^\n]*;\n`).exec(`${source}\n`) ?? [];
  return textsOf(body, new RegExp(String.raw`(?<=[:,[] ?|\n\s*)(?:${literal})(?!\s*:)`, 'g'));
}
