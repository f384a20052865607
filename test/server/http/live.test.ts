import { once } from 'node:events';
import { serve, upgradeWebSocket } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createLiveRenderer } from '../../../server/http/console-push.tsx';
import { createLive, type Live } from '../../../server/http/live.ts';
import {
  type ConsoleHouse,
  createConsoleHouse,
  endpoint,
  flowDraft,
  outputDraft,
  PASSWORD,
  portOf,
  TOKEN,
} from '../../kit/console-house.ts';
import { logEvent } from '../../kit/history.ts';
import { memoryLog } from '../../kit/memory-log.ts';
import type { LogDesk } from '../../../server/log-desk.ts';
import { emptyHealth } from '../../kit/empty-health.ts';

let house: ConsoleHouse;
let live: Live;
let log: LogDesk;
let wss: WebSocketServer;
let server: ReturnType<typeof serve>;
let host: string;
let skippedMs = 0;

/** A fault that nobody waits for: vitest tells it as an unhandled rejection. */
const fail = (error: unknown): never => {
  throw error;
};

beforeEach(async () => {
  skippedMs = 0;
  house = createConsoleHouse();
  await house.sessions.login(PASSWORD, 'setup');
  log = memoryLog();
  live = createLive({
    ...house,
    log,
    secureCookies: false,
    renderer: createLiveRenderer({ ...house, health: emptyHealth }),
    upgrade: upgradeWebSocket,
    onError: fail,
    now: () => Date.now() + skippedMs,
    beatMs: 50,
  });
  wss = new WebSocketServer({ noServer: true });
  const app = new Hono().route('/', live.routes);
  server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, websocket: { server: wss } });
  await once(server, 'listening');
  host = `127.0.0.1:${portOf(server)}`;
});

afterEach(async () => {
  live.close();
  for (const ws of wss.clients) ws.terminate();
  await new Promise((resolve) => server.close(resolve));
});

const dial = (path: string, headers: Record<string, string> = {}) =>
  new WebSocket(`ws://${host}${path}`, { headers: { Cookie: `sid=${TOKEN}`, Origin: `http://${host}`, ...headers } });

/** The code with which a socket is closed. */
const closeCodeOf = (ws: WebSocket): Promise<number> => new Promise((resolve) => ws.once('close', resolve));

/** The status with which an upgrade was refused. */
const refusalOf = (ws: WebSocket): Promise<number | undefined> =>
  new Promise((resolve) => ws.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode)));

/** The first message that contains `part`. */
const hear = (ws: WebSocket, part: string): Promise<string> =>
  new Promise((resolve) =>
    ws.on('message', (data: Buffer) => {
      const message = data.toString();
      if (message.includes(part)) resolve(message);
    }),
  );

/** A list that has seen nothing of this flow; resolves when it has been told of it. */
async function openList(flowId: string): Promise<WebSocket> {
  const ws = dial('/live/flows');
  await once(ws, 'open');
  const heard = hear(ws, `hx-target="#flow-${flowId}"`);
  ws.send(`show-list \n${flowId} nothing`);
  await heard;
  return ws;
}

async function runningFlow() {
  const { id } = await house.flows.create(flowDraft('News'));
  const output = await house.flows.addOutput(id, outputDraft('Studio', 7001));
  await house.flows.start(id);
  house.report(id, { endpoints: [endpoint(id), endpoint(id, { role: 'sink', id: output.id })] });
  return { id, output };
}

describe('the live socket', () => {
  it.each([
    ['of a page of another site', { Origin: 'https://evil.example' }, 403],
    ['of no page at all', { Origin: 'null' }, 403],
    ['without a session', { Cookie: 'sid=guess' }, 401],
  ])('%s is refused before the upgrade', async (_what, headers, status) => {
    expect(await refusalOf(dial('/live/flows', headers))).toBe(status);
  });

  it('beats, so that a browser knows that the line is alive', async () => {
    expect(JSON.parse(await hear(dial('/live/flows'), 'beat'))).toEqual({ beat: true });
  });

  it('sends the ends of a flow as fragments that name their place', async () => {
    const { id, output } = await runningFlow();
    const heard = await hear(dial(`/live/flows/${id}?seen=old`), 'hx-partial');
    expect(heard).toContain('<hx-partial hx-target="#flow-head" hx-swap="outerMorph">');
    expect(heard).toContain('<hx-partial hx-target="#panel-input" hx-swap="outerMorph">');
    expect(heard).toContain(`id="live-${output.id}-primary"`);
  });

  it('brings the log to a page that asks to follow it, and to no other', async () => {
    const { id } = await runningFlow();
    const [follower, other, rude] = [1, 2, 3].map(() => dial(`/live/flows/${id}?seen=old`));
    if (!follower || !other || !rude) throw new Error('There are three.');
    const heardByOther: string[] = [];
    for (const ws of [other, rude]) ws.on('message', (data: Buffer) => heardByOther.push(data.toString()));
    await Promise.all([follower, other, rude].map((ws) => hear(ws, 'hx-partial')));
    for (const rubbish of ['follow-log', '{"follow":1}', `follow-log ${'x'.repeat(5000)}`]) rude.send(rubbish);
    follower.send('follow-log last=900');
    expect(await hear(follower, '#log-list')).toContain('Nothing happened in this range.');
    await log.append([
      logEvent({ flowId: id, at: Date.now(), name: '<Camera>', code: 'refused', facts: { cause: 'passphrase-wrong' } }),
    ]);
    expect(await hear(follower, 'Refused')).toMatch(/&lt;Camera&gt;[^]*wrong passphrase/);
    expect(heardByOther.join()).not.toContain('log-list');
    expect(rude.readyState).toBe(WebSocket.OPEN);
  });

  it('brings what happened to media', async () => {
    const { id } = await runningFlow();
    const ws = dial(`/live/flows/${id}?seen=old`);
    await hear(ws, 'hx-partial');
    house.happen({
      at: 1,
      flowId: id,
      pipeline: 'primary',
      endpoint: 'input',
      code: 'track-dropped',
      facts: { codec: 'AC-3', pid: 258, reason: 'unsupported' },
    });
    house.tell(id);
    expect(await hear(ws, 'hx-target="#events"')).toContain('AC-3 on PID 258 cannot go to RTMP and is left out.');
  });

  it('tells a change as soon as the relay does', async () => {
    const { id } = await runningFlow();
    const ws = await openList(id);
    house.report(id, { endpoints: [endpoint(id, { condition: 'stalled' })] });
    house.tell(id);
    const strip = await hear(ws, `hx-target="#flow-${id}"`);
    expect(strip).toContain(`<div id="flow-${id}" class="strip unknown"`);
  });

  it('is closed for good once its session has ended', async () => {
    const { id } = await runningFlow();
    const ws = await openList(id);
    house.endSessions();
    skippedMs = 61_000;
    expect(await closeCodeOf(ws)).toBe(1008);
  });

  it('is cut when the browser does not keep up', async () => {
    const { id } = await runningFlow();
    const ws = await openList(id);
    const [peer] = wss.clients;
    vi.spyOn(peer ?? ws, 'bufferedAmount', 'get').mockReturnValue(2 * 1024 * 1024);
    house.tell(id);
    expect(await closeCodeOf(ws)).toBe(1006);
  });

  it('is sent away with a code that brings it back when the server stops', async () => {
    const { id } = await runningFlow();
    const ws = await openList(id);
    live.close();
    expect(await closeCodeOf(ws)).toBe(1001);
  });
});
