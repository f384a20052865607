/** Simplified Chinese, by the English text that stands in the code: a file for each part of the console. */
import { frame } from './chinese-frame.ts';
import { health } from './chinese-health.ts';
import { incidents } from './chinese-incidents.ts';
import { log } from './chinese-log.ts';
import { refusals } from './chinese-refusals.ts';
import { words } from './chinese-words.ts';

export const chinese: Readonly<Record<string, string>> = {
  ...frame,
  ...health,
  ...incidents,
  ...log,
  ...refusals,
  ...words,
};
