/** `npm run bench:console`: a real server with many live flows, and a browser that watches them; its memory, and the server's CPU. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { freePorts } from '../kit/free-ports.ts';

const { values } = parseArgs({
  options: { flows: { type: 'string', default: '500' }, minutes: { type: 'string', default: '2' } },
});
const FLOWS = Number(values.flows);
const MINUTES = Number(values.minutes);
const PASSWORD = 'a bench password';
const KEY = { id: 'bench-key', secret: 'bench-key-secret-0123' };
const SAMPLE_MS = 10_000;
const CALM_MS = 30_000;
const MIB = 2 ** 20;
/** USER_HZ of Linux: the unit of utime and stime in /proc. */
const TICKS_A_SECOND = 100;
const regionIds = ['east-china', 'asia', 'hk-mo-tw', 'us-west', 'europe'];

const root = process.cwd();
const house = mkdtempSync(join(tmpdir(), 'streamlink-bench-console-'));

/** The package as it is built, but with relays that move no media. */
function layPackage(): void {
  mkdirSync(join(house, 'dist/relay'), { recursive: true });
  for (const name of ['dist/server', 'dist/db', 'dist/web', 'db', 'node_modules', 'package.json'])
    symlinkSync(join(root, name), join(house, name));
  symlinkSync(join(root, 'dist/test/bench/console-relay.js'), join(house, 'dist/relay/main.js'));
}

const [port = 0] = await freePorts(1);
const url = `http://127.0.0.1:${port}`;

async function api(method: string, path: string, body?: unknown): Promise<{ id: string }> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Basic ${btoa(`${KEY.id}:${KEY.secret}`)}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return z.object({ id: z.string() }).parse(JSON.parse(text));
}

/** Nine of ten run, each with an input and one to three outputs in its own region. */
async function makeFlow(n: number): Promise<void> {
  const regionId = regionIds[n % regionIds.length];
  const link = { protocol: 'srt', latencyMs: 120, description: '' };
  const { id } = await api('POST', '/flows', {
    name: `Channel ${n + 1}`,
    regionId,
    maxBitrate: 20_000_000,
    input: { ...link, name: `Encoder ${n + 1}`, allowlist: ['0.0.0.0/0'] },
  });
  for (let at = 0; at <= n % 3; at++)
    await api('POST', `/flows/${id}/outputs`, {
      ...link,
      name: `Studio ${at + 1}`,
      regionId,
      destinations: {
        primary: { host: '198.51.100.1', port: 5000 + n * 6 + at * 2 },
        backup: { host: '198.51.100.2', port: 5001 + n * 6 + at * 2 },
      },
    });
  if (n % 10 !== 9) await api('POST', `/flows/${id}/start`);
}

/** Seconds of CPU that a process has used so far, and its memory in bytes. */
function usedBy(pid: number): { cpu: number; memory: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND, memory: Number(kib) * 1024 };
}

async function cpuWhile(pid: number, work: () => Promise<unknown>): Promise<number> {
  const [before, began] = [usedBy(pid).cpu, performance.now()];
  await work();
  return (usedBy(pid).cpu - before) / ((performance.now() - began) / 1000);
}

interface Sample {
  readonly minutes: number;
  readonly heap: number;
  readonly nodes: number;
}

async function sample(cdp: CDPSession, began: number): Promise<Sample> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return { minutes: (performance.now() - began) / 60_000, heap: of('JSHeapUsedSize'), nodes: of('Nodes') };
}

/** Least squares: how much of `value` comes with each minute. */
function slope(samples: readonly Sample[], value: (one: Sample) => number): number {
  const mean = (of: (one: Sample) => number): number => samples.reduce((sum, it) => sum + of(it), 0) / samples.length;
  const [x, y] = [mean(({ minutes }) => minutes), mean(value)];
  const over = samples.reduce((sum, it) => sum + (it.minutes - x) * (value(it) - y), 0);
  return over / samples.reduce((sum, it) => sum + (it.minutes - x) ** 2, 0);
}

async function logIn(page: Page): Promise<void> {
  await page.goto(`${url}/login`);
  await page.fill('#password', PASSWORD);
  await page.press('#password', 'Enter');
  await page.waitForSelector('#log-out');
}

async function watch(pid: number): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const cdp = await page.context().newCDPSession(page);
    let [bytes, messages] = [0, 0];
    await cdp.send('Network.enable');
    await cdp.send('Performance.enable');
    cdp.on('Network.webSocketFrameReceived', ({ response }) => {
      bytes += response.payloadData.length;
      messages++;
    });
    await logIn(page);
    await page.goto(`${url}/?sort=state`);
    await page.waitForSelector('#live[data-line="open"]', { state: 'attached' });
    const rates = () => page.locator('.flow-rate strong').allInnerTexts();
    const first = await rates();
    const began = performance.now();
    const samples: Sample[] = [];
    const cpu = await cpuWhile(pid, async () => {
      while (performance.now() - began < MINUTES * 60_000) {
        await sleep(SAMPLE_MS);
        samples.push(await sample(cdp, began));
      }
    });
    const seconds = (performance.now() - began) / 1000;
    const last = await rates();
    if (first.join() === last.join()) throw new Error('Nothing moved: the page was not live.');
    const settled = samples.filter(({ minutes }) => minutes > MINUTES / 10);
    const heaps = settled.map(({ heap }) => heap / MIB);
    console.log(`rows on the page: ${await page.locator('.strips > li').count()}`);
    console.log(
      `server, one list open: ${(cpu * 100).toFixed(1)} % of a core, ${(usedBy(pid).memory / MIB).toFixed(0)} MiB`,
    );
    console.log(
      `to the page: ${(bytes / seconds / 1000).toFixed(1)} kB/s in ${(messages / seconds).toFixed(2)} messages/s`,
    );
    console.log(`JS heap after collection: ${Math.min(...heaps).toFixed(2)} to ${Math.max(...heaps).toFixed(2)} MiB`);
    console.log(
      `  first ${heaps[0]?.toFixed(2)}, last ${heaps.at(-1)?.toFixed(2)} MiB, ${(slope(settled, ({ heap }) => heap) / 1024).toFixed(1)} KiB a minute`,
    );
    console.log(
      `DOM nodes: first ${settled[0]?.nodes}, last ${settled.at(-1)?.nodes}, ${slope(settled, ({ nodes }) => nodes).toFixed(1)} a minute`,
    );
  } finally {
    await browser.close();
  }
}

layPackage();
const server = spawn(process.execPath, ['--enable-source-maps', 'dist/server/main.js'], {
  cwd: house,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    STREAMLINK_HOST: '127.0.0.1',
    STREAMLINK_PORT: String(port),
    STREAMLINK_DATA: join(house, 'data'),
    STREAMLINK_PUBLIC_HOST: '127.0.0.1',
    STREAMLINK_PORT_RANGE: '40000-48999',
    STREAMLINK_ADMIN_PASSWORD: PASSWORD,
    STREAMLINK_SECRET_ID: KEY.id,
    STREAMLINK_SECRET_KEY: KEY.secret,
  },
});
try {
  const { pid } = server;
  if (pid === undefined) throw new Error('The server did not start.');
  for (let n = 0; n < 200 && !(await fetch(`${url}/readyz`).catch(() => undefined))?.ok; n++) await sleep(100);
  const made = performance.now();
  for (let n = 0; n < FLOWS; n += 8)
    await Promise.all(Array.from({ length: Math.min(8, FLOWS - n) }, (_, at) => makeFlow(n + at)));
  console.log(`${FLOWS} flows made in ${((performance.now() - made) / 1000).toFixed(0)} s; watched for ${MINUTES} min`);
  const calm = await cpuWhile(pid, () => sleep(CALM_MS));
  console.log(
    `server, no page open: ${(calm * 100).toFixed(1)} % of a core, ${(usedBy(pid).memory / MIB).toFixed(0)} MiB`,
  );
  await watch(pid);
} finally {
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
  rmSync(house, { recursive: true, force: true });
}
