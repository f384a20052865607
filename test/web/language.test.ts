import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseLanguage, inLanguage, language, t } from '../../web/views/language.ts';

describe('the language of an answer', () => {
  it.each([
    ['zh-CN', undefined, 'zh-CN'],
    ['en', 'zh-CN,zh;q=0.9', 'en'],
    ['klingon', 'zh', 'zh-CN'],
    [undefined, 'zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    [undefined, 'en-GB,zh;q=0.5', 'en'],
    [undefined, 'fr, zh-Hans;q=0.7, en;q=0.2', 'zh-CN'],
    [undefined, 'zh-TW, zh-Hant-HK;q=0.9', 'en'],
    [undefined, 'zh;q=0, fr', 'en'],
    [undefined, undefined, 'en'],
    [undefined, ';;q=,*', 'en'],
  ])('is, with %s chosen and %s accepted, %s', (chosen, accepted, expected) =>
    expect(chooseLanguage(chosen, accepted)).toBe(expected),
  );

  it('holds for all that is made within it, and for nothing else', async () => {
    const later = inLanguage('zh-CN', async () => {
      await Promise.resolve();
      return language();
    });
    expect([language(), await later, inLanguage('zh-CN', () => t('Flows'))]).toEqual(['en', 'zh-CN', '流']);
  });
});

describe('a text', () => {
  it('takes its facts into their places, and is English where there is no other', () => {
    expect(inLanguage('zh-CN', () => t('Stop {name} in {place}', { name: 'A {place}' }))).toBe(
      'Stop A {place} in {place}',
    );
  });
});

describe('the flow list', () => {
  const views = join(import.meta.dirname, '../../web/views');
  const files = ['flow-list.tsx', 'flow-row.tsx', 'list-filter.tsx', 'selected.tsx', 'sparkline.tsx'];

  it('is spoken in Chinese, text by text', () => {
    const texts = files.flatMap((file) =>
      [...readFileSync(join(views, file), 'utf8').matchAll(/\bt\(\s*'([^']+)'/g)].map(([, text = '']) => text),
    );
    expect(texts.length).toBeGreaterThan(40);
    expect(texts.filter((text) => inLanguage('zh-CN', () => t(text)) === text)).toEqual([]);
  });
});
