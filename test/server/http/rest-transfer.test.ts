import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { flowSchema, problemSchema } from '../../../server/http/shapes.ts';
import { createConsoleHouse, flowDraft as consoleDraft, TOKEN } from '../../kit/console-house.ts';
import { signIn } from '../../kit/console-client.ts';
import { createConsole } from '../../../server/http/console.tsx';
import { emptyHealth } from '../../kit/empty-health.ts';
import { memoryLog } from '../../kit/memory-log.ts';
import { createRestHouse, type RestAnswer } from '../../kit/rest-house.ts';
import { flow, output } from '../../kit/samples.ts';

const resultsSchema = z.object({
  results: z.array(z.object({ id: z.string(), flow: flowSchema.optional(), problem: problemSchema.optional() })),
});
const resultsIn = ({ text }: RestAnswer) =>
  resultsSchema
    .parse(JSON.parse(text))
    .results.map(({ id, flow: shown, problem }) => [id, shown?.state ?? problem?.code ?? 'gone']);

async function houseOfThree() {
  const house = createRestHouse();
  await house.store.save(flow({ id: 'a', name: 'A', outputs: [output()] }));
  await house.store.save(flow({ id: 'b', name: 'B' }));
  await house.store.save(flow({ id: 'c', name: 'C', outputs: [output()], running: true }));
  return house;
}

describe('a batch', () => {
  const all = ['a', 'b', 'c', 'none'].map((id) => ({ id }));

  it.each([
    ['start', ['running', 'no-output', 'running', 'flow-not-found']],
    ['stop', ['idle', 'idle', 'idle', 'flow-not-found']],
    ['delete', ['gone', 'gone', 'flow-not-idle', 'flow-not-found']],
  ])('to %s has a result for each flow', async (action, results) => {
    const house = await houseOfThree();
    const answer = await house.call('POST', '/batch', { action, flows: all });
    expect([answer.status, resultsIn(answer).map(([, result]) => result)]).toEqual([200, results]);
  });

  it('touches only a flow of the revision that is named', async () => {
    const house = await houseOfThree();
    const flows = [
      { id: 'a', revision: 1 },
      { id: 'b', revision: 7 },
    ];
    expect(resultsIn(await house.call('POST', '/batch', { action: 'delete', flows }))).toEqual([
      ['a', 'gone'],
      ['b', 'revision-changed'],
    ]);
  });
});

describe('a file over the JSON API', () => {
  it('goes out of one server and into another', async () => {
    const from = await houseOfThree();
    const exported = await from.call('POST', '/export', { flowIds: ['a', 'b'], passphrase: 'a passphrase of a file' });
    const to = createRestHouse();
    const file: unknown = JSON.parse(exported.text);
    const answer = await to.call('POST', '/import', { file, passphrase: 'a passphrase of a file' });
    expect([exported.status, answer.status, to.store.all().map(({ name }) => name)]).toEqual([200, 200, ['A', 'B']]);
  });

  it('of a flow that is not there is refused with 404', async () => {
    expect((await createRestHouse().call('POST', '/export', { flowIds: ['none'] })).status).toBe(404);
  });

  it('is imported once under one Idempotency-Key', async () => {
    const house = await houseOfThree();
    const file: unknown = JSON.parse((await house.call('POST', '/export', { flowIds: ['b'] })).text);
    for (let i = 0; i < 2; i++)
      await house.call('POST', '/import', { file, names: 'rename' }, { 'idempotency-key': 'once' });
    expect(house.store.all().map(({ name }) => name)).toEqual(['A', 'B', 'C', 'B (2)']);
  });
});

it('a duplicate over the JSON API is made with 201', async () => {
  const house = await houseOfThree();
  const answer = await house.call('POST', '/flows/c/duplicate', {});
  const made = flowSchema.parse(JSON.parse(answer.text));
  expect([answer.status, made.name, made.state, answer.headers.get('location')]).toEqual([
    201,
    'C (2)',
    'idle',
    `/api/v1/flows/${made.id}`,
  ]);
});

describe('in the console', () => {
  async function opened() {
    const house = createConsoleHouse();
    const { id } = await house.flows.create(consoleDraft('News'));
    return { house, id, client: await signIn(house) };
  }

  /** Sends a form with a file, as a browser without a script does. */
  async function upload(
    house: ReturnType<typeof createConsoleHouse>,
    file: string,
    fields: Record<string, string> = {},
  ) {
    const app = createConsole({
      ...house,
      health: emptyHealth,
      log: memoryLog(),
      secureCookies: false,
      addressOf: () => 'one',
      version: '1',
    });
    const form = new FormData();
    form.set('file', new File([file], 'flows.json', { type: 'application/json' }));
    for (const [name, value] of Object.entries({ names: 'refuse', passphrase: '', ...fields })) form.set(name, value);
    const headers = {
      Cookie: `sid=${TOKEN}`,
      Host: 'console.example',
      Origin: 'https://console.example',
      'Sec-Fetch-Site': 'same-origin',
    };
    const answer = await app.request('/flows/import', { method: 'POST', body: form, headers });
    return { status: answer.status, text: await answer.text() };
  }

  it('a flow is duplicated, and its page is shown', async () => {
    const { house, id, client } = await opened();
    const { status, location } = await client.post(`/flows/${id}/duplicate`);
    const copy = (await house.flows.list())[1];
    expect([status, location, copy?.name]).toEqual([303, `/flows/${copy?.id}`, 'News (2)']);
  });

  it('a flow, or all, can be taken as a file, which can be brought back', async () => {
    const { house, id, client } = await opened();
    for (const path of [`/flows/${id}/export`, '/flows/export']) {
      expect((await client.get(path)).text).toContain('Download the file');
      const { status, text } = await client.post(path, { passphrase: '' });
      expect([status, JSON.parse(text)]).toMatchObject([
        200,
        { format: 'streamlink-flows', flows: [{ name: 'News' }] },
      ]);
    }
    const { text } = await client.post('/flows/export');
    const tried = await upload(house, text, { names: 'rename', dryRun: 'on' });
    expect([tried.status, tried.text.includes('News (2)'), (await house.flows.list()).length]).toEqual([200, true, 1]);
    const made = await upload(house, text, { names: 'rename' });
    expect([made.status, (await house.flows.list()).map(({ name }) => name)]).toEqual([200, ['News', 'News (2)']]);
  });

  it.each([
    ['not JSON', 'no file of exported flows'],
    ['{"format":"streamlink-flows"}', 'file.version'],
  ])('what is no file is refused with the reason: %s', async (file, words) => {
    const { house } = await opened();
    const { status, text } = await upload(house, file);
    expect([status, text.includes(words)]).toEqual([422, true]);
  });

  it('a passphrase that is too short is refused with the reason', async () => {
    const { client } = await opened();
    const { status, text } = await client.post('/flows/export', { passphrase: 'short' });
    expect([status, text.includes('12 characters or more')]).toEqual([422, true]);
  });
});
