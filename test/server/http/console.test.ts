import { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { createConsole } from '../../../server/http/console.tsx';
import {
  type ConsoleHouse,
  createConsoleHouse,
  endpoint,
  flowDraft,
  outputDraft,
  PASSWORD,
  TOKEN,
} from '../../kit/console-house.ts';
import { emptyHealth } from '../../kit/empty-health.ts';
import { memoryLog } from '../../kit/memory-log.ts';

const OWN = { Host: 'console.example', Origin: 'https://console.example', 'Sec-Fetch-Site': 'same-origin' };
const PARTIAL = { 'HX-Request': 'true', 'HX-Request-Type': 'partial' };
const SECRET = 'correct horse battery';

let house: ConsoleHouse;
let app: Hono;

const consoleOf = (secureCookies: boolean) =>
  createConsole({
    health: emptyHealth,
    log: memoryLog(),
    ...house,
    secureCookies,
    addressOf: (c) => c.req.header('X-Test-Address') ?? 'one',
    version: '1',
  });

beforeEach(async () => {
  house = createConsoleHouse();
  app = consoleOf(false);
  await house.sessions.login(PASSWORD, 'setup');
});

const get = (path: string, headers: Record<string, string> = {}) =>
  app.request(path, { headers: { Cookie: `sid=${TOKEN}`, ...headers } });

const post = (path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  app.request(path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { Cookie: `sid=${TOKEN}`, ...OWN, ...headers },
  });

const createFields = {
  name: 'Evening news',
  regionId: 'west-us',
  maxBitrate: '20000000',
  'input.name': 'OB van',
  'input.protocol': 'srt',
  'input.latencyMs': '120',
  'input.encryption.keyLength': '256',
  'input.encryption.passphrase': '',
  'input.allowlist': '203.0.113.0/24\r\n\r\n198.51.100.0/24',
  'input.description': '',
};

const outputFields = {
  name: 'Studio',
  regionId: 'europe',
  protocol: 'srt',
  'destinations.primary.host': '203.0.113.7',
  'destinations.primary.port': '7001',
  'destinations.backup.host': '',
  'destinations.backup.port': '',
  latencyMs: '200',
  'encryption.keyLength': '256',
  'encryption.passphrase': '',
  description: '',
};

const makeFlow = async (outputs = 1) => {
  const { id } = await house.flows.create(flowDraft('Evening news'));
  for (let n = 0; n < outputs; n++) await house.flows.addOutput(id, outputDraft(`Studio ${n + 1}`, 7001 + n));
  return house.flows.get(id);
};

describe('a caller without a session', () => {
  it('is sent to the door, and afterwards back to the page', async () => {
    const answer = await app.request('/flows/f1/input?x=1');
    expect(answer.status).toBe(303);
    expect(answer.headers.get('Location')).toBe('/login?next=%2Fflows%2Ff1%2Finput%3Fx%3D1');
  });

  it('is sent there by header when htmx asks', async () => {
    const answer = await app.request('/flows/f1/input', {
      headers: { ...PARTIAL, 'HX-Current-URL': 'https://console.example/flows/f1' },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('HX-Redirect')).toBe('/login?next=%2Fflows%2Ff1');
  });

  it('changes nothing', async () => {
    house.endSessions();
    const answer = await post('/flows', createFields);
    expect(answer.headers.get('Location')).toBe('/login?next=%2F');
    expect(await house.flows.list()).toEqual([]);
  });
});

describe('logging in', () => {
  const logIn = (password: string, next = '/', address = 'two') =>
    post('/login', { password, next }, { Cookie: '', 'X-Test-Address': address });

  it('opens a session in a cookie that scripts cannot read', async () => {
    const answer = await logIn(PASSWORD, '/flows/f1');
    expect(answer.status).toBe(303);
    expect(answer.headers.get('Location')).toBe('/flows/f1');
    expect(answer.headers.get('Set-Cookie')).toBe(`sid=${TOKEN}; Path=/; HttpOnly; SameSite=Lax`);
  });

  it('ties the cookie to this host when the console is reached by https', async () => {
    app = consoleOf(true);
    const answer = await logIn(PASSWORD);
    expect(answer.headers.get('Set-Cookie')).toBe(`__Host-sid=${TOKEN}; Path=/; HttpOnly; Secure; SameSite=Lax`);
  });

  it('with a wrong password says so', async () => {
    const answer = await logIn('guess');
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('Wrong password.');
  });

  it('tells a locked caller how long to wait', async () => {
    for (let n = 0; n < 3; n++) await logIn('guess', '/', 'three');
    const answer = await logIn(PASSWORD, '/', 'three');
    expect(answer.status).toBe(429);
    expect(answer.headers.get('Retry-After')).toBe('30');
    expect(await answer.text()).toContain('Try again in 30 s.');
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/\t/evil.example'])(
    'never leads away to %j',
    async (next) => expect((await logIn(PASSWORD, next)).headers.get('Location')).toBe('/'),
  );
});

describe('logging out', () => {
  it('ends the session and takes the cookie back', async () => {
    const answer = await post('/logout');
    expect(answer.headers.get('Location')).toBe('/login');
    expect(answer.headers.get('Set-Cookie')).toContain('Max-Age=0');
    expect(await house.sessions.isOpen(TOKEN)).toBe(false);
  });
});

describe('a form of another site', () => {
  const without = (name: string) => Object.fromEntries(Object.entries(OWN).filter(([key]) => key !== name));
  const send = (headers: Record<string, string>) =>
    app.request('/flows', {
      method: 'POST',
      body: new URLSearchParams(createFields),
      headers: { Cookie: `sid=${TOKEN}`, ...headers },
    });

  it.each([
    ['which the browser calls cross-site', { ...OWN, 'Sec-Fetch-Site': 'cross-site' }],
    ['which the browser calls same-site', { ...OWN, 'Sec-Fetch-Site': 'same-site' }],
    ['of a foreign origin', { ...without('Sec-Fetch-Site'), Origin: 'https://evil.example' }],
    ['of no origin', { ...without('Sec-Fetch-Site'), Origin: 'null' }],
    ['that says nothing of itself', { Host: 'console.example' }],
  ])('%s is refused', async (_what, headers) => {
    expect((await send(headers)).status).toBe(403);
    expect(await house.flows.list()).toEqual([]);
  });

  it('is told from an own one by its origin where the browser says no more', async () => {
    expect((await send(without('Sec-Fetch-Site'))).status).toBe(303);
  });
});

describe('the language of a page', () => {
  it('is what the browser asks for, until another one is chosen', async () => {
    const asked = await get('/', { 'Accept-Language': 'zh-CN' });
    expect(await asked.text()).toContain('<html lang="zh-CN">');
    const chosen = await post('/language', { language: 'en' }, { Referer: 'https://console.example/flows/x?y=1' });
    expect([chosen.status, chosen.headers.get('Location')]).toEqual([303, '/flows/x?y=1']);
    const cookie = chosen.headers.get('Set-Cookie') ?? '';
    expect(cookie).toMatch(/^language=en; .*HttpOnly/);
    const then = await get('/', { 'Accept-Language': 'zh-CN', Cookie: `sid=${TOKEN}; language=en` });
    expect(await then.text()).toContain('<html lang="en">');
  });
});

describe('a page', () => {
  it('allows nothing inline and nothing foreign, and is never cached', async () => {
    const { headers } = await get('/');
    expect(headers.get('Content-Security-Policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; media-src 'self' blob:; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('Vary')).toBe('HX-Request-Type, Accept-Language, Cookie');
    expect(headers.get('X-Frame-Options')).toBe('DENY');
  });

  it('carries neither inline script nor inline style', async () => {
    const flow = await makeFlow();
    for (const path of ['/', '/flows/new', `/flows/${flow.id}`, `/flows/${flow.id}/input`, `/flows/${flow.id}/output`])
      expect(await (await get(path)).text()).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)/);
  });

  it('is whole for a browser that goes back, and a fragment for a tab', async () => {
    const flow = await makeFlow();
    const back = await get(`/flows/${flow.id}/input`, {
      'HX-Request': 'true',
      'HX-Request-Type': 'full',
      'HX-History-Restore-Request': 'true',
    });
    expect(await back.text()).toMatch(/^<!doctype html><html/);
    const tab = await (await get(`/flows/${flow.id}/input`, PARTIAL)).text();
    expect(tab).toMatch(/^<div id="tab-view"><nav/);
    expect(tab).toContain('id="panel-input"');
  });

  it('of a flow that is not there says so', async () => {
    const answer = await get('/flows/gone');
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('There is no flow with this id. It may have been deleted.');
  });

  it('leaves what it does not know to the error handler of the house', async () => {
    const outer = new Hono();
    outer.onError((error, c) => c.text(`outer: ${error.message}`, 500));
    outer.route(
      '/',
      createConsole({
        health: emptyHealth,
        log: memoryLog(),
        ...house,
        flows: { ...house.flows, list: () => Promise.reject(new Error('bug')) },
        secureCookies: false,
        addressOf: () => '',
        version: '1',
      }),
    );
    const answer = await outer.request('/', { headers: { Cookie: `sid=${TOKEN}` } });
    expect(await answer.text()).toBe('outer: bug');
  });
});

describe('the console beside other doors', () => {
  it('guards only its own paths', async () => {
    const outer = new Hono();
    outer.route('/', app);
    outer.get('/healthz', (c) => c.text('ok'));
    outer.post('/api/v1/flows', (c) => c.text('made'));
    expect(await (await outer.request('/healthz')).text()).toBe('ok');
    expect(await (await outer.request('/api/v1/flows', { method: 'POST' })).text()).toBe('made');
  });
});

describe('the flow list', () => {
  it('teaches the first steps while there is no flow', async () => {
    const page = await (await get('/')).text();
    expect(page).toContain('Create a flow');
    expect(page).toContain('Add an output');
    expect(page).toContain('Start, then push');
  });

  it('shows each end in words, and a hostile name as text', async () => {
    const { id } = await house.flows.create(flowDraft('<script>alert(1)</script>'));
    const output = await house.flows.addOutput(id, outputDraft('Studio', 7001));
    await house.flows.start(id);
    house.report(id, {
      endpoints: [endpoint(id), endpoint(id, { role: 'sink', id: output.id, condition: 'unacknowledged' })],
    });
    const page = await (await get('/')).text();
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('8.02 Mbps');
    expect(page).toContain('Unknown');
  });

  it('names the flows that wait for an input, a hostile name as text', async () => {
    const waiting = { id: 'flow-9', name: 'Later <b>', regionId: 'europe', maxBitrate: 50_000_000, createdAt: 1 };
    const ground = {
      health: emptyHealth,
      log: memoryLog(),
      secureCookies: false,
      addressOf: () => 'one',
      version: '1',
    };
    const deps = { ...house, ...ground };
    const withWaiting = createConsole({ ...deps, waiting: { list: () => [waiting] } });
    const page = await (await withWaiting.request('/', { headers: { Cookie: `sid=${TOKEN}` } })).text();
    expect(page).toContain('Waiting for an input');
    expect(page).toContain('Later &lt;b&gt; · Europe · max. 50 Mbps · <code>flow-9</code>');
    expect(await (await get('/')).text()).not.toContain('Waiting for an input');
  });

  it('is narrowed to a region', async () => {
    await house.flows.create(flowDraft('Far west'));
    await house.flows.create({ ...flowDraft('Far east'), regionId: 'asia' });
    const page = await (await get('/?region=asia')).text();
    expect(page).toContain('Far east');
    expect(page).not.toContain('Far west');
    expect(page).toContain('href="/flows/new?region=asia"');
  });
});

describe('creating a flow', () => {
  it('keeps what was typed and leads to the input addresses', async () => {
    const answer = await post('/flows', createFields);
    const [flow] = await house.flows.list();
    expect(answer.status).toBe(303);
    expect(answer.headers.get('Location')).toBe(`/flows/${flow?.id}/input`);
    expect(flow).toMatchObject({
      name: 'Evening news',
      regionId: 'west-us',
      maxBitrate: 20_000_000,
      input: { name: 'OB van', latencyMs: 120, allowlist: ['203.0.113.0/24', '198.51.100.0/24'] },
    });
    expect(flow?.input).not.toHaveProperty('encryption');
  });

  it('is answered to htmx with where to go', async () => {
    const answer = await post('/flows', createFields, PARTIAL);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('HX-Redirect')).toMatch(/^\/flows\/\w+\/input$/);
  });

  it('with a key keeps it and shows it nowhere', async () => {
    await post('/flows', { ...createFields, 'input.encryption': 'on', 'input.encryption.passphrase': SECRET });
    const [flow] = await house.flows.list();
    expect(flow?.input).toMatchObject({ encryption: { passphrase: SECRET, keyLength: 256 } });
    for (const path of ['', '/input', '/input/edit', '/output'])
      expect(await (await get(`/flows/${flow?.id}${path}`)).text()).not.toContain(SECRET);
  });

  it('shows each fault beside its field and loses nothing but the key', async () => {
    const answer = await post('/flows', {
      ...createFields,
      name: ' ',
      'input.latencyMs': '5',
      'input.encryption': 'on',
      'input.encryption.passphrase': 'short',
      'input.description': 'kept & "quoted"',
    });
    const page = await answer.text();
    expect(answer.status).toBe(422);
    expect(page).toMatch(/id="name-error"[^>]*><span>Enter a name\.<\/span>/);
    expect(page).toMatch(/id="input-latencyMs-error"[^>]*><span>Latency is 20 ms or more\./);
    expect(page).toMatch(/id="input-encryption-passphrase-error"/);
    expect(page).toMatch(
      /<input[^>]*name="name"[^>]*aria-invalid="true"[^>]*aria-describedby="name-error name-hint"[^>]*autofocus/,
    );
    expect(page).toContain('value="kept &amp; &quot;quoted&quot;"');
    expect(page).toContain('value="5"');
    expect(page).not.toContain('short');
  });

  it('names the range that is wrong', async () => {
    const page = await (await post('/flows', { ...createFields, 'input.allowlist': '10.0.0.1/8' })).text();
    expect(page).toMatch(/id="input-allowlist-error"[^>]*><span>10\.0\.0\.1\/8: The address has bits set/);
  });

  it('is answered to htmx with the form alone when refused', async () => {
    const answer = await post('/flows', { ...createFields, name: '' }, PARTIAL);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toMatch(/^<form id="form"/);
  });
});

describe('editing the input', () => {
  const fields = { name: 'New name', description: 'mended', allowlist: '0.0.0.0/0' };
  const open = {
    ...fields,
    protocol: 'srt',
    latencyMs: '300',
    'encryption.keyLength': '128',
    'encryption.passphrase': '',
  };

  it('of an idle flow changes all of it', async () => {
    const flow = await makeFlow();
    const answer = await post(`/flows/${flow.id}/input/edit`, open);
    expect(answer.headers.get('Location')).toBe(`/flows/${flow.id}/input`);
    expect((await house.flows.get(flow.id)).input).toMatchObject({ name: 'New name', latencyMs: 300, protocol: 'srt' });
  });

  it('keeps the key when none is typed', async () => {
    const flow = await makeFlow();
    await post(`/flows/${flow.id}/input/edit`, { ...open, encryption: 'on', 'encryption.passphrase': SECRET });
    await post(`/flows/${flow.id}/input/edit`, { ...open, encryption: 'on' });
    expect((await house.flows.get(flow.id)).input).toMatchObject({
      encryption: { keyLength: 128, passphrase: SECRET },
    });
  });

  it('asks for a key when decryption is turned on without one', async () => {
    const flow = await makeFlow();
    const answer = await post(`/flows/${flow.id}/input/edit`, { ...open, encryption: 'on' });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('id="encryption-passphrase-error"');
  });

  it('of a running flow says what is locked and what unlocks it', async () => {
    const flow = await makeFlow();
    await house.flows.start(flow.id);
    const page = await (await get(`/flows/${flow.id}/input/edit`)).text();
    expect(page).toContain(
      'Protocol, transfer settings and the failover switch are locked while the flow runs. Stop the flow to',
    );
    expect(page).toMatch(/<input[^>]*name="latencyMs"[^>]*disabled/);
    expect(page).not.toMatch(/<textarea[^>]*disabled/);
  });

  it('leaves alone what was locked when the form was made, though the flow has stopped since', async () => {
    const flow = await makeFlow();
    await post(`/flows/${flow.id}/input/edit`, { ...open, encryption: 'on', 'encryption.passphrase': SECRET });
    await post(`/flows/${flow.id}/input/edit`, fields);
    const { input } = await house.flows.get(flow.id);
    expect(input).toMatchObject({ name: 'New name', latencyMs: 300, encryption: { keyLength: 128 } });
  });

  it('is refused with the form as it was typed, where the flow was started meanwhile', async () => {
    const flow = await makeFlow();
    await house.flows.start(flow.id);
    const answer = await post(`/flows/${flow.id}/input/edit`, open);
    const page = await answer.text();
    expect(answer.status).toBe(409);
    expect(page).toContain('can be changed only while the flow is idle');
    expect(page).toContain('value="New name"');
  });
});

describe('an output', () => {
  it('is created with its one destination', async () => {
    const flow = await makeFlow(0);
    const answer = await post(`/flows/${flow.id}/output/new`, outputFields);
    expect(answer.headers.get('Location')).toBe(`/flows/${flow.id}/output`);
    const [output] = (await house.flows.get(flow.id)).outputs;
    expect(output).toMatchObject({ name: 'Studio', regionId: 'europe', latencyMs: 200 });
    expect(output?.destinations).toEqual({ primary: { host: '203.0.113.7', port: 7001 } });
  });

  it('needs the port of a backup whose host is given', async () => {
    const flow = await makeFlow(0);
    const answer = await post(`/flows/${flow.id}/output/new`, {
      ...outputFields,
      'destinations.backup.host': 'b.example',
    });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('id="destinations-backup-port-error"');
  });

  it('shows a rule of meaning beside its field', async () => {
    const flow = await makeFlow(1);
    const page = await (await post(`/flows/${flow.id}/output/new`, outputFields)).text();
    expect(page).toMatch(/id="destinations-primary-port-error"[^>]*><span>Another pipeline of this flow already sends/);
  });

  it('is edited, but offers no other region or protocol', async () => {
    const flow = await makeFlow(1);
    const path = `/flows/${flow.id}/output/${flow.outputs[0]?.id}/edit`;
    const page = await (await get(path)).text();
    expect(page).toContain('Region Europe and protocol SRT are fixed.');
    expect(page).not.toContain('name="regionId"');
    await post(path, { ...outputFields, name: 'Renamed', 'destinations.primary.port': '7999' });
    expect((await house.flows.get(flow.id)).outputs[0]).toMatchObject({
      name: 'Renamed',
      regionId: 'europe',
      destinations: { primary: { port: 7999 } },
    });
  });

  it('is deleted after a question that names it', async () => {
    const flow = await makeFlow(1);
    const path = `/flows/${flow.id}/output/${flow.outputs[0]?.id}/delete`;
    expect(await (await get(path)).text()).toContain('“Evening news” will no longer be sent to 203.0.113.7:7001.');
    await post(path);
    expect((await house.flows.get(flow.id)).outputs).toEqual([]);
  });

  it('of a running flow is locked, and the page says what unlocks it', async () => {
    const flow = await makeFlow(1);
    await house.flows.start(flow.id);
    const page = await (await get(`/flows/${flow.id}/output`)).text();
    expect(page).toContain('Stop the flow to create, edit or delete one.');
    expect(page).toMatch(/<button[^>]*id="create-output"[^>]*disabled/);
    expect((await post(`/flows/${flow.id}/output/new`, outputFields)).status).toBe(409);
  });
});

describe('starting a flow', () => {
  it('leads back to the tab it was pressed on', async () => {
    const flow = await makeFlow(1);
    const answer = await post(`/flows/${flow.id}/start`, { tab: 'output' });
    expect(answer.headers.get('Location')).toBe(`/flows/${flow.id}/output`);
    expect((await house.flows.get(flow.id)).running).toBe(true);
  });

  it('is answered to htmx with the head of the page', async () => {
    const flow = await makeFlow(1);
    const markup = await (await post(`/flows/${flow.id}/start`, {}, PARTIAL)).text();
    expect(markup).toMatch(/^<div id="flow-head"/);
    expect(markup).toContain('id="stop-flow"');
  });

  it('without an output is refused with the next step', async () => {
    const flow = await makeFlow(0);
    const answer = await post(`/flows/${flow.id}/start`);
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain('A flow without outputs cannot be started. Create an output first.');
  });
});

describe('stopping a flow', () => {
  it('is asked first, naming who loses the stream', async () => {
    const flow = await makeFlow(2);
    await house.flows.start(flow.id);
    const sink = { role: 'sink', id: flow.outputs[0]?.id ?? '' } as const;
    house.report(flow.id, { endpoints: [endpoint(flow.id), endpoint(flow.id, sink)] });
    const page = await (await get(`/flows/${flow.id}/stop`)).text();
    expect(page).toMatch(
      /Connected now, and losing the stream at once:<\/p><ul[^>]*><li>Studio 1, primary: 203\.0\.113\.7:7001<\/li><\/ul>/,
    );
    expect(page).toMatch(/Unknown, and perhaps receiving.*<li>Studio 2, primary: 203\.0\.113\.7:7002/);
  });

  it('stops it', async () => {
    const flow = await makeFlow(1);
    await house.flows.start(flow.id);
    expect((await post(`/flows/${flow.id}/stop`)).status).toBe(303);
    expect((await house.flows.get(flow.id)).running).toBe(false);
  });
});

describe('deleting a flow', () => {
  it('is asked first, naming all that is destroyed', async () => {
    const flow = await makeFlow(1);
    const page = await (await get(`/flows/${flow.id}/delete`)).text();
    expect(page).toContain('Delete “Evening news”?');
    expect(page).toContain('the input “Camera 1”');
    expect(page).toContain('the output “Studio 1” to 203.0.113.7:7001');
  });

  it('deletes it', async () => {
    const flow = await makeFlow(1);
    const answer = await post(`/flows/${flow.id}/delete`);
    expect(answer.headers.get('Location')).toBe('/');
    expect(await house.flows.list()).toEqual([]);
  });

  it('that runs is not offered, but stopping it is', async () => {
    const flow = await makeFlow(1);
    await house.flows.start(flow.id);
    const page = await (await get(`/flows/${flow.id}/delete`)).text();
    expect(page).toContain('Only an idle flow can be deleted. Stop it first.');
    expect(page).toContain(`href="/flows/${flow.id}/stop"`);
    expect((await post(`/flows/${flow.id}/delete`)).status).toBe(409);
  });
});

describe('renaming a flow', () => {
  it('shows the new name', async () => {
    const flow = await makeFlow(0);
    await post(`/flows/${flow.id}/edit`, { name: 'Late news' });
    expect(await (await get(`/flows/${flow.id}`)).text()).toContain('<h1>Late news</h1>');
  });
});
