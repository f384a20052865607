import { beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleClient, signIn } from '../../kit/console-client.ts';
import { type ConsoleHouse, createConsoleHouse, endpoint, flowDraft, outputDraft } from '../../kit/console-house.ts';

const PARTIAL = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' };

let house: ConsoleHouse;
let client: ConsoleClient;

beforeEach(async () => {
  house = createConsoleHouse();
  client = await signIn(house);
});

async function made(name: string, { outputs = 1, running = false } = {}): Promise<string> {
  const { id } = await house.flows.create(flowDraft(name));
  for (let n = 0; n < outputs; n++) await house.flows.addOutput(id, outputDraft(`Studio ${n + 1}`, 7001 + n));
  if (running) await house.flows.start(id);
  return id;
}

const rowsOf = (text: string): readonly string[] =>
  [...text.matchAll(/<h2><a[^>]*>([^<]*)<\/a>/g)].map(([, name = '']) => name);

describe('the flow list', () => {
  it('shows what its URL asks for, and the form that asks as it was filled in', async () => {
    await made('Opera');
    await made('News', { running: true });
    const { text } = await client.get('/?q=new&state=running&sort=newest');
    expect(rowsOf(text)).toEqual(['News']);
    expect(text).toMatch(/<input[^>]*name="q" value="new"/);
    expect(text).toMatch(/<input type="radio" name="state" value="running" checked/);
    expect(text).toMatch(/<option value="newest" selected/);
  });

  it('is answered to htmx without the form, and with the URL that asks the same', async () => {
    await made('Opera');
    const { text, headers } = await client.get('/?q=opera&region=&state=&sort=name', PARTIAL);
    expect(text).toMatch(/^<div id="flow-list" data-query="\/\?q=opera">/);
    expect(headers.get('HX-Replace-Url')).toBe('/?q=opera');
  });

  it('says that nothing matches, and leads back to all', async () => {
    await made('Opera');
    const { text } = await client.get('/?q=nothing');
    expect(text).toContain('No flow matches');
    expect(text).toMatch(/<a class="button" id="show-all" href="\/"/);
  });

  it('has a hundred flows on a page, with ways to the next that keep the question', async () => {
    for (let n = 1; n <= 101; n++) await made(`Flow ${n}`, { outputs: 0 });
    const { text } = await client.get('/?q=flow');
    expect(rowsOf(text)).toHaveLength(100);
    expect(text).toContain('1–100 of 101');
    expect(text).toContain('href="/?q=flow&amp;page=2"');
    expect(rowsOf((await client.get('/?q=flow&page=2')).text)).toEqual(['Flow 101']);
  });

  it('says the state of each end in a word, whatever its colour', async () => {
    const id = await made('News', { running: true });
    house.report(id, {
      endpoints: [
        endpoint(id),
        endpoint(id, { pipeline: 'backup', state: 'waiting', condition: 'listening', packets: 0 }),
      ],
    });
    const { text } = await client.get('/');
    const states = [...text.matchAll(/class="pill (\w+)"><i[^>]*><\/i>([^<]+)</g)].map(
      ([, tone, word]) => `${tone} ${word}`,
    );
    expect(states).toEqual(['unknown Running', 'ok Connected', 'wait Waiting', 'unknown Unknown', 'idle Not set']);
    expect(text).toContain('8.02 Mbps');
  });

  it('shows six outputs of a flow that has many, those in trouble first', async () => {
    const id = await made('Wide', { outputs: 9, running: true });
    const { outputs } = await house.flows.get(id);
    const last = outputs.at(-1)?.id ?? '';
    house.report(id, {
      endpoints: [
        endpoint(id),
        ...outputs.map((output) =>
          endpoint(id, {
            role: 'sink',
            id: output.id,
            ...(output.id === last && { state: 'waiting', condition: 'backing-off' }),
          }),
        ),
      ],
    });
    const { text } = await client.get('/');
    const shown = [...text.matchAll(/class="end"><span class="sr">Output <\/span>(Studio \d)/g)].map(
      ([, name]) => name,
    );
    expect(shown).toEqual(['Studio 9', 'Studio 1', 'Studio 2', 'Studio 3', 'Studio 4', 'Studio 5']);
    expect(text).toContain('and 3 more outputs');
  });

  it('is compressed for whoever takes it so', async () => {
    for (let n = 0; n < 20; n++) await made(`Flow ${n}`);
    const { headers } = await client.get('/', { 'Accept-Encoding': 'gzip' });
    expect(headers.get('Content-Encoding')).toBe('gzip');
    expect((await client.get('/')).headers.get('Content-Encoding')).toBeNull();
  });
});

describe('an order to many flows', () => {
  const asked = (verb: string, ids: readonly string[]) =>
    client.get(`/flows/selected?do=${verb}${ids.map((id) => `&flow=${id}`).join('')}`);

  it('names what would be destroyed, and what is left alone and why', async () => {
    const [opera, news] = [await made('Opera'), await made('News', { running: true })];
    const { text } = await asked('delete', [opera, news]);
    expect(text).toContain('Delete 1 flow?');
    expect(text).toMatch(/Opera<\/a>[^]*the input “Camera 1” with its addresses[^]*the output “Studio 1”[^]*News<\/a>/);
    expect(text).toContain('It is not idle. Stop it first.');
    expect(text).toMatch(new RegExp(`<input type="hidden" name="flow" value="${opera}"`));
    expect(text).not.toMatch(new RegExp(`<input type="hidden" name="flow" value="${news}"`));
    expect(await house.flows.list()).toHaveLength(2);
  });

  it('to stop names the destinations that lose the stream', async () => {
    const id = await made('News', { running: true });
    const [studio] = (await house.flows.get(id)).outputs;
    house.report(id, { endpoints: [endpoint(id), endpoint(id, { role: 'sink', id: studio?.id ?? '' })] });
    expect((await asked('stop', [id])).text).toContain('Studio 1, primary: 203.0.113.7:7001');
  });

  it('of nothing says so', async () => {
    expect((await asked('delete', [])).text).toContain('No flow is selected');
  });

  it('is done to each, and what is refused says why beside its name', async () => {
    const [one, bare, two] = [await made('One'), await made('Bare', { outputs: 0 }), await made('Two')];
    const form = [['do', 'start'], ...[one, bare, two, 'gone'].map((id) => ['flow', id])];
    const { status, text } = await client.postAll('/flows/selected', form);
    expect(status).toBe(200);
    expect(text).toContain('Started 2 of 4 flows');
    expect(text).toMatch(
      /Bare<\/a><span class="pill bad"><i[^>]*><\/i>Refused<\/span><\/p><p class="meta">[^<]*output/,
    );
    expect(text).toContain('There is no flow with this id.');
    expect((await house.flows.list()).map(({ running }) => running)).toEqual([true, false, true]);
  });

  it('that is no order of ours is taken for the one that destroys nothing', async () => {
    const id = await made('One');
    await client.postAll('/flows/selected', [
      ['do', 'explode'],
      ['flow', id],
    ]);
    expect(await house.flows.list()).toHaveLength(1);
  });
});
