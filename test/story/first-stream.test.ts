/** The guide from its first page to a live stream: a person with a browser, an encoder, and receivers in two regions. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../kit/free-ports.ts';
import { PASSWORD } from '../kit/house.ts';
import { pushWithFfmpeg, receive, tryToPush } from '../kit/peers.ts';
import { expectWhole, inputPorts, openStage, type Stage } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

const KEY = 'a-key-for-the-studio';
const SECONDS = 32;
/** 30 s of TS at the test picture's rate are some 30,000 packets; far fewer would mean that something was cut. */
const LEAST_PACKETS = 20_000;

let stage: Stage;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], timeout: 60_000 });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(15_000);
});
afterAll(async () => {
  await browser.close();
  await stage.clear();
  await stage.close();
});

describe('the first stream', () => {
  it('crosses both pipelines, to two regions, byte for byte', async () => {
    const { house } = stage;
    const file = (name: string): string => stage.file(name);
    const keep: Stage['keep'] = (program) => stage.keep(program);
    const flowId = await createFlowByHand();
    const [first = 0, second = 0, third = 0, fourth = 0] = await freePorts(4);
    await addOutputByHand('Studio', 'Europe', [first, second]);
    await addOutputByHand('Far studio', 'Asia', [third, fourth]);
    const files = ['near-p', 'near-b', 'far-p', 'far-b'].map((name) => file(`${name}.ts`));
    for (const [index, port] of [first, second, third, fourth].entries()) await keep(receive(port, files[index] ?? ''));
    await page.click('#start-flow');
    await page.getByText('Running', { exact: true }).first().waitFor();

    const [primary, backup] = inputPorts(await house.flow(flowId));
    const stranger = await keep(tryToPush({ port: primary, passphrase: 'the-wrong-key-here' }));
    expect(await stranger.ended).not.toBe(0);
    await page.goto(`${house.url}/flows/${flowId}/input`);
    await page.getByText('wrong passphrase').first().waitFor();
    await untilSinksDialled(flowId);

    const targets = [primary, backup].map((port) => ({ port, passphrase: KEY }));
    const encoder = await keep(pushWithFfmpeg(targets, file('sent.ts'), SECONDS));
    await page.getByText('Media is arriving.').nth(1).waitFor();
    await page.getByText('AES-256').first().waitFor();
    await encoder.ended;
    for (const received of files)
      expect((await expectWhole(received, file('sent.ts'))).packets).toBeGreaterThan(LEAST_PACKETS);
  });

  it('cannot be cut off by a click alone: stopping asks first, and then the flow is idle', async () => {
    await page.goto(stage.house.url);
    await page.getByRole('link', { name: 'Morning show' }).click();
    await page.getByRole('link', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Stop flow' }).click();
    await page.getByText('Idle', { exact: true }).first().waitFor();
  });
});

async function createFlowByHand(): Promise<string> {
  await page.goto(stage.house.url);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('link', { name: 'Create flow' }).first().click();
  await page.getByLabel('Europe').check();
  await page.getByLabel('Flow name').fill('Morning show');
  await page.getByLabel('20 Mbps').check();
  await page.getByLabel('Input name').fill('Camera 1');
  await page.getByLabel('Decryption').check();
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await page.getByLabel('Key length').selectOption('256');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'Morning show' }).waitFor();
  return new URL(page.url()).pathname.split('/')[2] ?? '';
}

async function addOutputByHand(
  name: string,
  region: string,
  [primary, backup]: readonly [number, number],
): Promise<void> {
  await page.click('#tab-output');
  await page.getByRole('link', { name: 'Create output' }).first().click();
  await page.getByLabel('Output name').fill(name);
  await page.getByLabel('Region').selectOption({ label: region });
  await page.getByLabel('IP address or host name').nth(0).fill('127.0.0.1');
  await page.getByLabel('Port').nth(0).fill(String(primary));
  await page.getByLabel('IP address or host name').nth(1).fill('127.0.0.1');
  await page.getByLabel('Port').nth(1).fill(String(backup));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText(name, { exact: true }).first().waitFor();
}

/** Receivers and hops are connected and wait for media: what is pushed from now on has its whole way open. */
const untilSinksDialled = (flowId: string): Promise<boolean> =>
  until('all outputs wait for media', async () => {
    const { outputs } = await stage.house.flow(flowId);
    return outputs.every(({ status }) => [status.primary, status.backup].every((end) => end?.condition === 'no-input'));
  });
