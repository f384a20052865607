import { beforeEach, describe, expect, it } from 'vitest';
import type { InputDraft, OutputDraft } from '../../../server/drafts.ts';
import { type ConsoleClient, signIn } from '../../kit/console-client.ts';
import { type ConsoleHouse, createConsoleHouse, endpoint, flowDraft } from '../../kit/console-house.ts';
import { must } from '../../kit/must.ts';

let house: ConsoleHouse;
let browser: ConsoleClient;

beforeEach(async () => {
  house = createConsoleHouse();
  browser = await signIn(house);
});

const INPUT = { name: 'Camera 1', allowlist: ['0.0.0.0/0'], description: '' };
const rtmp: InputDraft = { ...INPUT, protocol: 'rtmp' };
const rtp: InputDraft = { ...INPUT, protocol: 'rtp', bareTs: false };
const bare: InputDraft = { ...INPUT, protocol: 'rtp', bareTs: true };
const srt: InputDraft = { ...INPUT, protocol: 'srt', latencyMs: 120 };

const make = (input: InputDraft) => house.flows.create({ ...flowDraft('News'), input });

const OUTPUT = { name: 'Studio', regionId: 'west-us', description: '' };
const toPlatform: OutputDraft = {
  ...OUTPUT,
  protocol: 'rtmp',
  destinations: { primary: { url: 'rtmps://live.example.com/app', streamKey: 'canary-of-platform' } },
};

/** What a browser sends: the fields of all protocols, each as it stands. */
const flowForm = {
  name: 'News',
  regionId: 'west-us',
  maxBitrate: '10000000',
  'input.name': 'Camera 1',
  'input.protocol': 'srt',
  'input.latencyMs': '120',
  'input.encryption': 'off',
  'input.encryption.keyLength': '256',
  'input.encryption.passphrase': '',
  'input.bareTs': 'off',
  'input.failover': 'off',
  'input.failover.preferred': 'primary',
  'input.failover.autoReturn': 'yes',
  'input.allowlist': '0.0.0.0/0',
  'input.description': '',
};

const outputForm = {
  name: 'Studio',
  regionId: 'west-us',
  protocol: 'srt',
  description: '',
  'destinations.primary.host': '',
  'destinations.primary.port': '',
  'destinations.primary.url': '',
  'destinations.primary.streamKey': '',
  'destinations.backup.host': '',
  'destinations.backup.port': '',
  'destinations.backup.url': '',
  'destinations.backup.streamKey': '',
  latencyMs: '120',
  encryption: 'off',
  'encryption.keyLength': '256',
  'encryption.passphrase': '',
  ttl: '16',
  bareTs: 'off',
};

const only = async () => must((await house.flows.list())[0], 'flow');

describe('the form of a new flow', () => {
  it('offers all protocols, with the fields of each marked as its own', async () => {
    const { text } = await browser.get('/flows/new');
    expect([...text.matchAll(/name="input\.protocol" value="(\w+)"/g)].map(([, value]) => value)).toEqual([
      'srt',
      'rtmp',
      'rtp',
    ]);
    for (const protocol of ['srt', 'rtmp', 'rtp']) expect(text).toContain(`data-protocols="${protocol}"`);
  });

  it.each([
    ['rtmp', {}, {}],
    ['rtp', { 'input.bareTs': 'on' }, { bareTs: true }],
    ['srt', { 'input.latencyMs': '300' }, { latencyMs: 300 }],
  ])('makes an input by %s', async (protocol, fields, link) => {
    const { location } = await browser.post('/flows', { ...flowForm, ...fields, 'input.protocol': protocol });
    const flow = await only();
    expect(location).toBe(`/flows/${flow.id}/input`);
    expect(flow.input).toMatchObject({ protocol, ...link });
    expect(flow.input).not.toHaveProperty('failover');
  });

  it('finds no fault in a field that was not in sight', async () => {
    const { status } = await browser.post('/flows', {
      ...flowForm,
      'input.protocol': 'rtmp',
      'input.latencyMs': 'nonsense',
      'input.encryption': 'on',
    });
    expect([status, (await only()).input.protocol]).toEqual([303, 'rtmp']);
  });

  it('turns failover on, with its choices', async () => {
    await browser.post('/flows', {
      ...flowForm,
      'input.failover': 'on',
      'input.failover.preferred': 'backup',
      'input.failover.autoReturn': 'no',
    });
    expect((await only()).input.failover).toEqual({ preferred: 'backup', autoReturn: false, order: 0 });
  });

  it('comes back as it was typed when it is refused, protocol and switches too', async () => {
    const { status, text } = await browser.post('/flows', {
      ...flowForm,
      name: '',
      'input.protocol': 'rtp',
      'input.bareTs': 'on',
      'input.failover': 'on',
      'input.failover.autoReturn': 'no',
    });
    expect(status).toBe(422);
    for (const id of ['input-protocol-rtp', 'input-bareTs', 'input-failover', 'input-failover-autoReturn-no'])
      expect(text).toMatch(new RegExp(`<input[^>]*id="${id}"[^>]*checked`));
  });
});

describe('the form of an input', () => {
  const open = {
    name: 'Camera 1',
    protocol: 'rtp',
    description: '',
    allowlist: '0.0.0.0/0',
    latencyMs: '120',
    encryption: 'off',
    'encryption.keyLength': '256',
    'encryption.passphrase': '',
    bareTs: 'on',
    failover: 'off',
    'failover.preferred': 'primary',
    'failover.autoReturn': 'yes',
  };

  it('goes over to another protocol while there is no output', async () => {
    const { id } = await make(srt);
    await browser.post(`/flows/${id}/input/edit`, open);
    expect((await only()).input).toMatchObject({ protocol: 'rtp', bareTs: true });
  });

  it('keeps the protocol where an output fixes it, and says what would free it', async () => {
    const { id } = await make(rtmp);
    await house.flows.addOutput(id, toPlatform);
    const { text } = await browser.get(`/flows/${id}/input/edit`);
    expect(text).toMatch(/<input[^>]*id="protocol-rtmp"[^>]*checked[^>]*disabled/);
    expect(text).toContain('Delete its outputs to change it.');
    const { protocol: _locked, ...rest } = open;
    await browser.post(`/flows/${id}/input/edit`, { ...rest, name: 'Other' });
    expect((await only()).input).toMatchObject({ protocol: 'rtmp', name: 'Other' });
  });

  it('of a running flow locks the failover switch, and leaves which input is preferred', async () => {
    const { id } = await make({ ...rtmp, failover: { preferred: 'primary', autoReturn: true } });
    await house.flows.addOutput(id, toPlatform);
    await house.flows.start(id);
    const { text } = await browser.get(`/flows/${id}/input/edit`);
    expect(text).toMatch(/<input[^>]*id="failover"[^>]*disabled/);
    expect(text).not.toMatch(/<input[^>]*id="failover-preferred-backup"[^>]*disabled/);
    await browser.post(`/flows/${id}/input/edit`, {
      name: 'Camera 1',
      description: '',
      allowlist: '0.0.0.0/0',
      'failover.preferred': 'backup',
      'failover.autoReturn': 'no',
    });
    expect((await only()).input.failover).toEqual({ preferred: 'backup', autoReturn: false, order: 0 });
  });

  it('remembers a switch that was turned off when it is refused', async () => {
    const { id } = await make({ ...rtp, failover: { preferred: 'primary', autoReturn: true } });
    const { text } = await browser.post(`/flows/${id}/input/edit`, { ...open, name: '' });
    expect(text).not.toMatch(/<input[^>]*type="checkbox"[^>]*id="failover"[^>]*checked/);
  });
});

describe('the form of an output', () => {
  it('does not offer RTP where the input is SRT, and says why', async () => {
    const { id } = await make(srt);
    const { text } = await browser.get(`/flows/${id}/output/new`);
    expect(text).toContain('a flow with an SRT input cannot have an RTP output');
    expect(text).not.toContain('id="protocol-rtp"');
    const refused = await browser.post(`/flows/${id}/output/new`, {
      ...outputForm,
      protocol: 'rtp',
      'destinations.primary.host': '239.0.0.1',
      'destinations.primary.port': '5004',
    });
    expect(refused.status).toBe(422);
    expect(refused.text).toMatch(/id="protocol-error"[^>]*><span>A flow with an SRT input cannot have an RTP output/);
  });

  it.each([rtmp, rtp])('offers all three where the input is $protocol', async (input) => {
    const { id } = await make(input);
    expect((await browser.get(`/flows/${id}/output/new`)).text).toContain('id="protocol-rtp"');
  });

  it('makes one by RTMP with a backup of its own', async () => {
    const { id } = await make(srt);
    const { location } = await browser.post(`/flows/${id}/output/new`, {
      ...outputForm,
      protocol: 'rtmp',
      'destinations.primary.url': 'rtmp://a.example/live',
      'destinations.primary.streamKey': 'one?auth=1',
      'destinations.backup.url': 'rtmps://b.example/live',
      'destinations.backup.streamKey': 'two',
    });
    expect(location).toBe(`/flows/${id}/output`);
    expect((await only()).outputs[0]).toMatchObject({
      protocol: 'rtmp',
      destinations: {
        primary: { url: 'rtmp://a.example/live', streamKey: 'one?auth=1' },
        backup: { url: 'rtmps://b.example/live', streamKey: 'two' },
      },
    });
  });

  it('makes one by RTP', async () => {
    const { id } = await make(rtp);
    await browser.post(`/flows/${id}/output/new`, {
      ...outputForm,
      protocol: 'rtp',
      ttl: '3',
      bareTs: 'on',
      'destinations.primary.host': '239.0.0.1',
      'destinations.primary.port': '5004',
    });
    expect((await only()).outputs[0]).toMatchObject({
      protocol: 'rtp',
      ttl: 3,
      bareTs: true,
      destinations: { primary: { host: '239.0.0.1', port: 5004 } },
    });
  });

  it('shows the faults of an RTMP destination beside its fields, and never the key again', async () => {
    const { id } = await make(srt);
    const { status, text } = await browser.post(`/flows/${id}/output/new`, {
      ...outputForm,
      protocol: 'rtmp',
      'destinations.primary.url': 'http://a.example/live',
      'destinations.primary.streamKey': '',
      'destinations.backup.url': 'rtmp://b.example/live',
      'destinations.backup.streamKey': 'canary of two words',
    });
    expect(status).toBe(422);
    for (const name of ['primary-url', 'primary-streamKey', 'backup-streamKey'])
      expect(text).toContain(`id="destinations-${name}-error"`);
    expect(text).toContain('value="http://a.example/live"');
    expect(text).not.toContain('canary');
  });

  it('keeps a stream key that is left empty, and does not show it', async () => {
    const { id } = await make(srt);
    const output = await house.flows.addOutput(id, toPlatform);
    const path = `/flows/${id}/output/${output.id}/edit`;
    const { text } = await browser.get(path);
    expect(text).toContain('A key is set. Leave this empty to keep it.');
    expect(text).not.toContain('canary');
    expect(text).not.toContain('name="latencyMs"');
    await browser.post(path, {
      name: 'Other',
      description: '',
      'destinations.primary.url': 'rtmp://c.example/live',
      'destinations.primary.streamKey': '',
    });
    expect((await only()).outputs[0]).toMatchObject({
      name: 'Other',
      destinations: { primary: { url: 'rtmp://c.example/live', streamKey: 'canary-of-platform' } },
    });
  });

  it('shows a fault of an edit beside its field', async () => {
    const { id } = await make(srt);
    const output = await house.flows.addOutput(id, toPlatform);
    const { text } = await browser.post(`/flows/${id}/output/${output.id}/edit`, {
      name: 'Other',
      description: '',
      'destinations.primary.url': 'rtmp://c.example/live',
      'destinations.primary.streamKey': '',
      'destinations.backup.url': 'rtmp://d.example/live',
      'destinations.backup.streamKey': '',
    });
    expect(text).toMatch(/id="destinations-backup-streamKey-error"[^>]*><span>Enter a stream key/);
  });
});

describe('the Input tab', () => {
  it('of RTMP has server URL and stream key apart, the key behind a click that needs no script', async () => {
    const { id, input } = await make(rtmp);
    const keys = must(input.protocol === 'rtmp' ? input.streamKeys : undefined, 'stream key');
    const { text } = await browser.get(`/flows/${id}/input`);
    expect(text).toContain(`<code id="input-primary-address">rtmp://relay.example.net:1935/${id}</code>`);
    expect(text).toContain(`<code id="input-backup-address">rtmp://relay.example.net:1936/${id}</code>`);
    expect(text).toMatch(
      new RegExp(
        `<details id="input-primary-key-reveal">.*<code id="input-primary-key">${keys.primary}</code></details>`,
      ),
    );
    expect(text).toContain('data-copy="input-backup-key"');
    expect(text.split(keys.primary)).toHaveLength(2);
  });

  it.each([
    [rtp, 'rtp://relay.example.net:9000', 'rtpmp2tpay'],
    [bare, 'udp://relay.example.net:9000', 'udpsink host=relay.example.net port=9000'],
  ])('of RTP has the address and commands of its format', async (input, address, part) => {
    const { id } = await make(input);
    const { text } = await browser.get(`/flows/${id}/input`);
    expect(text).toContain(`<code id="input-primary-address">${address}</code>`);
    expect(text).toContain(part);
  });
});

describe('a stream key of an output', () => {
  it('is on no page', async () => {
    const { id } = await make(srt);
    const output = await house.flows.addOutput(id, toPlatform);
    const tabs = ['', '/input', '/output', '/input/edit', '/output/new', '/stop', '/delete'];
    const paths = [...tabs, `/output/${output.id}/edit`, `/output/${output.id}/delete`].map(
      (it) => `/flows/${id}${it}`,
    );
    for (const path of ['/', ...paths]) expect((await browser.get(path)).text).not.toContain('canary');
    expect((await browser.get(`/flows/${id}/output`)).text).toContain('<code>rtmps://live.example.com/app</code>');
  });
});

describe('switching to the other input', () => {
  async function running(live: 'primary' | 'backup') {
    const { id } = await make({ ...rtmp, failover: { preferred: 'primary', autoReturn: false } });
    await house.flows.addOutput(id, toPlatform);
    await house.flows.start(id);
    house.report(id, {
      endpoints: (['primary', 'backup'] as const).flatMap((pipeline) => [
        endpoint(id, { pipeline, live: pipeline === live }),
        endpoint(id, { pipeline, id: 'cross', live: pipeline !== live }),
      ]),
    });
    return id;
  }

  it('is offered for the one that is not on air, behind a question', async () => {
    const id = await running('primary');
    const { text } = await browser.get(`/flows/${id}/input`);
    expect(text).toContain('On air: every output gets it.');
    expect(text).toMatch(new RegExp(`<a[^>]*id="switch-to-backup"[^>]*href="/flows/${id}/switch\\?to=backup"`));
    expect(text).not.toContain('id="switch-to-primary"');
    expect((await browser.get(`/flows/${id}/switch?to=backup`)).text).toContain('Switch “News” to backup?');
    expect((await only()).input.failover?.order).toBe(0);
  });

  it('is done by the answer, and leads back to the inputs', async () => {
    const id = await running('primary');
    const { location } = await browser.post(`/flows/${id}/switch`, { to: 'backup' });
    expect(location).toBe(`/flows/${id}/input`);
    expect((await only()).input.failover).toEqual({ preferred: 'backup', autoReturn: false, order: 1 });
  });

  it('is not asked where nothing changes on air', async () => {
    const id = await running('backup');
    const { text } = await browser.get(`/flows/${id}/input`);
    expect(text).toMatch(/<form method="post"[^>]*><input type="hidden" name="to" value="backup"[^>]*>/);
    expect(text).toContain('id="switch-to-primary"');
  });

  it('is refused in words while the flow is idle', async () => {
    const id = await running('primary');
    await house.flows.stop(id);
    house.report(id, {});
    const { status, text } = await browser.post(`/flows/${id}/switch`, { to: 'backup' });
    expect([status, text.includes('Only a running flow can be switched. Start the flow first.')]).toEqual([409, true]);
  });

  it.each(['', 'both'])('is refused to %j', async (to) => {
    const id = await running('primary');
    expect((await browser.get(`/flows/${id}/switch?to=${to}`)).status).toBe(422);
    expect((await browser.post(`/flows/${id}/switch`, { to })).status).toBe(422);
  });
});

describe('recent events', () => {
  it('are listed newest first, with the names that the operator gave', async () => {
    const { id } = await make(srt);
    const output = await house.flows.addOutput(id, { ...toPlatform, name: '<b>Platform</b>' });
    const event = { flowId: id, pipeline: 'primary' as const };
    house.happen({
      ...event,
      at: 1,
      endpoint: 'input',
      code: 'over-bandwidth',
      facts: { bitrate: 12.4e6, limit: 10e6 },
    });
    house.happen({ ...event, at: 2, endpoint: output.id, code: 'dropped-to-slow-peer', facts: { dropped: 7 } });
    const { text } = await browser.get(`/flows/${id}`);
    const [first, second] = [...text.matchAll(/<span class="where">(.*?)<\/span><span class="what">(.*?)<\/span>/g)];
    expect(first?.slice(1)).toEqual([
      'Primary · &lt;b&gt;Platform&lt;/b&gt;',
      '7 packets or frames dropped: the destination is too slow for the stream.',
    ]);
    expect(second?.slice(1)).toEqual(['Primary · Camera 1', 'Above the maximum bandwidth: 12.4 of 10 Mbps.']);
    expect(text).toContain('The newest 50 of the last 24 hours.');
  });

  it('say so when there are none', async () => {
    const { id } = await make(srt);
    expect((await browser.get(`/flows/${id}`)).text).toContain('Nothing has happened in the last 24 hours.');
  });
});
