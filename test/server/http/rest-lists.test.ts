import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { flowSchema, problemSchema } from '../../../server/http/shapes.ts';
import { pageOf } from '../../../server/paging.ts';
import { createRestHouse, KEY, type RestAnswer, type RestHouse } from '../../kit/rest-house.ts';
import { flow, output } from '../../kit/samples.ts';

const pageSchema = z.object({ flows: z.array(flowSchema), next: z.string().optional() });
const pageIn = ({ text }: RestAnswer) => pageSchema.parse(JSON.parse(text));
const codeIn = ({ status, type, text }: RestAnswer) => [status, type, problemSchema.parse(JSON.parse(text)).code];
const PROBLEM = 'application/problem+json';

async function houseOf(...names: string[]): Promise<RestHouse> {
  const house = createRestHouse();
  for (const [index, name] of names.entries())
    await house.store.save(
      flow({ id: `flow-${index}`, name, createdAt: index, regionId: index % 2 ? 'europe' : 'asia' }),
    );
  return house;
}

describe('a list of flows', () => {
  it('is given page by page', async () => {
    const house = await houseOf('a', 'b', 'c');
    const first = pageIn(await house.call('GET', '/flows?limit=2'));
    const second = pageIn(await house.call('GET', `/flows?limit=2&cursor=${first.next}`));
    expect([first, second].map(({ flows }) => flows.map(({ name }) => name))).toEqual([['a', 'b'], ['c']]);
    expect(second.next).toBeUndefined();
  });

  it('has every flow once that is there throughout, whatever comes and goes between its pages', () => {
    const steps = fc.array(fc.record({ remove: fc.nat(30), add: fc.boolean() }), { maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (changes, limit) => {
        let all = Array.from({ length: 20 }, (_, index) => flow({ id: `f${index}`, createdAt: index }));
        const stayed = new Set(all.map(({ id }) => id));
        const seen: string[] = [];
        let cursor: string | undefined;
        let at = 0;
        do {
          const page = pageOf(all, { limit, cursor }, () => true);
          seen.push(...page.flows.map(({ id }) => id));
          cursor = page.next;
          const change = changes[at++];
          const gone = change && all[change.remove];
          if (gone) stayed.delete(gone.id);
          all = all.filter((it) => it !== gone);
          if (change?.add) all = [...all, flow({ id: `new${at}`, createdAt: 100 + at })];
        } while (cursor !== undefined && at < 100);
        expect(new Set(seen).size).toBe(seen.length);
        expect([...stayed].filter((id) => !seen.includes(id))).toEqual([]);
      }),
    );
  });

  it.each([
    ['region=europe', ['Sport']],
    ['text=SPO', ['Sport']],
    ['text=studio', ['News']],
    ['state=running', ['Music']],
    ['state=idle&region=asia', ['News']],
    ['region=nowhere', []],
  ])('is narrowed by %s', async (query, names) => {
    const house = await houseOf('News', 'Sport', 'Music');
    const [news, , music] = house.store.all();
    if (news) await house.store.save({ ...news, outputs: [output({ description: 'The studio' })] });
    if (music) await house.store.save({ ...music, running: true });
    expect(pageIn(await house.call('GET', `/flows?${query}`)).flows.map(({ name }) => name)).toEqual(names);
  });

  it.each(['limit=0', 'limit=501', 'limit=x', 'state=on', 'regoin=asia', 'cursor=none'])(
    'refuses %s with 422',
    async (query) => {
      const answer = await (await houseOf('a')).call('GET', `/flows?${query}`);
      expect([answer.status, answer.type]).toEqual([422, PROBLEM]);
    },
  );
});

describe('a method that a route does not take', () => {
  it.each([
    ['PUT', '/flows/x', 'GET, HEAD, PATCH, DELETE'],
    ['DELETE', '/flows', 'GET, HEAD, POST'],
    ['GET', '/flows/x/start', 'POST'],
  ])('is refused with 405 and those that it takes: %s %s', async (method, path, allow) => {
    const answer = await createRestHouse().call(method, path);
    expect([...codeIn(answer), answer.headers.get('allow')?.split(', ').sort()]).toEqual([
      405,
      PROBLEM,
      'no-such-method',
      allow.split(', ').sort(),
    ]);
  });
});

describe('API keys', () => {
  const keysSchema = z.object({
    apiKeys: z.array(
      z.object({ id: z.string(), name: z.string(), createdAt: z.number(), current: z.boolean() }).strict(),
    ),
  });

  it('are listed with who uses them, and which one asks, but not with their secrets', async () => {
    const { text } = await createRestHouse().call('GET', '/api-keys');
    expect(keysSchema.parse(JSON.parse(text)).apiKeys).toEqual([
      { id: KEY.id, name: 'First start', createdAt: 1, current: true },
    ]);
    expect(text).not.toContain(KEY.secret);
  });

  it('are created with a secret that is shown once, and open the API until they are removed', async () => {
    const house = createRestHouse();
    const created = await house.call('POST', '/api-keys', { name: 'Playout' });
    const made = z.object({ id: z.string(), secret: z.string() }).parse(JSON.parse(created.text));
    const asked = async () =>
      (await house.send('/flows', { headers: { authorization: `Basic ${btoa(`${made.id}:${made.secret}`)}` } })).status;
    const before = await asked();
    const removed = await house.call('DELETE', `/api-keys/${made.id}`);
    expect([created.status, before, removed.status, await asked()]).toEqual([201, 200, 204, 401]);
    expect((await house.call('GET', '/api-keys')).text).not.toContain(made.secret);
  });

  it('are never all removed', async () => {
    expect(codeIn(await createRestHouse().call('DELETE', `/api-keys/${KEY.id}`))).toEqual([
      409,
      PROBLEM,
      'last-api-key',
    ]);
  });
});

it('shows what relays do', async () => {
  const house = createRestHouse();
  house.relays.push({
    id: 'asia-1',
    state: 'reporting',
    isNeeded: true,
    isHeard: true,
    load: { flows: 1, endpoints: 2, bitrateIn: 8e6, bitrateOut: 16e6 },
  });
  expect(JSON.parse((await house.call('GET', '/relays')).text)).toEqual({
    relays: [
      {
        id: 'asia-1',
        state: 'reporting',
        needed: true,
        heard: true,
        load: { flows: 1, endpoints: 2, bitrateIn: 8e6, bitrateOut: 16e6 },
      },
    ],
  });
});
