/** Simplified Chinese, by the English text that stands in the code. */
import { chineseForms } from './chinese-forms.ts';

export const chinese: Readonly<Record<string, string>> = {
  ...chineseForms,
  Flows: '流',
};
