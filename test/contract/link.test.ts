import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLine, turnOfEvents } from '../kit/memory-link.ts';

afterEach(() => void vi.useRealTimers());

const wordsOf = (request: Promise<unknown>): Promise<string> =>
  request.then(
    () => 'It was answered.',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe('a request', () => {
  it('is answered with what the other end returns', async () => {
    const line = createLine({ far: { double: (body) => Number(body) * 2 } });
    const answer = line.near.request('double', 21, 1000);
    await line.settle();
    expect(await answer).toBe(42);
  });

  it('is answered by a promise when it resolves', async () => {
    const line = createLine({ far: { later: async () => 'done' } });
    const answer = line.near.request('later', {}, 1000);
    await line.settle();
    expect(await answer).toBe('done');
  });

  it('goes either way', async () => {
    const line = createLine({ near: { who: () => 'near' } });
    const answer = line.far.request('who', {}, 1000);
    await line.settle();
    expect(await answer).toBe('near');
  });

  it('gets each its own answer when they come out of order', async () => {
    const line = createLine({ far: { echo: (body) => body } });
    const answers = [1, 2, 3].map((body) => line.near.request('echo', body, 1000));
    for (const text of line.toFar.splice(0)) line.far.receive(text);
    await turnOfEvents();
    for (const text of line.toNear.splice(0).reverse()) line.near.receive(text);
    expect(await Promise.all(answers)).toEqual([1, 2, 3]);
  });

  it('rejects with the words of the other end', async () => {
    const fail = (): never => {
      throw new Error('The port is taken.');
    };
    const line = createLine({ far: { fail } });
    const words = wordsOf(line.near.request('fail', {}, 1000));
    await line.settle();
    expect(await words).toBe('The port is taken.');
  });

  it('rejects what the other end does not know', async () => {
    const line = createLine({});
    const words = wordsOf(line.near.request('nonsense', {}, 1000));
    await line.settle();
    expect(await words).toBe('unknown message: nonsense');
  });

  // A finding: names of Object.prototype are found in the table of what is served.
  it.each(['constructor', 'toString', 'valueOf'])('rejects %s, which every object has', async (kind) => {
    const line = createLine({ far: { echo: (body) => body } });
    const words = wordsOf(line.near.request(kind, {}, 1000));
    await line.settle();
    expect(await words).toBe(`unknown message: ${kind}`);
  });

  it('rejects when no answer came in time', async () => {
    vi.useFakeTimers();
    const line = createLine({});
    const words = wordsOf(line.near.request('slow', {}, 5000));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await words).toBe('slow: no answer in 5000 ms');
  });

  it('rejects when the link closes', async () => {
    const line = createLine({});
    const words = wordsOf(line.near.request('slow', {}, 5000));
    line.near.close();
    expect(await words).toBe('the link closed');
  });

  it('rejects when the line breaks', async () => {
    const line = createLine({});
    const words = wordsOf(line.near.request('slow', {}, 5000));
    line.cut();
    expect(await words).toBe('the link closed');
  });

  it('rejects at once on a closed link, and sends nothing', async () => {
    const line = createLine({});
    line.near.close();
    await expect(line.near.request('any', {}, 5000)).rejects.toThrow('any: the link is closed');
    expect(line.toFar).toEqual([]);
  });

  it('rejects beyond 4096 that wait', async () => {
    const line = createLine({});
    const waiting = Array.from({ length: 4096 }, () => line.near.request('slow', {}, 60_000).catch(() => 'closed'));
    await expect(line.near.request('slow', {}, 60_000)).rejects.toThrow('4096 requests already wait');
    line.near.close();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['closed']));
  });

  it('is not answered twice', async () => {
    const line = createLine({ far: { echo: (body) => body } });
    const answer = line.near.request('echo', 'first', 1000);
    line.near.receive('{"re":1,"body":"first"}');
    line.near.receive('{"re":1,"error":"late"}');
    expect(await answer).toBe('first');
  });
});

describe('a publication', () => {
  it('reaches the other end without an answer', async () => {
    const heard: unknown[] = [];
    const line = createLine({ far: { report: (body) => heard.push(body) } });
    line.near.publish('report', { at: 1 });
    await line.settle();
    expect([heard, line.toNear]).toEqual([[{ at: 1 }], []]);
  });

  it('keeps its order', async () => {
    const heard: unknown[] = [];
    const line = createLine({ far: { report: (body) => heard.push(body) } });
    for (const n of [1, 2, 3]) line.near.publish('report', n);
    await line.settle();
    expect(heard).toEqual([1, 2, 3]);
  });

  it('ends the link when the other end cannot read it', async () => {
    const refuse = (): never => {
      throw new Error('not a report');
    };
    const line = createLine({ far: { report: refuse } });
    line.near.publish('report', {});
    await line.settle();
    expect(line.isCut()).toBe(true);
  });

  it('is not sent on a closed link', () => {
    const line = createLine({});
    line.near.close();
    line.near.publish('report', {});
    expect(line.toFar).toEqual([]);
  });
});

describe('text that is no message', () => {
  it.each([
    '',
    'null',
    '42',
    '[]',
    '{}',
    '{"kind":5}',
    '{"re":"1","body":0}',
    '{"re":1.5,"body":0}',
    '{"kind":"a","id":"x"}',
    '\u0000',
    '{',
  ])('ends the link: %j', (text) => {
    const line = createLine({});
    line.near.receive(text);
    expect(line.isCut()).toBe(true);
  });

  it('is let be when it answers what nobody asked', () => {
    const line = createLine({});
    line.near.receive('{"re":99,"body":0}');
    expect(line.isCut()).toBe(false);
  });
});

describe('a closed link', () => {
  it('may be closed again', () => {
    let cuts = 0;
    const line = createLine({ onCut: () => cuts++ });
    line.near.close();
    line.near.close();
    line.near.closed();
    expect(cuts).toBe(1);
  });

  // A finding: what still comes in on a closed link is served.
  it('serves nobody', async () => {
    const heard: unknown[] = [];
    const line = createLine({ near: { hello: (body) => heard.push(body) } });
    line.near.close();
    line.near.receive('{"kind":"hello","id":1,"body":1}');
    await turnOfEvents();
    expect(heard).toEqual([]);
  });
});
