/** Simplified Chinese, by the English text that stands in the code: a file for each part of the console. */
import { chineseDetails } from './chinese-details.ts';
import { chineseForms } from './chinese-forms.ts';
import { frame } from './chinese-frame.ts';
import { health } from './chinese-health.ts';
import { incidents } from './chinese-incidents.ts';
import { chineseList } from './chinese-list.ts';
import { log } from './chinese-log.ts';
import { refusals } from './chinese-refusals.ts';
import { settings } from './chinese-settings.ts';
import { words } from './chinese-words.ts';

export const chinese: Readonly<Record<string, string>> = {
  ...frame,
  ...health,
  ...incidents,
  ...log,
  ...refusals,
  ...settings,
  ...words,
  ...chineseDetails,
  ...chineseForms,
  ...chineseList,
};
