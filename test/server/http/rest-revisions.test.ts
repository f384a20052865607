import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { flowSchema, problemSchema } from '../../../server/http/shapes.ts';
import { createConsoleHouse, flowDraft as consoleDraft } from '../../kit/console-house.ts';
import { signIn } from '../../kit/console-client.ts';
import { createRestHouse, type RestAnswer } from '../../kit/rest-house.ts';
import { flowDraft, outputDraft } from '../../kit/samples.ts';

const flowIn = ({ text }: RestAnswer) => flowSchema.parse(JSON.parse(text));
const etagOf = ({ headers }: RestAnswer): string => headers.get('etag') ?? '';

async function withOutput() {
  const house = createRestHouse();
  const { id } = flowIn(await house.call('POST', '/flows', flowDraft()));
  const path = `/flows/${id}`;
  const added = await house.call('POST', `${path}/outputs`, outputDraft());
  const output = z.object({ id: z.string() }).parse(JSON.parse(added.text));
  return { house, path, outputPath: `${path}/outputs/${output.id}` };
}

describe('the revision of a flow', () => {
  it('is its strong ETag, and another one after each change', async () => {
    const { house, path } = await withOutput();
    const before = await house.call('GET', path);
    const after = await house.call('PATCH', path, { name: 'Sport' });
    expect([etagOf(before), etagOf(after), flowIn(after).revision]).toEqual(['"2"', '"3"', 3]);
  });

  it('stays as it is where an order changes nothing', async () => {
    const { house, path } = await withOutput();
    const started = await house.call('POST', `${path}/start`);
    expect(etagOf(await house.call('POST', `${path}/start`))).toBe(etagOf(started));
  });
});

describe('If-Match', () => {
  const changes = [
    ['PATCH', '', { name: 'x' }],
    ['PATCH', '/input', { name: 'x' }],
    ['POST', '/outputs', outputDraft({ destinations: { primary: { host: 'x.example', port: 1 } } })],
    ['PATCH', 'output', { name: 'x' }],
    ['POST', '/start', undefined],
    ['POST', '/stop', undefined],
    ['DELETE', 'output', undefined],
    ['DELETE', '', undefined],
  ] as const;

  it.each(changes)('lets %s %s of the revision that was read', async (method, rest, body) => {
    const { house, path, outputPath } = await withOutput();
    const at = rest === 'output' ? outputPath : path + rest;
    const answer = await house.call(method, at, body, { 'if-match': etagOf(await house.call('GET', path)) });
    expect(answer.status).toBeLessThan(300);
  });

  it.each(changes)(
    'refuses %s %s of an older one with 412 and the one of now, and does nothing',
    async (method, rest, body) => {
      const { house, path, outputPath } = await withOutput();
      const etag = etagOf(await house.call('GET', path));
      await house.call('PATCH', path, { name: 'changed by another' });
      const before = house.store.all();
      const answer = await house.call(method, rest === 'output' ? outputPath : path + rest, body, { 'if-match': etag });
      const problem = problemSchema.parse(JSON.parse(answer.text));
      expect([answer.status, answer.type, problem.code, problem.revision, etagOf(answer)]).toEqual([
        412,
        'application/problem+json',
        'revision-changed',
        3,
        '"3"',
      ]);
      expect(house.store.all()).toEqual(before);
    },
  );

  it.each([
    ['*', 200],
    ['"2"', 200],
    ['"1", "2"', 200],
    ['"1","3"', 412],
    ['W/"2"', 412],
    ['2', 412],
    ['"x"', 412],
    ['', 412],
  ])('of %j answers %i', async (ifMatch, status) => {
    const { house, path } = await withOutput();
    expect((await house.call('PATCH', path, { name: 'x' }, { 'if-match': ifMatch })).status).toBe(status);
  });
});

describe('an edit form of the console', () => {
  async function opened() {
    const house = createConsoleHouse();
    const { id } = await house.flows.create(consoleDraft('News'));
    const client = await signIn(house);
    const fieldsOf = (text: string) =>
      Object.fromEntries(
        [...text.matchAll(/<input type="hidden" name="revision" value="(\d+)"/g)].map(([, it]) => [
          'revision',
          it ?? '',
        ]),
      );
    return { house, id, client, fieldsOf };
  }

  it('does not overwrite what another operator saved, and shows what is kept now', async () => {
    const { house, id, client, fieldsOf } = await opened();
    const read = fieldsOf((await client.get(`/flows/${id}/edit`)).text);
    await house.flows.rename(id, { name: 'Of the other' });
    const refused = await client.post(`/flows/${id}/edit`, { ...read, name: 'Mine' });
    expect(refused.status).toBe(412);
    expect(refused.text).toContain('value="Mine"');
    expect(refused.text).toContain('Kept now: Of the other');
    expect((await house.flows.get(id)).name).toBe('Of the other');
  });

  it('saves over it where the operator, who has seen it now, says so again', async () => {
    const { house, id, client, fieldsOf } = await opened();
    const read = fieldsOf((await client.get(`/flows/${id}/edit`)).text);
    await house.flows.rename(id, { name: 'Of the other' });
    const refused = await client.post(`/flows/${id}/edit`, { ...read, name: 'Mine' });
    const again = await client.post(`/flows/${id}/edit`, { ...fieldsOf(refused.text), name: 'Mine' });
    expect([again.status, (await house.flows.get(id)).name]).toEqual([303, 'Mine']);
  });

  it('marks only the fields of an input that differ', async () => {
    const { house, id, client, fieldsOf } = await opened();
    const read = fieldsOf((await client.get(`/flows/${id}/input/edit`)).text);
    await house.flows.editInput(id, { description: 'Gate 4' });
    const typed = {
      ...read,
      name: 'Camera 1',
      description: '',
      allowlist: '0.0.0.0/0',
      latencyMs: '120',
      encryption: 'off',
      'encryption.keyLength': '256',
      protocol: 'srt',
      failover: 'off',
    };
    const { status, text } = await client.post(`/flows/${id}/input/edit`, typed);
    expect([status, text.match(/Kept now: [^<]*/g)]).toEqual([412, ['Kept now: Gate 4']]);
  });

  it('does not delete a flow that was changed since the question was asked', async () => {
    const { house, id, client, fieldsOf } = await opened();
    const asked = fieldsOf((await client.get(`/flows/${id}/delete`)).text);
    await house.flows.rename(id, { name: 'Still needed' });
    const { status, text } = await client.post(`/flows/${id}/delete`, asked);
    expect([status, text.includes('Delete “Still needed”?'), (await house.flows.list()).length]).toEqual([
      412,
      true,
      1,
    ]);
  });
});
