/** Simplified Chinese, by the English text that stands in the code. */
import { chineseDetails } from './chinese-details.ts';
import { chineseForms } from './chinese-forms.ts';
import { chineseList } from './chinese-list.ts';

export const chinese: Readonly<Record<string, string>> = {
  ...chineseForms,
  ...chineseList,
  ...chineseDetails,
};
