/** What scripts say by themselves, in the language of the page. What a page says, web/views says. */
import { chinese } from './words-chinese.ts';

export type Facts = Readonly<Record<string, string | number>>;

/** No more of the page than its language, and none where a test reads the words without one. */
declare const document: { readonly documentElement: { readonly lang: string } } | undefined;

/** The text in the page's language, with `{name}` replaced by the fact of that name. */
export function t(text: string, facts: Facts = {}): string {
  const isChinese = typeof document !== 'undefined' && document?.documentElement.lang === 'zh-CN';
  const said = isChinese ? (chinese[text] ?? text) : text;
  return said.replace(/\{(\w+)\}/g, (place, name: string) => String(facts[name] ?? place));
}
