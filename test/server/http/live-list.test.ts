import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Page } from '../../../server/http/live-feed.ts';
import { LiveList, type ListNews, type ListRenderer, readShown } from '../../../server/http/live-list.ts';
import { lookOf } from '../../../server/http/live-paths.ts';
import type { LiveFlow } from '../../../server/monitor.ts';
import { type ConsoleHouse, createConsoleHouse, endpoint, flowDraft, outputDraft } from '../../kit/console-house.ts';

let house: ConsoleHouse;
let list: LiveList;

const bitrate = (live: LiveFlow): number => live.endpoints.reduce((sum, it) => sum + it.bitrate, 0);
const newsText = (news: ListNews | undefined): string =>
  news ? `news +${news.added} -${news.left}${news.moved ? ' moved' : ''};` : 'no news;';

/** Names what would be drawn. The list of `search` holds the flows whose names begin so, by name. */
const renderer: ListRenderer = {
  select: (flows, search) => ({
    ids: flows
      .filter(({ flow }) => flow.name.startsWith(search))
      .toSorted((a, b) => (a.flow.name < b.flow.name ? -1 : 1))
      .map(({ flow }) => flow.id),
    url: `/?${search}`,
    counts: `${flows.length} in all;`,
  }),
  strip: ({ flow, state }) => `${flow.name} ${state};`,
  rate: (live) => `${live.flow.name} at ${bitrate(live)};`,
  goneStrip: (_id, name) => `${name} gone;`,
  news: newsText,
  speak: (language, make) => (language === 'en' ? make() : `${language}: ${make()}`),
};

/** A fault that nobody waits for: vitest tells it as an unhandled rejection. */
const fail = (error: unknown): never => {
  throw error;
};

beforeEach(() => {
  vi.useFakeTimers();
  house = createConsoleHouse();
  list = new LiveList({ ...house, renderer, onError: fail });
});

afterEach(() => {
  list.close();
  vi.useRealTimers();
});

async function made(name: string): Promise<string> {
  const { id } = await house.flows.create(flowDraft(name));
  await house.flows.addOutput(id, outputDraft('Studio', 7001));
  await house.flows.start(id);
  house.report(id, { endpoints: [endpoint(id)] });
  return id;
}

const lookAt = async (flowId: string): Promise<string> => lookOf(house.monitor.live(await house.flows.get(flowId)));
const settled = () => vi.advanceTimersByTimeAsync(0);

/** A page that shows these, has seen all of them, and has heard all there was to hear. */
async function open(ids: readonly string[], search = '', language = 'en') {
  const heard: string[] = [];
  const page: Page = { topic: { kind: 'list' }, language, send: (markup) => heard.push(markup) };
  const flows = await Promise.all(ids.map(async (id) => ({ id, seen: await lookAt(id) })));
  list.show(page, { search, flows });
  await settled();
  heard.length = 0;
  return { heard, page };
}

describe('what a page says that it shows', () => {
  it('is the question, and each flow with what was seen of it', () => {
    expect(readShown('show-list q=a%20b\nf1 x\nf2 y')).toEqual({
      search: 'q=a%20b',
      flows: [
        { id: 'f1', seen: 'x' },
        { id: 'f2', seen: 'y' },
      ],
    });
    expect(readShown('show-list ')).toEqual({ search: '', flows: [] });
  });

  it.each(['', 'show-list', 'follow-log last=900', '{"show":1}'])('is nothing in %j', (said) =>
    expect(readShown(said)).toBeUndefined(),
  );
});

describe('a list that opens', () => {
  it('is sent the strips that it has not seen as they are, and no others', async () => {
    const [a, b] = [await made('A'), await made('B')];
    const heard: string[] = [];
    list.show(
      { topic: { kind: 'list' }, language: 'en', send: (markup) => heard.push(markup) },
      {
        search: '',
        flows: [
          { id: a, seen: await lookAt(a) },
          { id: b, seen: 'the past' },
        ],
      },
    );
    await settled();
    expect(heard.join('')).toBe('B running;2 in all;no news;');
  });
});

describe('a change of state', () => {
  it('is sent at once, with all others of the moment in one message, to the pages that show the flow', async () => {
    const [a, b] = [await made('A'), await made('B')];
    const both = await open([a, b]);
    const one = await open([b]);
    for (const id of [a, b]) house.report(id, { endpoints: [endpoint(id, { condition: 'stalled' })] });
    house.tell(a, b);
    await settled();
    expect(both.heard).toEqual(['A running;B running;']);
    expect(one.heard).toEqual(['B running;']);
  });

  it('is told to each page in its language', async () => {
    const a = await made('A');
    const { heard } = await open([a], '', 'zh-CN');
    house.report(a, { endpoints: [], relayLost: true });
    house.tell(a);
    await settled();
    expect(heard).toEqual(['zh-CN: A running;']);
  });

  it('is not what a measurement is', async () => {
    const a = await made('A');
    const { heard } = await open([a]);
    house.report(a, { endpoints: [endpoint(a, { bitrate: 5, packets: 99 })] });
    house.tell(a);
    await vi.advanceTimersByTimeAsync(3000);
    expect(heard).toEqual([]);
  });
});

describe('what is measured', () => {
  it('is sent with the beat, where it is another than before', async () => {
    const [a, b] = [await made('A'), await made('B')];
    const { heard } = await open([a, b]);
    list.refresh();
    await settled();
    expect(heard).toEqual(['A at 8020000;B at 8020000;']);
    heard.length = 0;
    house.report(b, { endpoints: [endpoint(b, { bitrate: 7 })] });
    list.refresh();
    await settled();
    expect(heard).toEqual(['B at 7;']);
  });
});

describe('the order of an open list', () => {
  it('is left as it is, and the page is told once what would be another', async () => {
    const [a, b] = [await made('A'), await made('B')];
    const { heard } = await open([b, a]);
    await house.flows.rename(b, { name: 'C' });
    list.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard.join('')).toMatch(/C running;/);
    expect(heard.join('')).not.toContain('news');
    list.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard.join('')).not.toContain('news');
    await house.flows.rename(a, { name: 'D' });
    await house.flows.create(flowDraft('E'));
    list.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard.join('')).toContain('3 in all;news +1 -0;');
  });

  it('says that flows stand elsewhere, and takes it back', async () => {
    const [a, b] = [await made('A'), await made('B')];
    const { heard } = await open([a, b]);
    await house.flows.rename(a, { name: 'C' });
    list.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard.at(-1)).toBe('news +0 -0 moved;');
    await house.flows.rename(a, { name: 'A' });
    list.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard.at(-1)).toBe('no news;');
  });
});

describe('a flow that is deleted', () => {
  it('stays in its place with its name, and is said to be gone', async () => {
    const [a, b] = [await made('A'), await made('B')];
    const { heard } = await open([a, b]);
    await house.flows.stop(a);
    await house.flows.delete(a);
    list.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard[0]).toBe('A gone;');
    expect(heard.at(-1)).toBe('1 in all;news +0 -1;');
  });
});

describe('a page that has left', () => {
  it('hears nothing more', async () => {
    const a = await made('A');
    const { heard, page } = await open([a]);
    list.remove(page);
    await house.flows.stop(a);
    house.tell(a);
    list.refresh();
    await vi.advanceTimersByTimeAsync(2000);
    expect(heard).toEqual([]);
  });
});
