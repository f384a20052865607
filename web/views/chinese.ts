/** Simplified Chinese, by the English text that stands in the code. */
export const chinese: Readonly<Record<string, string>> = {
  Flows: '流',
};
