/** Simplified Chinese, by the English text that stands in the code. */
import { chineseDetails } from './chinese-details.ts';
import { chineseList } from './chinese-list.ts';

export const chinese: Readonly<Record<string, string>> = {
  ...chineseList,
  ...chineseDetails,
};
