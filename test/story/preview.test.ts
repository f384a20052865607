/** The confidence monitor: what an encoder pushes is seen and heard in the page, and costs nothing when it is closed. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../kit/free-ports.ts';
import { PASSWORD } from '../kit/house.ts';
import { run } from '../kit/program.ts';
import { openStage, type Stage } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

let stage: Stage;
let browser: Browser;
beforeAll(async () => {
  stage = await openStage();
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], timeout: 60_000 });
});
afterEach(() => stage.clear());
afterAll(async () => {
  await browser.close();
  await stage.close();
});

/** A moving picture and a tone of -21 dBFS on the left alone. */
const PICTURE = ['-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25'];
const TONE = ['-re', '-f', 'lavfi', '-i', 'aevalsrc=0.09*sin(880*PI*t)|0:s=48000'];
const CODECS = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
const outOf = {
  srt: ['-f', 'mpegts'],
  rtmp: ['-f', 'flv'],
} as const;

/** A running flow with one input that is pushed to. */
async function pushTo(protocol: 'srt' | 'rtmp', codecs: readonly string[] = CODECS): Promise<string> {
  const { house } = stage;
  const [port = 0] = await freePorts(1);
  const input = { protocol, name: 'Camera' };
  const { id } = await house.created('/flows', {
    name: `Seen ${protocol}`,
    regionId: 'europe',
    maxBitrate: 10_000_000,
    input,
  });
  const destinations = { primary: { host: '127.0.0.1', port } };
  await house.created(`/flows/${id}/outputs`, { protocol: 'srt', name: 'Out', regionId: 'europe', destinations });
  await house.api('POST', `/flows/${id}/start`);
  const flow = await house.flow(id);
  const { addresses } = flow.input;
  const url = protocol === 'srt' ? `${addresses.primary}?transtype=live&pkt_size=1316` : await publishUrl(id);
  await stage.keep(run('ffmpeg', ['-loglevel', 'error', ...PICTURE, ...TONE, ...codecs, ...outOf[protocol], url]));
  await until('media at the input', async () => (await house.flow(id)).input.status.primary.state === 'connected');
  return id;
}

/** As a person would put it together: the address and the key that the page shows. */
async function publishUrl(flowId: string): Promise<string> {
  const page = await openInput(flowId);
  const address = await page.textContent('#input-primary-address');
  const key = await page.textContent('#input-primary-key');
  await page.close();
  return `${address}/${key}`;
}

async function openInput(flowId: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${stage.house.url}/login?next=${encodeURIComponent(`/flows/${flowId}/input`)}`);
  await page.fill('#password', PASSWORD);
  await page.press('#password', 'Enter');
  await page.waitForSelector('#preview-primary');
  return page;
}

const VIDEO = "document.querySelector('#preview-primary video')";
const timeOf = async (page: Page): Promise<number> => Number(await page.evaluate(`${VIDEO}.currentTime`));
/** The picture as the sum of each 16th of its pixels: another one for another frame. */
const pictureOf = (page: Page): Promise<unknown> =>
  page.evaluate(`(() => { const video = ${VIDEO}; const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const context = canvas.getContext('2d'); context.drawImage(video, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0; for (let at = 0; at < data.length; at += 64) sum = (sum * 31 + data[at]) % 1000003;
    return video.videoWidth + 'x' + video.videoHeight + ' ' + sum; })()`);
const levelOf = async (page: Page, side: number): Promise<number> =>
  Number(await page.evaluate(`document.querySelectorAll('#preview-primary meter')[${side}].value`));
const statusOf = (page: Page): Promise<string | null> => page.textContent('#preview-primary .preview-status');

describe('a preview', () => {
  it.each(['srt', 'rtmp'] as const)('shows moving pictures and sound levels of an %s input', async (protocol) => {
    const flowId = await pushTo(protocol);
    const page = await openInput(flowId);
    await page.click('#preview-primary-open');
    await expect.poll(() => timeOf(page), { timeout: 15_000 }).toBeGreaterThan(0.5);
    const [time, picture] = [await timeOf(page), await pictureOf(page)];
    expect(picture).toMatch(/^320x180 /);
    await expect.poll(() => timeOf(page), { timeout: 10_000 }).toBeGreaterThan(time + 1);
    expect(await pictureOf(page)).not.toBe(picture);
    expect(await statusOf(page)).toMatch(/^Live: H\.264, 320×180, 25 fps; AAC$/);
    await expect.poll(() => levelOf(page, 0), { timeout: 5000 }).toBeGreaterThan(-24);
    expect(await levelOf(page, 0)).toBeLessThan(-18);
    expect(await levelOf(page, 1)).toBe(-60);
    if (process.env['SHOTS'])
      await page.screenshot({ path: `${process.env['SHOTS']}/preview-${protocol}.png`, fullPage: true });

    await page.click('#preview-primary [data-stop]');
    await until('the server has let it go', () => count('preview ended') === count('preview began'));
    // Once more: what was stopped can be looked at again.
    await page.click('#preview-primary-open');
    await expect.poll(() => timeOf(page), { timeout: 15_000 }).toBeGreaterThan(0.5);
    await page.close();
    await until('a closed page costs nothing', () => count('preview ended') === count('preview began'));
  });

  it('says that it ended when the flow is stopped, and what is missing when nothing arrives', async () => {
    const flowId = await pushTo('srt');
    const page = await openInput(flowId);
    await page.click('#preview-primary-open');
    await expect.poll(() => timeOf(page), { timeout: 15_000 }).toBeGreaterThan(0.5);
    await stage.house.api('POST', `/flows/${flowId}/stop`);
    await expect.poll(() => statusOf(page), { timeout: 10_000 }).toMatch(/ended|interrupted/);
    await page.click('#preview-primary-open');
    await expect.poll(() => statusOf(page)).toContain('No media arrives at this input now');
    await page.close();
  });

  it.each([
    ['MPEG-2', ['-c:v', 'mpeg2video', '-b:v', '1M', '-c:a', 'mp2']],
    ['HEVC', ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-g', '25', '-c:a', 'aac']],
  ])('says that it cannot play %s where the browser cannot, and the flow goes on', async (_name, codecs) => {
    const flowId = await pushTo('srt', codecs);
    const page = await openInput(flowId);
    await page.click('#preview-primary-open');
    await expect.poll(() => statusOf(page), { timeout: 15_000 }).toMatch(/cannot play the codec/);
    expect((await stage.house.flow(flowId)).input.status.primary.state).toBe('connected');
    await page.close();
  });
});

/** How often a line of the server's log was written. */
const count = (what: string): number => stage.house.words().split(`"${what}"`).length - 1;
