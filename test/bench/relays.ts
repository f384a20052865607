/** The relays that are compared: ours, as its own process with a small server to tell it what to do, and srt-live-transmit. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { Link } from '../../relay/contract/link.ts';
import type { Apply, PipelinePlan } from '../../relay/contract/messages.ts';
import { LINK } from './shape.ts';

export interface RunningRelay {
  readonly pids: readonly number[];
  end(): Promise<void>;
}

/** Pairs of an input port and the ports that its stream goes to. */
export type Routes = readonly { readonly from: number; readonly to: readonly number[] }[];

/** One relay process with one flow a route. */
export const startOurs = (routes: Routes): Promise<RunningRelay> => startRelay(routes.map(toPlan));

/** One relay process with one flow a plan. */
export async function startRelay(plans: readonly PipelinePlan[]): Promise<RunningRelay> {
  const folder = mkdtempSync(join(tmpdir(), 'streamlink-bench-'));
  writeFileSync(join(folder, 'token'), 'bench');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = addressOf(server);
  writeFileSync(join(folder, 'door'), `ws://127.0.0.1:${port}`);
  const applied = new Promise<void>((resolve, reject) => {
    server.once('connection', (socket) => {
      const wire = { send: (text: string) => socket.send(text), close: () => socket.close() };
      // After the answer to hello, as the real server does it.
      const hello = (): void => void setImmediate(() => void applyAll(link, plans).then(resolve, reject));
      const link: Link = new Link(wire, { hello, report: () => {}, events: () => {} });
      socket.on('message', (data: Buffer) => link.receive(data.toString()));
      setInterval(() => socket.ping(), 2000).unref();
    });
  });
  const env = {
    STREAMLINK_RELAY_ID: 'bench',
    STREAMLINK_RELAY_DIR: folder,
    STREAMLINK_SERVER_FILE: join(folder, 'door'),
  };
  const child = spawn(process.execPath, ['dist/relay/main.js', 'bench'], { env, stdio: 'inherit' });
  await applied;
  return {
    pids: [child.pid ?? 0],
    end: async () => {
      await endAll([child]);
      server.close();
      for (const client of server.clients) client.terminate();
      rmSync(folder, { recursive: true });
    },
  };
}

async function applyAll(link: Link, plans: readonly PipelinePlan[]): Promise<void> {
  for (const [index, plan] of plans.entries()) {
    const wish: Apply = { flowId: `flow-${index}`, revision: 1, plans: [plan] };
    await link.request('apply', wish, 5000);
  }
}

const toPlan = ({ from, to }: Routes[number]): PipelinePlan => ({
  pipeline: 'primary',
  maxBitrate: LINK.maxBitrate,
  sourceId: 'input',
  source: { protocol: 'srt', host: '127.0.0.1', port: from, latencyMs: LINK.latencyMs, allowlist: ['127.0.0.1/32'] },
  sinks: to.map((port, index) => ({
    id: `out-${index}`,
    protocol: 'srt',
    host: '127.0.0.1',
    port,
    latencyMs: LINK.latencyMs,
  })),
});

/** One process a route, which is how it is used; it cannot send to two places. */
export async function startSrtLiveTransmit(routes: Routes): Promise<RunningRelay> {
  const children = routes.map(({ from, to: [to = 0] }) =>
    spawn(
      'srt-live-transmit',
      ['-q', `srt://127.0.0.1:${from}?mode=listener&latency=120`, `srt://127.0.0.1:${to}?mode=caller&latency=120`],
      { stdio: 'ignore' },
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return { pids: children.map(({ pid }) => pid ?? 0), end: () => endAll(children) };
}

async function endAll(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) child.kill('SIGTERM');
  const late = setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), 3000);
  await Promise.all(children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit')));
  clearTimeout(late);
}

function addressOf(server: WebSocketServer): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The bench server has no port.');
  return address;
}
