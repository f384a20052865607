/** What the guide's stories share: a reader with a screen, who is logged in, and an eye for what keeps others out. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { z } from 'zod';
import { freePorts } from './free-ports.ts';
import { type House, PASSWORD } from './house.ts';

/** The screens that stories are read on: each size and each scheme at least once. */
export const screens = {
  'a desktop, light': { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  'a telephone, dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
  'a desktop, dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  'a telephone, light': { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
} as const satisfies Record<string, BrowserContextOptions>;
export type Screen = keyof typeof screens;

/** A page on that screen, of somebody who has logged in, in the zone that is named. */
export async function openConsole(
  browser: Browser,
  house: House,
  screen: Screen,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ ...screens[screen], timezoneId: 'Asia/Shanghai', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(house.url);
  await page.fill('#password', PASSWORD);
  await page.click('#log-in');
  await page.waitForSelector('#log-out');
  return page;
}

export interface FlowPlan {
  readonly name: string;
  readonly allowlist?: readonly string[];
  /** Destinations on this host, primary and perhaps backup; none: a flow without an output. */
  readonly ports?: readonly number[];
}

/** A flow of SRT to SRT, made over the API. */
export async function makeFlow(house: House, { name, allowlist, ports }: FlowPlan): Promise<string> {
  const input = { protocol: 'srt', name: 'Camera', ...(allowlist && { allowlist }) };
  const { id } = await house.created('/flows', { name, regionId: 'europe', maxBitrate: 10_000_000, input });
  if (!ports) return id;
  const [primary, backup] = ports.map((port) => ({ host: '127.0.0.1', port }));
  const destinations = { primary, ...(backup && { backup }) };
  await house.created(`/flows/${id}/outputs`, { protocol: 'srt', name: 'Studio', regionId: 'europe', destinations });
  return id;
}

/** A flow with an output to which nobody listens. */
export const makeFlowWithOutput = async (house: House, name: string): Promise<string> =>
  makeFlow(house, { name, ports: await freePorts(2) });

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const violationsSchema = z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) }));
const rules = "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }";

/** What axe-core finds on the page: by WCAG 2.2 AA and its own good practice. The page's policy lets no inline script in, so it comes by the debugger. */
export async function violationsOn(page: Page): Promise<readonly string[]> {
  await page.evaluate(`${axe}; undefined`);
  const found = violationsSchema.parse(await page.evaluate(`axe.run(${rules}).then(({ violations }) => violations)`));
  return found.map(({ id, nodes }) => `${new URL(page.url()).pathname}: ${id}: ${nodes[0]?.html ?? ''}`);
}

/** By how many px the page is wider than the screen. */
export const overflowOf = (page: Page): Promise<unknown> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
