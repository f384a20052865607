/** Reads the imports of TypeScript sources, which are formatted: each statement begins at the start of a line. */
import { posix } from 'node:path';

/** A file of the house: its path from the root, with slashes, and what is in it. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** A path from the root where a file of ours is meant, else the name as it is written. */
  readonly to: string;
  /** True for `import type` alone: `import { type A }` still loads the file, see verbatimModuleSyntax. */
  readonly typeOnly: boolean;
}

/** In the order of the file. Throws where a statement is not understood, because an import unseen is a law not kept. */
export function importsOf({ path, text }: Source): readonly Import[] {
  const code = withoutComments(text);
  const statements = [...code.matchAll(/^(import|export)\s+(type\s+)?(?:[\w$*{}\s,]*?\s*from\s*)?['"]([^'"]+)['"]/gm)];
  const dynamic = [...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)];
  const read = statements.filter(([, keyword]) => keyword === 'import').length + dynamic.length;
  const written = [...code.matchAll(/^import\b(?![.(])|\bimport\(/gm)].length;
  if (read !== written) throw new Error(`${path}: ${written} imports are written and ${read} understood.`);
  return [
    ...statements.map(([, , type, name = '']) => ({
      from: path,
      to: resolve(path, name),
      typeOnly: type !== undefined,
    })),
    ...dynamic.map(([, name = '']) => ({ from: path, to: resolve(path, name), typeOnly: false })),
  ];
}

/** The text with its comments taken out; what stands in quotes stays. */
export function withoutComments(text: string): string {
  const quoted = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/;
  const comment = /\/\/[^\n]*|\/\*[^]*?\*\//;
  return text.replace(
    new RegExp(`(${quoted.source})|${comment.source}`, 'g'),
    (_, kept: string | undefined) => kept ?? '',
  );
}

/** Each circle once, as the files on the way round, beginning and ending with the same one. */
export function circlesIn(imports: readonly Import[]): readonly string[][] {
  const done = new Set<string>();
  const circles: string[][] = [];
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file]);
    if (way.includes(file) || done.has(file)) return;
    for (const { from, to } of imports) if (from === file) walk(to, [...way, file]);
    done.add(file);
  };
  for (const { from } of imports) walk(from, []);
  return circles;
}

function resolve(path: string, name: string): string {
  return name.startsWith('.') ? posix.join(posix.dirname(path), name) : name;
}
