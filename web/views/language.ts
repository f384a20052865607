/**
 * The console's languages. English stands in the code, where it is read with what it says; every other language is a
 * dictionary from the English text. What has no entry is shown in English, and a test names it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { chinese } from './chinese.ts';

export const languages = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Language = keyof typeof languages;

export type Facts = Readonly<Record<string, string | number>>;

const dictionaries: Readonly<Record<Exclude<Language, 'en'>, Readonly<Record<string, string>>>> = { 'zh-CN': chinese };

const inUse = new AsyncLocalStorage<Language>();

/** Whatever is said within `make`, at once or later, is said in this language. */
export const inLanguage = <T>(language: Language, make: () => T): T => inUse.run(language, make);

/** The language of who is being answered; English where nobody said. */
export const language = (): Language => inUse.getStore() ?? 'en';

/** A text in the language in use, with `{name}` replaced by the fact of that name: `t('Stop {name}', { name })`. */
export function t(text: string, facts: Facts = {}): string {
  const spoken = language();
  const found = spoken === 'en' ? text : (dictionaries[spoken][text] ?? text);
  return found.replace(/\{(\w+)\}/g, (place, name: string) => String(facts[name] ?? place));
}

/** The same with pieces that are no text, such as a moment: the text in parts, with the pieces in their places. */
export function around<T>(text: string, pieces: Readonly<Record<string, T>>): (string | T)[] {
  return t(text)
    .split(/\{(\w+)\}/)
    .map((part, index) => (index % 2 === 1 ? (pieces[part] ?? part) : part));
}

const isLanguage = (tag: string): tag is Language => Object.hasOwn(languages, tag);

/**
 * The language to answer in: what was chosen, or the first that the browser asks for and we have.
 * Source of the header's form: RFC 9110 section 12.5.4.
 */
export function chooseLanguage(chosen: string | undefined, acceptLanguage = ''): Language {
  if (chosen !== undefined && isLanguage(chosen)) return chosen;
  const asked = acceptLanguage
    .slice(0, 400)
    .split(',')
    .map((part) => /^\s*([\w*-]+)\s*(?:;\s*q=([\d.]+))?/.exec(part))
    .flatMap((match) => (match ? [{ tag: match[1] ?? '', weight: Number(match[2] ?? 1) }] : []))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  return asked.map(({ tag }) => ours(tag)).find((one) => one !== undefined) ?? 'en';
}

/** Simplified Chinese is what mainland China and Singapore write; traditional Chinese is not ours to guess. */
function ours(tag: string): Language | undefined {
  const [primary = '', ...rest] = tag.toLowerCase().split('-');
  if (primary === 'en') return 'en';
  const isTraditional = rest.some((part) => ['hant', 'tw', 'hk', 'mo'].includes(part));
  return primary === 'zh' && !isTraditional ? 'zh-CN' : undefined;
}
