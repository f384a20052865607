/** The pages of the guide for every reader: by axe-core, without scripts, and in Chinese. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../kit/free-ports.ts';
import {
  makeFlow,
  makeFlowWithOutput,
  openConsole,
  overflowOf,
  type Screen,
  screens,
  violationsOn,
} from '../kit/guide-tour.ts';
import { pushWithFfmpeg, receive } from '../kit/peers.ts';
import { takePictures } from '../kit/pictures.ts';
import { inputPorts, openStage, type Stage } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

let stage: Stage;
let browser: Browser;
/** One that runs and is pushed to, and one that is idle and has an output. */
let onAir: string;
let idle: string;

beforeAll(async () => {
  stage = await openStage();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], timeout: 60_000 });
  const ports = await freePorts(2);
  onAir = await makeFlow(stage.house, { name: 'Sailing', ports });
  for (const port of ports) await stage.keep(receive(port, stage.file(`${port}.ts`)));
  idle = await makeFlowWithOutput(stage.house, 'Rowing');
  await stage.house.api('POST', `/flows/${onAir}/start`);
  const targets = inputPorts(await stage.house.flow(onAir)).map((port) => ({ port }));
  await stage.keep(pushWithFfmpeg(targets, stage.file('sent.ts'), 110));
  await until('media', async () => (await stage.house.flow(onAir)).input.status.primary.state === 'connected');
});
afterAll(async () => {
  await browser.close();
  await stage.clear();
  await stage.close();
});

const outputOf = async (flowId: string): Promise<string> => (await stage.house.flow(flowId)).outputs[0]?.id ?? '';

const allPages = async (): Promise<readonly string[]> => [
  '/',
  '/flows/new',
  ...[onAir, idle].flatMap((id) => ['', '/input', '/output', '/log', '/health'].map((tab) => `/flows/${id}${tab}`)),
  `/flows/${onAir}/stop`,
  `/flows/${onAir}/input/edit`,
  `/flows/${idle}/edit`,
  `/flows/${idle}/input/edit`,
  `/flows/${idle}/delete`,
  `/flows/${idle}/output/new`,
  `/flows/${idle}/output/${await outputOf(idle)}/edit`,
  `/flows/${idle}/output/${await outputOf(idle)}/delete`,
  '/flows/nothing-here',
];

describe.each(Object.keys(screens).filter((name): name is Screen => name in screens))('on %s', (screen) => {
  it('axe-core finds no violation on any page, and none is wider than the screen', async () => {
    const page = await openConsole(browser, stage.house, screen);
    const found: string[] = [];
    for (const path of await allPages()) {
      await page.goto(stage.house.url + path);
      await page.waitForSelector('html.js', { state: 'attached' });
      found.push(...(await violationsOn(page)));
      if ((await overflowOf(page)) !== 0) found.push(`${path} is too wide`);
    }
    await page.goto(`${stage.house.url}/flows/${onAir}/output`);
    await page.click('#stop-flow');
    await page.waitForSelector('dialog[open]');
    found.push(...(await violationsOn(page)));
    await page.click('#confirm-cancel');
    await page.click('#log-out');
    await page.waitForSelector('#log-in');
    found.push(...(await violationsOn(page)));
    expect(found).toEqual([]);
    await page.context().close();
  });
});

/** What docs/screens shows is what this story sees: `npm run screens` takes its pictures anew. */
it.runIf(process.env.SCREENS)('pictures are taken of the pages', async () => {
  await takePictures(browser, stage.house, { onAir, idle }, process.env.SCREENS ?? '');
});

describe('without scripts', () => {
  it('lists, creates, starts and stops a flow, and shows each of its tabs', async () => {
    const { house } = stage;
    const page = await openConsole(browser, house, 'a telephone, light', { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Create flow' }).first().click();
    await page.getByLabel('Europe', { exact: true }).check();
    await page.fill('#name', 'Rugby');
    await page.getByLabel('10 Mbps').check();
    await page.fill('#input-name', 'Van');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'Rugby' }).waitFor();
    const [, , id = ''] = new URL(page.url()).pathname.split('/');
    await page.click('#tab-output');
    await page.click('#create-output');
    await page.fill('#name', 'Studio');
    await page.selectOption('#regionId', 'europe');
    await page.fill('#destinations-primary-host', '127.0.0.1');
    await page.fill('#destinations-primary-port', '7001');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('127.0.0.1:7001').first().waitFor();
    for (const tab of ['information', 'input', 'output', 'log', 'health']) {
      await page.click(`#tab-${tab}`);
      await page.waitForSelector(`#panel-${tab}`);
    }
    await page.click('#tab-information');
    await page.click('#start-flow');
    await until('it runs', async () => (await house.flow(id)).state === 'running');
    await page.goto(`${house.url}/flows/${id}`);
    await page.click('#stop-flow');
    await page.click('#confirm-yes');
    await until('it is idle', async () => (await house.flow(id)).state === 'idle');
    await page.goto(house.url);
    expect(await page.getByRole('link', { name: 'Rugby' }).count()).toBe(1);
    await page.context().close();
  });
});

/** Names and addresses are not ours to translate; three English words in a row are a sentence. */
const ENGLISH = /\b[A-Za-z][a-z]+,? [a-z]{2,},? [a-z]{2,}\b/;

async function englishOn(page: Page): Promise<readonly string[]> {
  const text = await page.locator('body').innerText();
  return text
    .split('\n')
    .filter((line) => ENGLISH.test(line))
    .map((line) => `${new URL(page.url()).pathname}: ${line}`);
}

describe('in Chinese', () => {
  it('no page says an English sentence, nor do scripts or what is pushed', async () => {
    const page = await openConsole(browser, stage.house, 'a desktop, light', { locale: 'zh-CN' });
    const found: string[] = [];
    for (const path of await allPages()) {
      await page.goto(stage.house.url + path);
      await page.waitForSelector('html.js', { state: 'attached' });
      found.push(...(await englishOn(page)));
    }
    await page.goto(`${stage.house.url}/flows/${onAir}/output`);
    await page.getByText('媒体数据已送达并得到确认。').first().waitFor();
    await stage.house.api('POST', `/flows/${onAir}/stop`);
    await page.getByText('空闲').first().waitFor();
    found.push(...(await englishOn(page)));
    await page.click('#log-out');
    await page.waitForSelector('#log-in');
    found.push(...(await englishOn(page)));
    expect(found).toEqual([]);
    await page.context().close();
  });
});
