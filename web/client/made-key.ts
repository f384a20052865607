/** A key that nobody can guess, of letters that can be read out. Pure: chance is handed in. */

/** Fills the bytes with chance and returns them. */
export type Draw = (into: Uint8Array<ArrayBuffer>) => Uint8Array;

/** Without the letters and digits that are taken for each other. 24 of them are 138 bits. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const KEY_LETTERS = 24;

export const madeKey = (draw: Draw): string => keyOf(KEY_LETTERS, LETTERS, draw);

/** Each of `letters` is as likely as any other: what would tip the scale is drawn again. */
export function keyOf(length: number, letters: string, draw: Draw): string {
  const fair = 256 - (256 % letters.length);
  let key = '';
  while (key.length < length)
    for (const byte of draw(new Uint8Array(length)))
      if (byte < fair && key.length < length) key += letters[byte % letters.length];
  return key;
}
