/** Simplified Chinese, by the English text that stands in the code. */
import { chineseDetails } from './chinese-details.ts';

export const chinese: Readonly<Record<string, string>> = {
  Flows: '流',
  ...chineseDetails,
};
