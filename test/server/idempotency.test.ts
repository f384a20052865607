import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createIdempotency, type KeptAnswer } from '../../server/idempotency.ts';
import { openVault } from '../../server/vault.ts';
import { temporaryDatabase, temporaryFolder } from '../kit/temporary.ts';
import { createRestHouse } from '../kit/rest-house.ts';
import { flowDraft, outputDraft } from '../kit/samples.ts';

const call = { caller: 'key-1', key: 'retry-1', request: 'POST /flows\n{"name":"News"}' };
const created: KeptAnswer = { status: 201, headers: { etag: '"1"' }, body: '{"streamKey":"canary-of-the-answer"}' };

async function opened() {
  const folder = temporaryFolder();
  const database = await temporaryDatabase(folder);
  const vault = openVault(folder);
  const clock = { now: 1_700_000_000_000 };
  const complaints: string[] = [];
  const open = () =>
    createIdempotency(database, vault, { now: () => clock.now, complain: (what) => complaints.push(what) });
  return { database, clock, open, complaints, ...acting() };
}

function acting(answer: KeptAnswer = created) {
  const acts: number[] = [];
  return { acts, act: async () => (acts.push(1), answer) };
}

describe('the same create with the same key', () => {
  it('gets the first answer again, and makes nothing, after a restart too', async () => {
    const { open, acts, act } = await opened();
    expect(await open().once(call, act)).toEqual({ answer: created, isAgain: false });
    expect(await open().once(call, act)).toEqual({ answer: created, isAgain: true });
    expect(acts).toHaveLength(1);
  });

  it('waits for the first one where both come at once', async () => {
    const { open, acts, act } = await opened();
    const idempotency = open();
    const given = await Promise.all([1, 2, 3].map(() => idempotency.once(call, act)));
    expect([given.map(({ isAgain }) => isAgain), acts.length]).toEqual([[false, true, true], 1]);
  });

  it('acts again after 24 hours', async () => {
    const { open, clock, acts, act } = await opened();
    await open().once(call, act);
    clock.now += 86_400_000;
    expect([(await open().once(call, act)).isAgain, acts.length]).toEqual([false, 2]);
  });

  it('acts again where the first was refused', async () => {
    const { open, acts, act } = await opened();
    const refusing = acting({ ...created, status: 422 });
    await open().once(call, refusing.act);
    expect([(await open().once(call, act)).isAgain, acts.length]).toEqual([false, 1]);
  });

  it('is refused where the server died in the first, since nobody knows what came of it', async () => {
    const { open, act } = await opened();
    void open().once(call, () => new Promise(() => undefined));
    await expect(
      (async () => {
        for (let i = 0; i < 50; i++) await open().once({ ...call, key: `other-${i}` }, act);
        return open().once(call, act);
      })(),
    ).rejects.toMatchObject({ code: 'idempotency-answer-unknown' });
  });
});

it('another request with the same key is refused', async () => {
  const { open, act } = await opened();
  await open().once(call, act);
  await expect(open().once({ ...call, request: 'another' }, act)).rejects.toMatchObject({
    code: 'idempotency-key-reused',
  });
});

it('the same key of another caller has nothing to do with it', async () => {
  const { open, act } = await opened();
  await open().once(call, act);
  expect((await open().once({ ...call, caller: 'key-2', request: 'another' }, act)).isAgain).toBe(false);
});

it('kept answers do not stand in the file in clear', async () => {
  const { database, open, act } = await opened();
  await open().once(call, act);
  const bytes = ['', '-wal'].map((end) => readFileSync(database.file + end, 'latin1')).join('');
  expect(bytes.includes('canary-of-the-answer')).toBe(false);
});

it('only so many answers are kept, and the oldest go first', async () => {
  const { database, open, act, clock } = await opened();
  const { pruneAnswers, readAnswer, keepAnswer } = await import('../../db/answers.ts');
  for (let i = 0; i < 5; i++) await keepAnswer(database.db, { id: `a${i}`, sealed: '', createdAt: clock.now + i });
  await pruneAnswers(database.db, 0, 4);
  const left = await Promise.all(
    [0, 1, 2, 3, 4].map(async (i) => (await readAnswer(database.db, `a${i}`)) !== undefined),
  );
  expect(left).toEqual([false, false, true, true, true]);
  await open().once(call, act);
});

describe('over the JSON API', () => {
  const key = { 'idempotency-key': 'k1' };

  it('a flow is created once, and the answer is the same to the letter', async () => {
    const house = createRestHouse();
    const first = await house.call('POST', '/flows', flowDraft(), key);
    const second = await house.call('POST', '/flows', flowDraft(), key);
    expect([second.status, second.text, second.headers.get('location'), second.headers.get('etag')]).toEqual([
      201,
      first.text,
      first.headers.get('location'),
      '"1"',
    ]);
    expect([house.store.all().length, second.headers.get('idempotency-replayed')]).toEqual([1, 'true']);
  });

  it('an output is created once', async () => {
    const house = createRestHouse();
    await house.call('POST', '/flows', flowDraft());
    const path = `/flows/${house.store.all()[0]?.id}/outputs`;
    for (let i = 0; i < 3; i++) expect((await house.call('POST', path, outputDraft(), key)).status).toBe(201);
    expect(house.store.all()[0]?.outputs).toHaveLength(1);
  });

  it('another body under the same key is refused with 422', async () => {
    const house = createRestHouse();
    await house.call('POST', '/flows', flowDraft(), key);
    const { status, text } = await house.call('POST', '/flows', flowDraft({ name: 'Sport' }), key);
    expect([status, JSON.parse(text)]).toMatchObject([422, { code: 'idempotency-key-reused' }]);
  });

  it('a key that is none is refused with 422', async () => {
    expect((await createRestHouse().call('POST', '/flows', flowDraft(), { 'idempotency-key': 'a b' })).status).toBe(
      422,
    );
  });
});
