/** The Chinese dictionary says all that the console says, and nothing else. */
import { describe, expect, it } from 'vitest';
import { flowDraftSchema, outputDraftSchema, parseDraft } from '../../server/drafts.ts';
import { Refusal, refusals } from '../../server/refusal.ts';
import { chinese as inScripts } from '../../web/client/words-chinese.ts';
import { chinese } from '../../web/views/chinese.ts';
import { figures } from '../../web/views/figures.ts';
import { inLanguage } from '../../web/views/language.ts';
import { words } from '../../web/views/words.ts';
import { eventSamples } from '../kit/event-samples.ts';
import { saidIn, sourcesIn, textsIn, textsOfTable } from './said-texts.ts';

/** Texts that are said where another table is read. */
const tables = [
  ['web/views/flow.tsx', 'tabNames'],
  ['web/views/latency-advice.tsx', 'sentences'],
  ['web/views/log-answer.tsx', 'states'],
  ['web/views/range.tsx', 'quickRanges'],
  ['web/views/track-words.ts', 'kinds'],
  ['web/views/track-words.ts', 'layouts'],
  ['web/views/words-events.ts', 'faultNames'],
  ['web/views/words-events.ts', 'fieldNames'],
  ['web/views/words-log.ts', 'typeLabels'],
] as const;

/** The same in all languages: units, and names of protocols. The last two are sent by relays as facts. */
const universal = new Set(['', 'ms', 'Mbps', '%', 'RTT', 'SRT', 'RTMP', 'RTP', '5.1', '7.1']);
const tones = new Set(['ok', 'wait', 'bad', 'idle', 'unknown']);

const isSaid = (text: string): boolean => !universal.has(text) && !/^\d+$/.test(text);

const leaves = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
};

const inTables = tables.flatMap(([file, name]) => {
  const texts = textsOfTable(file, name);
  if (texts.length === 0) throw new Error(`${file} has no table ${name}.`);
  return texts.filter((text) => name !== 'states' || !tones.has(text));
});

const control = String.fromCodePoint(7);
const badDrafts = [
  { name: '', regionId: '', maxBitrate: 0, input: {} },
  { name: 'n'.repeat(65), regionId: 'r', maxBitrate: 1, input: { protocol: 'srt', name: control, latencyMs: 1.5 } },
  { name: 'n', regionId: 'r', maxBitrate: 1, input: { protocol: 'srt', name: 'n', latencyMs: 1, allowlist: [] } },
  {
    name: 'n',
    regionId: 'r',
    maxBitrate: 1,
    input: {
      protocol: 'srt',
      name: 'n',
      latencyMs: 9999,
      description: 'd'.repeat(257),
      allowlist: Array.from({ length: 65 }, () => '0.0.0.0/0'),
      encryption: { keyLength: 1, passphrase: 'short' },
    },
  },
  { name: 'n', regionId: 'r', maxBitrate: 1, input: { protocol: 'rtmp', name: 'n', description: control } },
];

const base = { name: 'n', regionId: 'r', description: '' };
const badOutputs = [
  { ...base, protocol: 'srt', destinations: { primary: { host: 'a b', port: 1.5 } } },
  {
    ...base,
    protocol: 'rtp',
    ttl: 0,
    destinations: { primary: { host: 'a', port: 0 }, backup: { host: 'a', port: 70000 } },
  },
  { ...base, protocol: 'rtp', ttl: 1.5, destinations: { primary: { host: 'a', port: 5 } } },
  { ...base, protocol: 'rtp', ttl: 300, destinations: { primary: { host: 'a', port: 5 } } },
  {
    ...base,
    protocol: 'rtmp',
    destinations: { primary: { url: 'no', streamKey: '' }, backup: { url: 'rtmp://a/b', streamKey: 'ä ' } },
  },
  {
    ...base,
    protocol: 'rtmp',
    destinations: {
      primary: { url: `rtmp://a/${'b'.repeat(512)}`, streamKey: 'k'.repeat(513) },
      backup: { url: 'rtmp://a:99999/b', streamKey: 'k' },
    },
  },
];

/** What the server says of fields, as forms meet it. */
function faultsOf(parse: () => unknown): readonly string[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof Refusal) return error.faults.map(({ message }) => message);
    throw error;
  }
  throw new Error('This draft is a good one.');
}
const faults = [
  ...badDrafts.flatMap((draft) => faultsOf(() => parseDraft(flowDraftSchema, draft))),
  ...badOutputs.flatMap((draft) => faultsOf(() => parseDraft(outputDraftSchema, draft))),
  'Enter a date and a time.',
];

const ofPages = new Set(
  [
    ...sourcesIn('web/views').flatMap(saidIn),
    ...sourcesIn('server/http', (file) => file.startsWith('console')).flatMap(saidIn),
    ...inTables,
    ...leaves(words),
    ...Object.values(figures).flatMap(({ label, unit }) => [label, unit]),
    ...Object.values(refusals).map((refusal) => refusal.words),
    ...faults,
    // Facts of events that are words themselves.
    ...['same', 'other', 'primary', 'backup'],
  ].filter(isSaid),
);

const ofScripts = new Set(sourcesIn('web/client').flatMap(saidIn));

/** Every text that stands in the sources: tables, and what is chosen by a condition, are said by their variable. */
const written = new Set(
  ['web/views', 'web/client', 'server', 'relay/contract'].flatMap((folder) =>
    sourcesIn(folder, (file) => !/chinese/.test(file)).flatMap(textsIn),
  ),
);

const placesIn = (text: string): readonly string[] => [...new Set(text.match(/\{\w+\}/g))].toSorted();

describe.each([
  ['pages', chinese, ofPages],
  ['scripts', inScripts, ofScripts],
] as const)('the Chinese of %s', (_of, dictionary, said) => {
  it('has a text for each that is said', () => {
    expect([...said].filter((text) => dictionary[text] === undefined)).toEqual([]);
  });

  it('has no text that nobody says', () => {
    expect(Object.keys(dictionary).filter((text) => !said.has(text) && !written.has(text))).toEqual([]);
  });

  it('has the same facts in both', () => {
    const differ = Object.entries(dictionary).filter(
      ([text, own]) => placesIn(text).join(' ') !== placesIn(own).join(' '),
    );
    expect(differ).toEqual([]);
  });

  it('is Chinese', () => {
    const isWithout = (own: string): boolean =>
      !/\p{Script=Han}/u.test(own.replaceAll(/\{\w+\}|TTL|ID|Webhook/g, '汉'));
    expect(Object.entries(dictionary).filter(([, own]) => own.trim() !== '。' && isWithout(own))).toEqual([]);
  });
});

it('says each event of the log in Chinese, without a piece of English', () => {
  const said = eventSamples.map((event) => inLanguage('zh-CN', () => words.logSentence(event)));
  const english = /\b(?:the|is|and|of|after|within|for|input|output|packets?|address|could|not|now)\b/;
  expect(said.filter((text) => english.test(text))).toEqual([]);
});
