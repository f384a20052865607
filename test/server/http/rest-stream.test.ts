import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { LogEvent } from '../../../db/history-model.ts';
import { portOf } from '../../kit/console-house.ts';
import { memoryLog } from '../../kit/memory-log.ts';
import { createRestHouse, KEY, type RestHouse } from '../../kit/rest-house.ts';
import { flow } from '../../kit/samples.ts';
import { until } from '../../kit/until.ts';

const event = (seq: number, flowId = 'flow-1'): LogEvent => ({
  relay: 'asia-1',
  boot: 'b',
  seq,
  at: Date.now() + seq,
  flowId,
  pipeline: 'primary',
  endpointId: 'input',
  role: 'input',
  name: 'Camera 1',
  code: 'connected',
  count: 1,
  facts: { seq },
});

interface Frame {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data?: string | undefined;
}

const STREAM = { accept: 'text/event-stream' };

async function listening(wish: Parameters<typeof createRestHouse>[0] = {}, headers: Record<string, string> = {}) {
  const house = createRestHouse(wish);
  await house.store.save(flow());
  return { house, ...(await listen(house, headers)) };
}

async function listen(house: RestHouse, headers: Record<string, string> = {}) {
  const response = await house.open('/flows/flow-1/events', { ...STREAM, ...headers });
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  /** The next block of the stream; undefined at its end. */
  const block = async (): Promise<string | undefined> => {
    while (!text.includes('\n\n')) {
      const { value, done } = await reader.read();
      if (done) return undefined;
      text += value;
    }
    const end = text.indexOf('\n\n');
    const found = text.slice(0, end);
    text = text.slice(end + 2);
    return found;
  };
  const next = async (): Promise<Frame | undefined> => {
    const found = await block();
    if (found === undefined) return undefined;
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(found)?.[1];
    return { event: field('event'), id: field('id'), data: field('data') };
  };
  await block();
  return { response, next, block, cancel: () => reader.cancel() };
}

const dataSchema = z.object({ facts: z.object({ seq: z.number() }) });
/** A log that knows who hears it. */
function countingLog() {
  const hearers = new Set<object>();
  const log = memoryLog();
  const counting: typeof log = {
    ...log,
    subscribe: (hear) => {
      hearers.add(hear);
      const stop = log.subscribe(hear);
      return () => {
        hearers.delete(hear);
        stop();
      };
    },
  };
  return { log: counting, hearers };
}

const seqOf = (frame: Frame | undefined): number => dataSchema.parse(JSON.parse(frame?.data ?? '{}')).facts.seq;

describe('the events of a flow as a stream', () => {
  it('are of type text/event-stream, one for each line of its log, and none of other flows', async () => {
    const { house, response, next } = await listening();
    await house.log.append([event(1, 'another'), event(2)]);
    const frame = await next();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect([frame?.event, JSON.parse(frame?.data ?? '')]).toMatchObject([
      'log',
      {
        type: 'input-primary',
        code: 'connected',
        message: 'Connected from an unknown address.',
        endpoint: 'input',
        pipeline: 'primary',
        name: 'Camera 1',
        facts: { seq: 2 },
      },
    ]);
  });

  it('have the same shape as in the list and in the pages of the log', async () => {
    const { house, next } = await listening();
    await house.log.append([event(1)]);
    const told: unknown = JSON.parse((await next())?.data ?? '');
    for (const path of ['/flows/flow-1/events', '/flows/flow-1/log'])
      expect(JSON.parse((await house.call('GET', path)).text)).toEqual({ events: [told] });
  });

  it('stay a list for who does not ask for a stream', async () => {
    const { house } = await listening();
    const asked: Record<string, string>[] = [{}, { accept: 'application/json' }, { accept: '*/*' }];
    for (const headers of asked)
      expect((await house.open('/flows/flow-1/events', headers)).headers.get('content-type')).toBe('application/json');
  });

  it('go on from the last one that the reader saw: none is missed and none comes twice', async () => {
    const { house, next, cancel } = await listening();
    await house.log.append([event(1)]);
    const first = await next();
    await cancel();
    const third = event(3);
    await house.log.append([event(2), third]);
    const again = await listen(house, { 'last-event-id': first?.id ?? '' });
    await house.log.append([third, event(4)]);
    expect([seqOf(await again.next()), seqOf(await again.next()), seqOf(await again.next())]).toEqual([2, 3, 4]);
  });

  it('say where the reader was away for more than a day', async () => {
    const old = { ...event(1), at: Date.now() - 3 * 86_400_000 };
    const { house, next, cancel } = await listening();
    await house.log.append([old]);
    const { id = '' } = (await next()) ?? {};
    await cancel();
    expect((await (await listen(house, { 'last-event-id': id })).next())?.event).toBe('gap');
  });

  it('refuse a Last-Event-ID that is none', async () => {
    const { house } = await listening();
    expect((await house.open('/flows/flow-1/events', { ...STREAM, 'last-event-id': 'x' })).status).toBe(422);
  });

  it('have a comment while nothing happens, so that nobody takes the connection for dead', async () => {
    const { block } = await listening({ heartbeatMs: 5 });
    expect(await block()).toBe(': still here');
  });

  it('end with the API key that asked for them', async () => {
    const { house, next } = await listening();
    await house.keys.create('another', 1);
    await house.keys.remove(KEY.id);
    expect(await next()).toBeUndefined();
  });

  it('end with the server', async () => {
    const { house, next } = await listening();
    house.close();
    expect(await next()).toBeUndefined();
  });

  it('end with the flow', async () => {
    const { house, next, block } = await listening({ heartbeatMs: 5 });
    await house.store.remove('flow-1');
    let seen = await block();
    while (seen === ': still here') seen = await block();
    expect([seen, await next()]).toEqual([undefined, undefined]);
  });

  it('end where the reader is a thousand behind, and nothing more is held for it', async () => {
    const { house, next } = await listening();
    for (let i = 0; i < 20; i++) await house.log.append(Array.from({ length: 100 }, (_, at) => event(i * 100 + at)));
    let frames = 0;
    while (await next()) frames++;
    expect(frames).toBeLessThan(1000);
  });

  it('are heard by nobody once the reader has gone', async () => {
    const { log, hearers } = countingLog();
    const { cancel } = await listening({ log });
    expect(hearers.size).toBe(1);
    await cancel();
    expect(hearers.size).toBe(0);
  });

  it('open nothing for a HEAD, whose answer nobody reads', async () => {
    const { log, hearers } = countingLog();
    const house = createRestHouse({ log });
    await house.store.save(flow());
    const { status } = await house.call('HEAD', '/flows/flow-1/events', undefined, STREAM);
    expect([status, hearers.size]).toEqual([200, 0]);
  });

  it('come over a connection as they happen, and end when it is cut', async () => {
    const { log, hearers } = countingLog();
    const house = createRestHouse({ log });
    await house.store.save(flow());
    const server = serve({ fetch: (request) => house.fetch(request), hostname: '127.0.0.1', port: 0 });
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const cut = new AbortController();
    const headers = { ...STREAM, authorization: `Basic ${btoa(`${KEY.id}:${KEY.secret}`)}` };
    const response = await fetch(`http://127.0.0.1:${portOf(server)}/flows/flow-1/events`, {
      headers,
      signal: cut.signal,
    });
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    await log.append([event(1)]);
    while (!seen.includes('event: log')) seen += (await reader.read()).value ?? '';
    expect(hearers.size).toBe(1);
    cut.abort();
    await until('nobody hears the log', () => hearers.size === 0);
  });
});
