import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Flow } from '../../../db/model.ts';
import { LiveFeed, type Page, type Topic } from '../../../server/http/live-feed.ts';
import { shapeOf } from '../../../server/http/live-paths.ts';
import { type ConsoleHouse, createConsoleHouse, endpoint, flowDraft, outputDraft } from '../../kit/console-house.ts';
import { input, rtmpInput, rtmpOutput } from '../../kit/samples.ts';

let house: ConsoleHouse;
let feed: LiveFeed;

/** Names what would be drawn. */
const renderer = {
  measured: () => 'measured',
  events: () => 'events',
  whole: () => 'whole',
  speak: (language: string, make: () => string) => (language === 'en' ? make() : `${language}: ${make()}`),
  alarms: () => 'alarms',
  alarmCount: () => 'count',
  gone: () => 'gone',
};

/** A fault that nobody waits for: vitest tells it as an unhandled rejection. */
const fail = (error: unknown): never => {
  throw error;
};

beforeEach(() => {
  vi.useFakeTimers();
  house = createConsoleHouse();
  feed = new LiveFeed({ ...house, renderer, now: Date.now, onError: fail });
});

afterEach(() => {
  feed.close();
  vi.useRealTimers();
});

/** A running flow, watched by a page that is up to date. */
async function watched(topicOf: (flowId: string, seen: string) => Topic) {
  const { id } = await house.flows.create(flowDraft('News'));
  await house.flows.addOutput(id, outputDraft('Studio', 7001));
  await house.flows.start(id);
  house.report(id, { endpoints: [endpoint(id)] });
  const heard: string[] = [];
  const seen = shapeOf(house.monitor.live(await house.flows.get(id)));
  const page: Page = { topic: topicOf(id, seen), language: 'en', send: (markup) => heard.push(markup) };
  feed.add(page);
  await vi.advanceTimersByTimeAsync(1500);
  heard.length = 0;
  return { id, heard, page };
}

const flowTopic = (flowId: string, seen: string): Topic => ({ kind: 'flow', flowId, seen });
const settled = () => vi.advanceTimersByTimeAsync(0);

describe('a page that opens', () => {
  it('hears of a flow what it may have missed', async () => {
    const { id } = await house.flows.create(flowDraft('News'));
    const heard: string[] = [];
    feed.add({
      topic: { kind: 'flow', flowId: id, seen: 'the past' },
      language: 'en',
      send: (markup) => heard.push(markup),
    });
    await settled();
    expect(heard).toEqual(['whole', 'count']);
  });
});

describe('pages in two languages', () => {
  it('each hear their own', async () => {
    const { id, heard } = await watched(flowTopic);
    feed.add({ topic: flowTopic(id, 'the past'), language: 'zh-CN', send: (markup) => heard.push(markup) });
    await settled();
    expect(heard).toContain('zh-CN: whole');
    heard.length = 0;
    feed.refresh();
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard.toSorted()).toEqual(['measured', 'zh-CN: measured']);
  });
});

describe('measurements', () => {
  it('are pushed once a second however often they come', async () => {
    const { id, heard } = await watched(flowTopic);
    for (let n = 0; n < 40; n++) {
      house.report(id, { endpoints: [endpoint(id, { bitrate: 1_000_000 + n })] });
      house.tell(id);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(heard.length).toBeGreaterThanOrEqual(4);
    expect(heard.length).toBeLessThanOrEqual(5);
    expect(new Set(heard)).toEqual(new Set(['measured']));
  });

  it('that came last are not kept back for ever', async () => {
    const { id, heard } = await watched(flowTopic);
    house.tell(id);
    await settled();
    house.tell(id);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard).toEqual(['measured', 'measured']);
    await vi.advanceTimersByTimeAsync(5000);
    expect(heard).toHaveLength(2);
  });
});

describe('a change of state', () => {
  it.each([
    ['an end that stalls', { condition: 'stalled' }],
    ['an end that waits', { state: 'waiting', condition: 'listening' }],
    ['an incident', { incident: { code: 'passphrase-wrong', at: 1 } }],
    ['a bandwidth exceeded', { over: true }],
    ['another input on air', { live: false }],
  ] as const)('such as %s is pushed at once', async (_what, change) => {
    const { id, heard } = await watched(flowTopic);
    house.tell(id);
    await settled();
    house.report(id, { endpoints: [endpoint(id, change)] });
    house.tell(id);
    await settled();
    expect(heard).toEqual(['measured', 'measured']);
  });

  it('of a lost relay is pushed at once', async () => {
    const { id, heard } = await watched(flowTopic);
    house.tell(id);
    await settled();
    house.report(id, { endpoints: [], relayLost: true });
    house.tell(id);
    await settled();
    expect(heard).toHaveLength(2);
  });

  it('of the flow itself renews the whole page', async () => {
    const { id, heard } = await watched(flowTopic);
    await house.flows.stop(id);
    house.tell(id);
    await settled();
    expect(heard).toEqual(['whole']);
  });
});

describe('what happens to media', () => {
  const happen = (flowId: string, at: number) =>
    house.happen({ at, flowId, pipeline: 'primary', endpoint: 'input', code: 'no-keyframe', facts: {} });

  it('is pushed at once, and once', async () => {
    const { id, heard } = await watched(flowTopic);
    house.tell(id);
    await settled();
    heard.length = 0;
    happen(id, 1);
    house.tell(id);
    await settled();
    expect(heard).toEqual(['measured', 'events']);
    house.tell(id);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard).toEqual(['measured', 'events', 'measured']);
  });

  it('comes with the whole page, not beside it', async () => {
    const { id, heard } = await watched(flowTopic);
    await house.flows.stop(id);
    happen(id, 1);
    house.tell(id);
    await settled();
    expect(heard).toEqual(['whole']);
  });
});

describe('a flow that is deleted', () => {
  it('is told to its page once', async () => {
    const { id, heard } = await watched(flowTopic);
    await house.flows.stop(id);
    await house.flows.delete(id);
    feed.refresh();
    await settled();
    feed.refresh();
    await settled();
    expect(heard).toEqual(['gone']);
  });
});

describe('a page that has left', () => {
  it('hears nothing more', async () => {
    const { id, heard, page } = await watched(flowTopic);
    feed.remove(page);
    house.tell(id);
    await vi.advanceTimersByTimeAsync(2000);
    expect(heard).toEqual([]);
  });
});

describe('the shape of a flow', () => {
  it('does not depend on a key', async () => {
    const flow = await house.flows.create(flowDraft('News'));
    const shapeWith = (changes: Partial<Flow>) => shapeOf(house.monitor.live({ ...flow, ...changes }));
    const withKey = (passphrase: string) => shapeWith({ input: input({ encryption: { passphrase, keyLength: 128 } }) });
    const withStreamKey = (streamKey: string) =>
      shapeWith({
        input: rtmpInput({ streamKeys: { primary: streamKey, backup: streamKey } }),
        outputs: [rtmpOutput({ destinations: { primary: { url: 'rtmp://a/b', streamKey } } })],
      });
    expect(withKey('one secret')).toBe(withKey('other secret'));
    expect(withStreamKey('one secret')).toBe(withStreamKey('other secret'));
  });
});
