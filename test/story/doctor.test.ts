/** What the console says, in one sentence, while a real encoder calls with a wrong passphrase, and when it is mended. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../kit/house.ts';
import { freePorts } from '../kit/free-ports.ts';
import { pushWithFfmpeg, tryToPush } from '../kit/peers.ts';
import { inputPorts, openStage, type Stage } from '../kit/stage.ts';

const KEY = 'the-right-passphrase';

let stage: Stage;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], timeout: 60_000 });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(20_000);
});
afterAll(async () => {
  await browser.close();
  await stage.clear();
  await stage.close();
});

describe('the connection doctor', () => {
  it('names the encoder that calls with a wrong passphrase, on every tab and as it happens, and falls silent when it is mended', async () => {
    const { house } = stage;
    const [studio = 0] = await freePorts(1);
    const draft = { name: 'Camera 1', protocol: 'srt', allowlist: ['127.0.0.0/8'] };
    const encryption = { passphrase: KEY, keyLength: 256 };
    const flow = await house.created('/flows', {
      ...{ name: 'Match', regionId: 'europe', maxBitrate: 20_000_000 },
      input: { ...draft, encryption },
    });
    const destinations = { primary: { host: '127.0.0.1', port: studio } };
    await house.created(`/flows/${flow.id}/outputs`, {
      name: 'Studio',
      regionId: 'europe',
      protocol: 'srt',
      destinations,
    });
    await house.api('POST', `/flows/${flow.id}/start`);
    const [primary] = inputPorts(await house.flow(flow.id));

    await logIn(`${house.url}/flows/${flow.id}/input`);
    const doctor = page.locator('#doctor');
    const stranger = await stage.keep(tryToPush({ port: primary, passphrase: 'not-the-passphrase' }));
    await stranger.ended;
    const sentence =
      /An encoder at 127\.0\.0\.1 is calling with a wrong passphrase; last try \d+ s ago\. Compare the key on the encoder with the one set here\./;
    await doctor.filter({ hasText: sentence }).waitFor();
    await page.locator('#live-input-primary .doctor').filter({ hasText: sentence }).waitFor();
    await page.goto(`${house.url}/flows/${flow.id}/log`);
    await doctor.filter({ hasText: sentence }).waitFor();

    await page.goto(`${house.url}/flows/${flow.id}/input`);
    await stage.keep(pushWithFfmpeg([{ port: primary, passphrase: KEY }], stage.file('sent.ts'), 25));
    await page.locator('#live-input-primary').getByText('Media is arriving.').waitFor();
    await page.locator('#live-input-primary .doctor').waitFor({ state: 'detached' });
    expect(await page.getByText('wrong passphrase; last try').count()).toBe(0);
    await doctor.filter({ hasText: `No connection to 127.0.0.1:${studio}` }).waitFor();
  });
});

async function logIn(url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(url);
}
