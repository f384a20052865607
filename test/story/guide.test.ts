/** The guide, sentence by sentence, as somebody with a browser and an encoder meets it. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../kit/free-ports.ts';
import { makeFlow, makeFlowWithOutput, openConsole, overflowOf, type Screen } from '../kit/guide-tour.ts';
import { pushWithFfmpeg, receive, tryToPush } from '../kit/peers.ts';
import { inputPorts, openStage, type Stage } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

let stage: Stage;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], timeout: 60_000 });
});
afterEach(async () => {
  await page.context().close();
  await stage.clear();
});
afterAll(async () => {
  await browser.close();
  await stage.close();
});

const logIn = async (screen: Screen): Promise<void> => {
  page = await openConsole(browser, stage.house, screen);
};

const go = (path: string) => page.goto(stage.house.url + path);

const textOf = (selector: string): Promise<string> => page.locator(selector).innerText();

/** A receiver that keeps what comes at this port. */
const listen = async (port: number, name: string): Promise<string> => {
  await stage.keep(receive(port, stage.file(name)));
  return stage.file(name);
};

const stopAndDelete = async (flowId: string): Promise<void> => {
  await stage.house.api('POST', `/flows/${flowId}/stop`);
  await until('the flow is idle', async () => (await stage.house.flow(flowId)).state === 'idle');
  await stage.house.api('DELETE', `/flows/${flowId}`);
};

describe.each(['a desktop, light', 'a telephone, dark'] as const)('2. Create a flow, on %s', (screen) => {
  it('“After configuring the settings, click "Create" to create the flow.”', async () => {
    await logIn(screen);
    await page.getByRole('link', { name: 'Create flow' }).first().click();
    // “Currently, you can select multiple nodes in East China, Asia, Hong Kong/Macao/Taiwan (China), West US, and Europe.”
    for (const region of ['East China', 'Asia', 'Hong Kong/Macao/Taiwan (China)', 'West US', 'Europe'])
      expect(await page.getByLabel(region, { exact: true }).count()).toBe(1);
    await page.getByLabel('Asia', { exact: true }).check();
    // “Enter a custom flow name.”
    await page.fill('#name', `Derby on ${screen}`);
    // “Select the maximum bandwidth, which can be 10 Mbps or 20 Mbps.”
    // Others that are on offer come after these two.
    const offered = page.locator('input[name="maxBitrate"]');
    expect([await offered.nth(0).inputValue(), await offered.nth(1).inputValue()]).toEqual(['10000000', '20000000']);
    await page.getByLabel('20 Mbps').check();
    // “Enter the input source name.” “Select SRT, RTMP, or RTP as the protocol type of the input source.”
    await page.fill('#input-name', 'Van 4');
    for (const protocol of ['rtmp', 'rtp', 'srt'])
      await page.locator(`input[name="input.protocol"][value="${protocol}"]`).check();
    // “The default value is 120 ms.”
    expect(await page.inputValue('#input-latencyMs')).toBe('120');
    await page.fill('#input-latencyMs', '300');
    // “you can enable "Decryption Configurations", enter the decryption key, and select the key length”
    await page.check('#input-encryption');
    await page.fill('#input-encryption-passphrase', 'a key for the derby');
    await page.selectOption('#input-encryption-keyLength', '256');
    // “Set the IP allowlist (in CIDR format) of the input source”
    await page.fill('#input-allowlist', '203.0.113.0/24');
    // “You can also configure descriptive information for the flow's input source”
    await page.fill('#input-description', 'By the north stand');
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: `Derby on ${screen}` }).waitFor();
    const [, , id = ''] = new URL(page.url()).pathname.split('/');
    const { input, ...flow } = await stage.house.flow(id);
    expect(flow).toMatchObject({ regionId: 'asia', maxBitrate: 20_000_000, state: 'idle' });
    expect(input).toMatchObject({
      name: 'Van 4',
      protocol: 'srt',
      latencyMs: 300,
      encryption: { keyLength: 256 },
      allowlist: ['203.0.113.0/24'],
      description: 'By the north stand',
    });
    await stopAndDelete(id);
  });
});

describe.each(['a desktop, dark', 'a telephone, light'] as const)('3. View a flow, on %s', (screen) => {
  it('“You can view the basic information of the flow, including the flow ID, flow name, input region, status, and maximum bandwidth.”', async () => {
    const id = await makeFlow(stage.house, { name: 'Regatta' });
    await logIn(screen);
    // “Click a flow name on the flow management page to enter the flow details page”
    await page.getByRole('link', { name: 'Regatta' }).click();
    await page.getByRole('heading', { name: 'Regatta' }).waitFor();
    const information = await textOf('#panel-information');
    for (const fact of [id, 'Regatta', 'Europe', 'Idle', '10 Mbps']) expect(information).toContain(fact);
    expect(await overflowOf(page)).toBe(0);
    // “You can also click "Edit" to rename the flow.”
    await page.click('#rename-flow');
    await page.fill('#name', 'Regatta, day 2');
    await page.click('#form-submit');
    await page.getByRole('heading', { name: 'Regatta, day 2' }).waitFor();
    await stopAndDelete(id);
  });

  it('“You can view the basic information and protocol type of the input source, including the input source ID, input source name, primary/backup input addresses, CIDR IP allowlist, and input source description.”', async () => {
    const id = await makeFlow(stage.house, { name: 'Regatta', allowlist: ['198.51.100.0/24'] });
    const { input } = await stage.house.flow(id);
    await logIn(screen);
    await go(`/flows/${id}/input`);
    const shown = await textOf('#panel-input');
    for (const fact of [input.id, 'Camera', 'SRT', input.addresses.primary, input.addresses.backup, '198.51.100.0/24'])
      expect(shown).toContain(fact);
    expect(await overflowOf(page)).toBe(0);
    // “You can also click "Edit" to change the input source information.”
    await page.click('#edit-input');
    await page.fill('#name', 'Boat');
    await page.fill('#description', 'The one with the mast');
    await page.click('#form-submit');
    await page.getByText('The one with the mast').waitFor();
    expect((await stage.house.flow(id)).input.name).toBe('Boat');
    await stopAndDelete(id);
  });
});

describe('Output', () => {
  it('“To create an output node, you need to enter the output name, output region, output protocol type (SRT, RTMP, or RTP), primary/backup destination IP addresses and ports, and output description.”', async () => {
    const id = await makeFlow(stage.house, { name: 'Recital' });
    await logIn('a telephone, dark');
    await go(`/flows/${id}/output`);
    await page.click('#create-output');
    await page.fill('#name', 'Concert hall');
    await page.selectOption('#regionId', 'asia');
    // “You can also set the latency according to your actual business needs, which is 120 ms by default.”
    expect(await page.inputValue('#latencyMs')).toBe('120');
    await page.fill('#destinations-primary-host', '203.0.113.9');
    await page.fill('#destinations-primary-port', '7001');
    // “you can toggle on "Enable Encryption" here. Then you need to enter the encryption key and select the key length.”
    await page.check('#encryption');
    await page.fill('#encryption-passphrase', 'a key for the hall');
    await page.selectOption('#encryption-keyLength', '192');
    await page.fill('#description', 'Second floor');
    // “Click "Confirm" to save the new output node.” “The primary output address is required, while the backup output address is optional.”
    await page.getByRole('button', { name: 'Confirm' }).click();
    // “View the information of all output nodes under this flow, including the name, output ID, output region, protocol type, output destination IP, and destination.”
    await page.getByText('Concert hall').first().waitFor();
    const [output] = (await stage.house.flow(id)).outputs;
    const shown = await textOf('#panel-output');
    for (const fact of ['Concert hall', output?.id ?? 'no output', 'Asia', 'SRT', '203.0.113.9:7001', 'Second floor'])
      expect(shown).toContain(fact);
    expect(await overflowOf(page)).toBe(0);
    await stopAndDelete(id);
  });

  it('“If the input protocol is SRT, the output protocol cannot be RTP.”', async () => {
    const id = await makeFlow(stage.house, { name: 'Recital' });
    await logIn('a desktop, light');
    await go(`/flows/${id}/output/new`);
    const offered = page.locator('[name="protocol"]:enabled, [name="protocol"] option:enabled');
    const values = await Promise.all((await offered.all()).map((one) => one.getAttribute('value')));
    expect(values).toContain('rtmp');
    expect(values).not.toContain('rtp');
    // What the form does not offer, the server refuses all the same.
    const destinations = { primary: { host: '203.0.113.9', port: 5004 } };
    const draft = { protocol: 'rtp', name: 'Studio', regionId: 'europe', destinations };
    const { status, body } = await stage.house.api('POST', `/flows/${id}/outputs`, draft);
    expect([status, body]).toMatchObject([422, { code: 'srt-to-rtp' }]);
    await stopAndDelete(id);
  });

  it('“If an output node has been configured for the flow, then the input source type cannot be modified.”', async () => {
    const id = await makeFlowWithOutput(stage.house, 'Recital');
    await logIn('a desktop, dark');
    await go(`/flows/${id}/input/edit`);
    expect(await page.locator('input[name="protocol"]:enabled:not(:checked)').count()).toBe(0);
    await stopAndDelete(id);
  });

  it('“The name, primary/backup destination IP addresses and ports, and output description of the output node can be changed, but the output region and output protocol type cannot.”', async () => {
    const id = await makeFlowWithOutput(stage.house, 'Recital');
    await logIn('a telephone, light');
    await go(`/flows/${id}/output`);
    await page.getByRole('link', { name: 'Edit Studio' }).click();
    expect(await page.locator('[name="regionId"]:enabled').count()).toBe(0);
    expect(await page.locator('[name="protocol"]:enabled:not(:checked)').count()).toBe(0);
    await page.fill('#name', 'Studio 2');
    await page.fill('#destinations-primary-host', '203.0.113.8');
    await page.fill('#destinations-primary-port', '7002');
    await page.fill('#description', 'Moved');
    await page.click('#form-submit');
    await page.getByText('203.0.113.8:7002').first().waitFor();
    // “You can edit and delete the information of an output node.”
    await page.getByRole('link', { name: 'Delete Studio 2' }).click();
    await page.click('#confirm-yes');
    await page.getByText('This flow has no output').waitFor();
    // “Flows that have no output nodes cannot be started.”
    expect(await page.locator('#start-flow').isEnabled()).toBe(false);
    await stopAndDelete(id);
  });

  it('“You cannot create, edit, or delete output nodes for running flows.”', async () => {
    const id = await makeFlowWithOutput(stage.house, 'Recital');
    await logIn('a desktop, light');
    await go(`/flows/${id}/output`);
    // “After creating the flow and output node, click "Start" to run the flow.”
    await page.click('#start-flow');
    await page.getByText('Running', { exact: true }).first().waitFor();
    await page.waitForSelector('#create-output[disabled]');
    const [output] = (await stage.house.flow(id)).outputs;
    expect(await page.locator(`#edit-${output?.id}`).isDisabled()).toBe(true);
    expect(await page.locator(`#delete-${output?.id}`).isDisabled()).toBe(true);
    expect(await textOf('#output-lock')).toContain('Stop the flow');
    // “When you are done using the flow, click "Stop" to stop it.”
    await page.click('#stop-flow');
    await page.click('#confirm-yes');
    await page.getByText('Idle', { exact: true }).first().waitFor();
    // “To delete a flow, click "Delete" to delete its configuration information.”
    await page.click('#delete-flow');
    await page.click('#confirm-yes');
    await page.waitForURL(`${stage.house.url}/`);
    expect((await stage.house.api('GET', `/flows/${id}`)).status).toBe(404);
  });
});

describe('a stream', () => {
  it('“the stream you push to the primary pipeline of the flow will be output to the primary destination address (…), while the stream pushed to the backup pipeline of the flow will be output to the backup destination address”', async () => {
    const [first = 0, second = 0] = await freePorts(2);
    const id = await makeFlow(stage.house, { name: 'Marathon', ports: [first, second] });
    await listen(first, 'first.ts');
    await listen(second, 'second.ts');
    await stage.house.api('POST', `/flows/${id}/start`);
    await logIn('a desktop, dark');
    await go(`/flows/${id}/output`);
    const [output] = (await stage.house.flow(id)).outputs;
    const line = (pipeline: string) => page.locator(`#live-${output?.id}-${pipeline}`);
    await line('backup').getByText('Ready to send').waitFor();
    const [primary, backup] = inputPorts(await stage.house.flow(id));
    const encoder = await stage.keep(pushWithFfmpeg([{ port: primary }], stage.file('one.ts'), 60));
    await line('primary').getByText('Media is delivered').waitFor();
    expect(await line('backup').innerText()).toContain('no media arrives at the input');
    await encoder.end('SIGKILL');
    await stage.keep(pushWithFfmpeg([{ port: backup }], stage.file('two.ts'), 60));
    await line('backup').getByText('Media is delivered').waitFor();
    await line('primary').getByText('no media arrives at the input').waitFor();
    await readLog(id);
    await readHealth(id);
    await stopAndDelete(id);
  });

  it('“streams can be pushed to this flow only from IPs in the allowlist.”', async () => {
    const id = await makeFlow(stage.house, {
      name: 'Marathon',
      allowlist: ['203.0.113.0/24'],
      ports: await freePorts(1),
    });
    await stage.house.api('POST', `/flows/${id}/start`);
    const [primary] = inputPorts(await stage.house.flow(id));
    await logIn('a telephone, light');
    await go(`/flows/${id}/input`);
    const stranger = await stage.keep(tryToPush({ port: primary }));
    expect(await stranger.ended).not.toBe(0);
    await page.getByText('address not in the allowlist').first().waitFor();
    await stopAndDelete(id);
  });
});

/** “click "Confirm" to generate an event log which contains the following information” */
async function readLog(id: string): Promise<void> {
  await go(`/flows/${id}/log`);
  // “You can change the time zone. The local time zone is selected by default.”
  await page.waitForSelector('#log-live[data-following="live"]');
  expect(await page.inputValue('#zone')).toBe('Asia/Shanghai');
  expect(await page.locator('.log-table th').allInnerTexts()).toEqual(['Time', 'Type', 'Input/Output', 'Information']);
  // “Valid values include input-primary, input-backup, output-primary, and output-backup, which can be filtered.”
  await page.getByLabel('Input primary').check();
  await page.click('#log-confirm');
  await page.waitForURL(/type=input-primary/);
  await page.waitForSelector('#log-live[data-following="live"]');
  await expect
    .poll(async () => [...new Set(await page.locator('.log-table .type').allInnerTexts())])
    .toEqual(['Input primary']);
  expect(await page.locator('.log-table .name').first().innerText()).toBe('Camera');
  // “You can query the log data for the last 5 days with a query time range of less than 24 hours.”
  const now = Date.now();
  await go(`/flows/${id}/log?from=${now - 86_400_000}&to=${now}`);
  await page.getByText('A range is shorter than 24 hours.').waitFor();
  await go(`/flows/${id}/log?from=${now - 5 * 86_400_000}&to=${now - 4 * 86_400_000 - 1000}`);
  await page.getByText('Nothing happened in this range.').waitFor();
}

/** “Select "Primary" or "Backup" to view the data of the primary or backup source or output and click "Confirm" to generate relevant data” */
async function readHealth(id: string): Promise<void> {
  await go(`/flows/${id}/health`);
  expect(await page.inputValue('#zone')).toBe('Asia/Shanghai');
  await page.selectOption('#pipeline', 'backup');
  await page.click('#health-confirm');
  await page.waitForURL(/pipeline=backup/);
  const figures = ['Packet loss rate', 'Retransmission rate', 'RTT', 'Dropped packets'];
  const ticks = page.locator('#health-form');
  for (const figure of figures) expect(await ticks.getByLabel(figure).count()).toBe(1);
  await expect
    .poll(async () => (await page.locator('#health-summary').innerText()).toLowerCase(), { timeout: 20_000 })
    .toContain('packet loss rate');
  await page.locator('#chart-bandwidth canvas').waitFor();
  await page.locator('#chart-track-bitrate canvas').waitFor();
  await page.locator('#chart-track-frames canvas').waitFor();
  // “you can choose to display the packet loss rate, retransmission rate, RTT, or number of dropped packets on the right.”
  await ticks.getByLabel('RTT').uncheck();
  await page.click('#health-confirm');
  await page.waitForURL((url) => !url.searchParams.getAll('figure').includes('rttMs'));
  await page.locator('#chart-bandwidth canvas').waitFor();
  expect(await page.locator('#chart-rttMs').count()).toBe(0);
  const now = Date.now();
  await go(`/flows/${id}/health?from=${now - 86_400_000}&to=${now}`);
  await page.getByText('A range is shorter than 24 hours.').first().waitFor();
}
