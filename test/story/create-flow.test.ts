/** Section 2 of the guide, by a person who never read it: the page leads, and the line that it shows is run as it stands. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClips } from '../kit/clips.ts';
import { freePorts } from '../kit/free-ports.ts';
import { PASSWORD } from '../kit/house.ts';
import { tryToPush } from '../kit/peers.ts';
import { run } from '../kit/program.ts';
import { inputPorts, openStage, type Stage } from '../kit/stage.ts';

const KEY_PLACE = 'YOUR_KEY';

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

describe('a flow that is created by hand', () => {
  it('says why a wrong key is refused, and "Your stream is here" once the shown line is run', async () => {
    const { house } = stage;
    const key = await createFlow();
    await page.click('#setup-output');
    const [port = 0] = await freePorts(1);
    await page.fill('#name', 'Studio');
    await page.fill('#destinations-primary-host', '127.0.0.1');
    await page.fill('#destinations-primary-port', String(port));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForURL(/\/output$/);
    await page.click('#tab-input');
    await page.click('#setup-start');
    await page.waitForSelector('#live-setup >> text=Nobody has called yet.');

    const flowId = new URL(page.url()).pathname.split('/')[2] ?? '';
    const [primary] = inputPorts(await house.flow(flowId));
    await stage.keep(tryToPush({ port: primary, passphrase: 'the-wrong-key-here' }));
    await page.waitForSelector('#live-setup >> text=Refused: wrong passphrase');

    await page.click('#push-primary-ffmpeg-part > summary');
    const line = await page.innerText('#push-primary-ffmpeg');
    const { ts: clip } = makeClips(stage.file('.'), { seconds: 60 });
    const [program = '', ...args] = wordsOf(line.replace(KEY_PLACE, key).replace('clip.ts', clip));
    await stage.keep(run(program, args));
    await page.waitForSelector('#live-setup >> text=Your stream is here.');
    await page.waitForSelector('#live-setup >> text=/Video H\\.264.* \\d+×\\d+, \\d+\\.\\d\\d frames\\/s/');
    expect(await page.innerText('#live-setup')).toContain('Nothing arrives at the backup input.');
  });
});

/** With a key that the page makes, which is seen now and never again. */
async function createFlow(): Promise<string> {
  await page.goto(stage.house.url);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('link', { name: 'Create flow' }).first().click();
  await page.getByLabel('Europe').check();
  await page.getByLabel('Flow name').fill('Cup final');
  await page.getByLabel('Input name').fill('Camera 1');
  await page.getByLabel('Decryption').check();
  await page.getByRole('button', { name: 'Make a key' }).click();
  const key = await page.getByLabel('Key', { exact: true }).inputValue();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.waitForSelector('#live-setup');
  expect(await page.content()).not.toContain(key);
  return key;
}

/** As a shell would part the line, of which only double quotes are special. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
