/**
 * A QR code of a short text: byte mode, versions 1 to 10, error correction level M (15 % of it may be dirty).
 * Source of every number here: ISO/IEC 18004:2015.
 */

/** Rows of modules from the top, true where dark, without the quiet zone of 4 modules around them. */
export type QrModules = readonly (readonly boolean[])[];

interface Version {
  readonly number: number;
  /** Codewords in all, data and correction together: table 9. */
  readonly codewords: number;
  readonly blocks: number;
  /** Correction codewords of each block. */
  readonly correction: number;
  /** Where alignment patterns have their centres, in both directions: annex E. */
  readonly centres: readonly number[];
}

const versions: readonly Version[] = [
  { number: 1, codewords: 26, blocks: 1, correction: 10, centres: [] },
  { number: 2, codewords: 44, blocks: 1, correction: 16, centres: [6, 18] },
  { number: 3, codewords: 70, blocks: 1, correction: 26, centres: [6, 22] },
  { number: 4, codewords: 100, blocks: 2, correction: 18, centres: [6, 26] },
  { number: 5, codewords: 134, blocks: 2, correction: 24, centres: [6, 30] },
  { number: 6, codewords: 172, blocks: 4, correction: 16, centres: [6, 34] },
  { number: 7, codewords: 196, blocks: 4, correction: 18, centres: [6, 22, 38] },
  { number: 8, codewords: 242, blocks: 4, correction: 22, centres: [6, 24, 42] },
  { number: 9, codewords: 292, blocks: 5, correction: 22, centres: [6, 26, 46] },
  { number: 10, codewords: 346, blocks: 5, correction: 26, centres: [6, 28, 50] },
];

/** The smallest code that holds the text as UTF-8, or undefined where it is longer than 213 bytes. */
export function qrModules(text: string): QrModules | undefined {
  const bytes = new TextEncoder().encode(text);
  const version = versions.find((it) => headBits(it) + bytes.length * 8 <= dataLength(it) * 8);
  if (!version) return undefined;
  const bits = codewordBits(interleaved(version, dataCodewords(version, bytes)));
  const drawn = masks.map((_, mask) => draw(version, bits, mask));
  const [best] = drawn.toSorted((a, b) => penaltyOf(a) - penaltyOf(b));
  return best;
}

const dataLength = ({ codewords, blocks, correction }: Version): number => codewords - blocks * correction;

/** The mode, 4 bits, and the count of bytes, which is longer from version 10 on: table 3. */
const countBits = ({ number }: Version): number => (number < 10 ? 8 : 16);
const headBits = (version: Version): number => 4 + countBits(version);

const BYTE_MODE = 0b0100;
const PADS = [0xec, 0x11] as const;

/** Mode, count, data, terminator and padding: section 7.4. */
function dataCodewords(version: Version, bytes: Uint8Array): number[] {
  const bits = [...toBits(BYTE_MODE, 4), ...toBits(bytes.length, countBits(version))];
  for (const byte of bytes) bits.push(...toBits(byte, 8));
  const room = dataLength(version) * 8;
  while (bits.length < room && bits.length % 8 !== 0) bits.push(0);
  // The terminator's four bits: what is left of the byte above, and a whole one where that was too short.
  if (bits.length < room && bits.length - (headBits(version) + bytes.length * 8) < 4) bits.push(...toBits(0, 8));
  const words = Array.from({ length: bits.length / 8 }, (_, index) => toNumber(bits.slice(index * 8, index * 8 + 8)));
  for (let pad = 0; words.length < dataLength(version); pad++) words.push(PADS[pad % 2] ?? 0);
  return words;
}

const toBits = (value: number, length: number): number[] =>
  Array.from({ length }, (_, index) => (value >> (length - 1 - index)) & 1);

const toNumber = (bits: readonly number[]): number => bits.reduce((sum, bit) => sum * 2 + bit, 0);

const codewordBits = (words: readonly number[]): number[] => words.flatMap((word) => toBits(word, 8));

/** The blocks' data column by column, then their correction likewise: section 7.6. The last blocks are the longer ones. */
function interleaved(version: Version, data: readonly number[]): number[] {
  const { blocks, correction, codewords } = version;
  const short = Math.floor(codewords / blocks) - correction;
  const longer = codewords % blocks;
  const parts = Array.from({ length: blocks }, (_, index) => {
    const start = index * short + Math.max(0, index - (blocks - longer));
    return data.slice(start, start + short + (index >= blocks - longer ? 1 : 0));
  });
  return [...columns(parts), ...columns(parts.map((part) => correctionOf(part, correction)))];
}

function columns(parts: readonly (readonly number[])[]): number[] {
  const longest = Math.max(...parts.map((part) => part.length));
  return Array.from({ length: longest }, (_, column) => parts.flatMap((part) => part[column] ?? [])).flat();
}

/** Reed-Solomon over GF(256) with x^8 + x^4 + x^3 + x^2 + 1: the remainder by the product of (x - 2^i). Section 7.5. */
function correctionOf(data: readonly number[], length: number): number[] {
  const generator = generatorOf(length);
  let remainder = Array<number>(length).fill(0);
  for (const word of data) {
    const [first = 0, ...rest] = remainder;
    const factor = word ^ first;
    remainder = generator.map((coefficient, index) => (rest[index] ?? 0) ^ multiply(coefficient, factor));
  }
  return remainder;
}

/** Without its leading 1, highest power first. */
function generatorOf(length: number): number[] {
  let product = [1];
  let root = 1;
  for (let factor = 0; factor < length; factor++) {
    const shifted = [...product, 0];
    const scaled = [0, ...product.map((it) => multiply(it, root))];
    product = shifted.map((it, index) => it ^ (scaled[index] ?? 0));
    root = multiply(root, 2);
  }
  return product.slice(1);
}

function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

/** Where a mask turns a module over: table 10, by row and column. */
const masks: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

type Grid = (boolean | undefined)[][];

function draw(version: Version, bits: readonly number[], mask: number): QrModules {
  const size = 17 + version.number * 4;
  const grid: Grid = Array.from({ length: size }, () => Array<boolean | undefined>(size).fill(undefined));
  const set = (row: number, column: number, dark: boolean): void => {
    const line = grid[row];
    if (line && column >= 0 && column < size) line[column] = dark;
  };
  drawFinders(size, set);
  drawAlignments(version, size, set);
  for (let at = 8; at < size - 8; at++) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  drawFormat(mask, size, set);
  if (version.number >= 7) drawVersion(version.number, size, set);
  fill(grid, bits, masks[mask] ?? (() => false));
  return grid.map((line) => line.map((module) => module === true));
}

type SetModule = (row: number, column: number, dark: boolean) => void;

/** Three squares, each with its light frame. Section 6.3.3. */
function drawFinders(size: number, set: SetModule): void {
  for (const [top, left] of [
    [0, 0],
    [0, size - 7],
    [size - 7, 0],
  ] as const)
    for (let row = -1; row <= 7; row++)
      for (let column = -1; column <= 7; column++) {
        const ring = Math.max(Math.abs(row - 3), Math.abs(column - 3));
        set(top + row, left + column, ring <= 1 || ring === 3);
      }
}

/** Everywhere but on the three finders. Section 6.3.6. */
function drawAlignments({ centres }: Version, size: number, set: SetModule): void {
  for (const row of centres)
    for (const column of centres) {
      const corner = (at: number) => at === 6;
      const far = (at: number) => at === size - 7;
      if ((corner(row) && (corner(column) || far(column))) || (far(row) && corner(column))) continue;
      for (let down = -2; down <= 2; down++)
        for (let right = -2; right <= 2; right++)
          set(row + down, column + right, Math.max(Math.abs(down), Math.abs(right)) !== 1);
    }
}

/** Level M is 00, so that the mask alone is the data; twice, around the finders. Section 7.9. */
function drawFormat(mask: number, size: number, set: SetModule): void {
  const word = ((mask << 10) | remainderOf(mask << 10, 0x537, 10)) ^ 0x5412;
  const bit = (index: number): boolean => ((word >> index) & 1) === 1;
  for (let index = 0; index < 15; index++) {
    // Down beside the first finder, where the timing pattern is stepped over, and up from the bottom.
    const row = index < 6 ? index : index < 8 ? index + 1 : size - 15 + index;
    set(row, 8, bit(index));
    const column = index < 8 ? size - 1 - index : index < 9 ? 7 : 14 - index;
    set(8, column, bit(index));
  }
  set(size - 8, 8, true);
}

/** Section 7.10. */
function drawVersion(number: number, size: number, set: SetModule): void {
  const word = (number << 12) | remainderOf(number << 12, 0x1f25, 12);
  for (let index = 0; index < 18; index++) {
    const [near, far] = [Math.floor(index / 3), size - 11 + (index % 3)];
    const dark = ((word >> index) & 1) === 1;
    set(near, far, dark);
    set(far, near, dark);
  }
}

/** Of a polynomial over GF(2), whose divisor has this degree. */
function remainderOf(value: number, divisor: number, degree: number): number {
  let rest = value;
  for (let bit = 31 - Math.clz32(rest); rest >= 1 << degree; bit = 31 - Math.clz32(rest))
    rest ^= divisor << (bit - degree);
  return rest;
}

/** In pairs of columns from the right, up and down by turns, the timing column left out. Section 7.7.3. */
function fill(grid: Grid, bits: readonly number[], isTurned: (row: number, column: number) => boolean): void {
  const size = grid.length;
  let next = 0;
  let up = true;
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2) {
    for (let step = 0; step < size; step++) {
      const row = up ? size - 1 - step : step;
      const line = grid[row] ?? [];
      for (const column of [right, right - 1]) {
        if (line[column] !== undefined) continue;
        line[column] = (bits[next++] === 1) !== isTurned(row, column);
      }
    }
    up = !up;
  }
}

/** How hard a code is to read: section 7.8.3.1. */
function penaltyOf(modules: QrModules): number {
  const turned = modules.map((_, column) => modules.map((line) => line[column] === true));
  const lines = [...modules, ...turned];
  return (
    sum(lines.map((line) => runPenalty(line) + finderPenalty(line))) + boxPenalty(modules) + balancePenalty(modules)
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, it) => total + it, 0);

const textOf = (line: readonly boolean[]): string => line.map((dark) => (dark ? '1' : '0')).join('');

const runPenalty = (line: readonly boolean[]): number =>
  sum([...textOf(line).matchAll(/0{5,}|1{5,}/g)].map(([run]) => run.length - 2));

/** What looks like a finder, with four light modules before or after it. */
const finderPenalty = (line: readonly boolean[]): number =>
  40 * [...textOf(line).matchAll(/(?=00001011101|10111010000)/g)].length;

const boxPenalty = (modules: QrModules): number =>
  sum(
    modules.map((line, row) => {
      const below = modules[row + 1] ?? [];
      return 3 * line.filter((dark, at) => [line[at + 1], below[at], below[at + 1]].every((it) => it === dark)).length;
    }),
  );

function balancePenalty(modules: QrModules): number {
  const dark = sum(modules.map((line) => line.filter(Boolean).length));
  const share = dark / modules.length ** 2;
  return 10 * Math.floor(Math.abs(share - 0.5) * 20);
}
