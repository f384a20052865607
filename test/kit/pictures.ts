/** Pictures of the console for the docs, of a flow that is on air: each page on a desktop, light and dark, and on a telephone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openConsole, type Screen } from './guide-tour.ts';
import type { House } from './house.ts';

const looks = {
  light: 'a desktop, light',
  dark: 'a desktop, dark',
  phone: 'a telephone, light',
} as const satisfies Record<string, Screen>;

/** The parts that come after the page itself are on it. */
const isWhole: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  flows: (page) => page.waitForSelector('#live[data-line="open"]', { state: 'attached' }),
  log: (page) => page.waitForSelector('#log-live[data-following="live"]'),
  health: (page) => page.waitForSelector('#chart-bandwidth canvas'),
};

export async function takePictures(
  browser: Browser,
  house: House,
  { onAir, idle }: { readonly onAir: string; readonly idle: string },
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const paths = {
    flows: '/',
    create: '/flows/new?region=europe',
    information: `/flows/${onAir}`,
    input: `/flows/${onAir}/input`,
    output: `/flows/${onAir}/output`,
    'create-output': `/flows/${idle}/output/new`,
    log: `/flows/${onAir}/log`,
    health: `/flows/${onAir}/health`,
  };
  for (const [look, screen] of Object.entries(looks)) {
    const page = await openConsole(browser, house, screen);
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(house.url + path);
      await isWhole[name]?.(page);
      await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
    }
    await page.context().close();
  }
}
