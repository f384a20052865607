import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { LogEvent } from '../../../db/history-model.ts';
import type { LogDesk } from '../../../server/log-desk.ts';
import { logEvent } from '../../kit/history.ts';
import { keptLog, manyEvents } from '../../kit/kept-log.ts';
import { createRestHouse, type RestAnswer } from '../../kit/rest-house.ts';

const DAY = 86_400_000;
const draft = { name: 'News', regionId: 'europe', maxBitrate: 10_000_000, input: { name: 'Camera', protocol: 'srt' } };
const pageSchema = z.object({ events: z.array(z.looseObject({ at: z.number() })), next: z.string().optional() });

/** The API over a log that is really kept. */
async function open(eventsOf: (flowId: string) => readonly LogEvent[] = () => []) {
  const log: LogDesk = await keptLog();
  const house = createRestHouse({ log });
  const { id } = z.object({ id: z.string() }).parse(JSON.parse((await house.call('POST', '/flows', draft)).text));
  const events = eventsOf(id);
  if (events.length > 0) await log.append(events);
  const get = (query = '', path = 'log'): Promise<RestAnswer> => house.call('GET', `/flows/${id}/${path}${query}`);
  const page = async (query = '') => pageSchema.parse(JSON.parse((await get(query)).text));
  return { id, house, get, page };
}

const sample = (flowId: string): readonly LogEvent[] => [
  logEvent({ flowId, seq: 1, at: Date.now() - 3000, peer: { address: '203.0.113.7', port: 4000 }, facts: { n: 1 } }),
  logEvent({ flowId, seq: 2, at: Date.now() - 2000, role: 'output', pipeline: 'backup', endpointId: 'o1', count: 37 }),
  logEvent({ flowId, seq: 3, at: Date.now() - 1000, role: 'flow', pipeline: undefined, name: 'News', code: 'started' }),
  logEvent({ flowId, seq: 4, at: Date.now() - 2 * 3_600_000, code: 'long-ago' }),
  logEvent({ flowId: 'another', seq: 5, at: Date.now() }),
];

describe('GET /flows/{flowId}/log', () => {
  it('tells the last hour, newest first, each event in words and in facts', async () => {
    const { page } = await open(sample);
    const { events, next } = await page();
    expect(next).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['flow', 'output-backup', 'input-primary']);
    const [started, , connected] = events;
    expect(started).not.toHaveProperty('pipeline');
    expect(connected).toMatchObject({
      time: new Date(connected?.at ?? 0).toISOString(),
      at: connected?.at,
      type: 'input-primary',
      role: 'input',
      pipeline: 'primary',
      endpoint: 'input',
      name: 'Camera',
      code: 'connected',
      peer: { address: '203.0.113.7', port: 4000 },
      count: 1,
      facts: { n: 1 },
    });
    expect(connected?.['message']).toMatch(/^Connected.*\.$/);
  });

  it('filters by time, types and text, in either order', async () => {
    const { page } = await open(sample);
    const codes = async (query: string) => (await page(query)).events.map(({ code }) => code);
    expect(await codes(`?from=${Date.now() - 3 * 3_600_000}&to=${Date.now() - 3_600_000}`)).toEqual(['long-ago']);
    expect(await codes('?types=flow,output-backup&order=oldest-first')).toEqual(['connected', 'started']);
    expect(await codes('?text=203.0.113.7:4')).toEqual(['connected']);
  });

  it('goes from page to page by its cursor, each event once', async () => {
    const { page } = await open((flowId) => manyEvents(flowId, 25, Date.now() - 1000));
    const range = `?from=${Date.now() - 60_000}&to=${Date.now()}&limit=10`;
    const seen: number[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const found = await page(`${range}${next && `&cursor=${next}`}`);
      seen.push(...found.events.map(({ at }) => at));
      next = found.next;
    }
    expect([seen.length, new Set(seen).size]).toEqual([25, 25]);
  });

  it.each([
    [`?from=${Date.now() - DAY}&to=${Date.now()}`, 'range-too-long', 'to', 'A range is shorter than 24 hours.'],
    [`?from=${Date.now() - 8 * DAY}&to=${Date.now() - 7.5 * DAY}`, 'range-too-old', 'from', 'Begin it later.'],
    [`?from=2000&to=1000`, 'range-reversed', 'to', 'Exchange its two times.'],
    ['?types=input-primary,nobody', 'invalid-fields', 'types.1', ''],
    ['?from=yesterday', 'invalid-fields', 'from', ''],
    ['?limit=501', 'invalid-fields', 'limit', ''],
    ['?order=random', 'invalid-fields', 'order', ''],
  ])('refuses %s at its field', async (query, code, field, words) => {
    const { get } = await open();
    const { status, type, text } = await get(query);
    expect([status, type]).toEqual([422, 'application/problem+json']);
    expect(JSON.parse(text)).toMatchObject({ code, faults: [{ field }] });
    expect(text).toContain(words);
  });

  it('refuses a cursor of nobody’s making', async () => {
    const { get } = await open();
    const { status, text } = await get('?cursor=1%20OR%201');
    expect([status, JSON.parse(text)]).toMatchObject([422, { code: 'cursor-invalid' }]);
  });

  it('is not found of a flow that is not there', async () => {
    const { house } = await open();
    expect((await house.call('GET', '/flows/none/log')).status).toBe(404);
    expect((await house.call('GET', '/flows/none/log.csv')).status).toBe(404);
    expect((await house.send('/flows/none/log', {})).status).toBe(401);
  });
});

describe('GET /flows/{flowId}/log.csv', () => {
  it('has what the pages have, all of it', async () => {
    const { get, page } = await open((flowId) => manyEvents(flowId, 520, Date.now() - 1000));
    const range = `?from=${Date.now() - 3_600_000}&to=${Date.now()}&types=input-primary&order=oldest-first`;
    const { text, headers } = await get(range, 'log.csv');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, ...lines] = text.trimEnd().split('\r\n');
    expect(head).toMatch(/^time,type,/);
    expect(lines).toHaveLength(520);
    const { events } = await page(`${range}&limit=500`);
    expect(lines.slice(0, 500).map((line) => line.split(',')[0])).toEqual(events.map(({ time }) => time));
  });

  it('is refused as a problem', async () => {
    const { get } = await open();
    const { status, type, text } = await get(`?from=${Date.now() - DAY}`, 'log.csv');
    expect([status, type]).toEqual([422, 'application/problem+json']);
    expect(JSON.parse(text)).toMatchObject({ code: 'range-too-long' });
  });
});
