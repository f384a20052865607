import { describe, expect, it } from 'vitest';
import { inLanguage } from '../../web/views/language.ts';
import { listUrl, PAGE_SIZE, readListQuery, selectFlows } from '../../web/views/list-query.ts';
import type { FlowView } from '../../web/views/props.ts';
import { Sparkline, sparkPath } from '../../web/views/sparkline.tsx';
import { endpoint } from '../kit/console-house.ts';
import { flow, input, output, regions } from '../kit/samples.ts';

const read = (search: string) => {
  const asked = new URLSearchParams(search);
  return readListQuery((name) => asked.get(name) ?? undefined);
};

const idle = (name: string, changes: Parameters<typeof flow>[0] = {}): FlowView => ({
  flow: flow({ id: name, name, ...changes }),
  state: 'idle',
  endpoints: [],
  relayLost: false,
});

/** Running, with media on the pipelines that are named. */
const running = (name: string, bitrates: { primary?: number; backup?: number }): FlowView => ({
  flow: flow({ id: name, name, running: true }),
  state: 'running',
  endpoints: (['primary', 'backup'] as const).map((pipeline) => {
    const bitrate = bitrates[pipeline];
    return endpoint(name, {
      pipeline,
      ...(bitrate === undefined ? { state: 'waiting', condition: 'listening', bitrate: 0 } : { bitrate }),
    });
  }),
  relayLost: false,
});

const names = (views: readonly FlowView[], search: string) =>
  selectFlows(views, read(search), regions).shown.map(({ flow: { name } }) => name);

describe('the URL of the list', () => {
  it.each(['/', '/?q=cam+2&region=asia&state=trouble&sort=bitrate&page=3', '/?sort=newest'])(
    '%s is read and written the same',
    (url) => expect(listUrl(read(url.slice(2)))).toBe(url),
  );

  it('asks for nothing where it makes no sense', () => {
    expect(listUrl(read('q=++&region=&state=broken&sort=colour&page=-1'))).toBe('/');
    expect(read(`q=${'x'.repeat(500)}`).search).toHaveLength(100);
  });
});

describe('a search', () => {
  const views = [
    idle('Opera', {
      outputs: [output({ id: 'abc123', name: 'Studio', destinations: { primary: { host: '192.0.2.7', port: 9 } } })],
    }),
    idle('News', { input: input({ name: 'OB van 3', ports: { primary: 20_010, backup: 20_011 } }) }),
    running('Cup', { primary: 1 }),
  ];

  it.each([
    ['opera', ['Opera']],
    ['ABC123', ['Opera']],
    ['192.0.2.7', ['Opera']],
    ['van ob', ['News']],
    [':20011', ['News']],
    ['asia', ['Cup', 'News', 'Opera']],
    ['van opera', []],
  ])('for %j finds %j', (text, found) => expect(names(views, `q=${encodeURIComponent(text)}`)).toEqual(found));

  it('does not look into keys', () => {
    const secret = 'correct horse battery';
    const locked = idle('Locked', { input: input({ encryption: { passphrase: secret, keyLength: 128 } }) });
    expect(names([locked], 'q=correct')).toEqual([]);
  });
});

describe('the choice of a state', () => {
  const views = [
    idle('Idle'),
    running('Both', { primary: 1, backup: 1 }),
    running('One', { primary: 1 }),
    running('None', {}),
    { ...running('Lost', { primary: 1 }), relayLost: true },
  ];

  it.each([
    ['running', ['Both', 'Lost', 'None', 'One']],
    ['trouble', ['Lost', 'None']],
    ['idle', ['Idle']],
  ])('%s shows those', (state, found) => expect(names(views, `state=${state}`)).toEqual(found));

  it('leaves the counts of all', () => {
    const { counts, found } = selectFlows(views, read('state=idle'), regions);
    expect(counts).toEqual({ all: 5, running: 4, trouble: 2, partial: 0, well: 2, idle: 1 });
    expect(found).toBe(1);
  });
});

describe('the order', () => {
  it('by name counts numbers as numbers', () => {
    expect(names([idle('Channel 10'), idle('channel 2'), idle('Channel 1')], '')).toEqual([
      'Channel 1',
      'channel 2',
      'Channel 10',
    ]);
  });

  it('by state has trouble first', () => {
    const views = [idle('Idle'), running('Well', { primary: 1, backup: 1 }), running('Dark', {})];
    expect(names(views, 'sort=state')).toEqual(['Dark', 'Well', 'Idle']);
  });

  it('by bit rate has the largest first, and is still while a rate moves little', () => {
    const views = [
      idle('Idle'),
      running('A', { primary: 4_000_000 }),
      running('B', { primary: 4_020_000 }),
      running('C', { primary: 3e6, backup: 3e6 }),
    ];
    expect(names(views, 'sort=bitrate')).toEqual(['C', 'A', 'B', 'Idle']);
  });

  it('by age and by region is as one expects', () => {
    const views = [idle('Old', { createdAt: 1, regionId: 'europe' }), idle('New', { createdAt: 2 })];
    expect(names(views, 'sort=newest')).toEqual(['New', 'Old']);
    expect(names(views, 'sort=region')).toEqual(['New', 'Old']);
  });
});

describe('a page', () => {
  const views = Array.from({ length: 2 * PAGE_SIZE + 1 }, (_, n) => idle(`Flow ${n + 1}`));

  it('holds a hundred flows, and the last one the rest', () => {
    expect(names(views, 'page=2')).toHaveLength(PAGE_SIZE);
    expect(names(views, 'page=3')).toEqual(['Flow 201']);
    expect(selectFlows(views, read('page=9'), regions)).toMatchObject({ page: 3, pages: 3, found: 201 });
  });
});

describe('a small picture of a bit rate', () => {
  it('goes from zero to the largest rate, and is short where the rate is steady', () => {
    expect(sparkPath([8, 8, 8, 8, 4, 0], 8)).toBe('M0 24V0H6L8 11L10 23V24');
  });

  it('has a gap where nothing is known', () => {
    expect(sparkPath([undefined, 8, 8, undefined, 8, undefined], 8)).toBe('M2 24V0H4V24M8 24V0V24');
  });

  it('says in words between what it moved, and is not drawn from one point', () => {
    const drawn = (rates: readonly (number | undefined)[]) => (<Sparkline rates={rates} />)?.toString() ?? '';
    expect(inLanguage('en', () => drawn([7_900_000, 8_100_000]))).toContain('between 7.90 Mbps and 8.10 Mbps.');
    expect(drawn([undefined, 8])).not.toContain('<path');
  });
});
