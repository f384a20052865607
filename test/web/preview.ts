/** The console with made-up flows in every state, on a free port: for looking at it, and for the screens. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve, upgradeWebSocket } from '@hono/node-server';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import type { EndpointStatus } from '../../relay/contract/messages.ts';
import { createConsole } from '../../server/http/console.tsx';
import { createLiveRenderer } from '../../server/http/console-push.tsx';
import type { HealthDesk } from '../../server/health.ts';
import type { LogDesk } from '../../server/log-desk.ts';
import { createLive } from '../../server/http/live.ts';
import {
  type ConsoleHouse,
  createConsoleHouse,
  endpoint,
  flowDraft,
  outputDraft,
  PASSWORD,
  portOf,
} from '../kit/console-house.ts';
import { emptyHealth } from '../kit/empty-health.ts';
import { memoryLog } from '../kit/memory-log.ts';
import { alarmOf, withAlarmScene } from './alarm-scene.ts';

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css',
  js: 'text/javascript',
  svg: 'image/svg+xml',
};

export interface Preview {
  readonly url: string;
  readonly password: string;
  readonly house: ConsoleHouse;
  close(): Promise<void>;
}

/** `staticFolder` holds the browser files as the build makes them. */
export async function startPreview(
  staticFolder: string,
  health: HealthDesk = emptyHealth,
  log: LogDesk = memoryLog(),
): Promise<Preview> {
  const house = withAlarmScene(createConsoleHouse());
  const common = { ...house, health, log, secureCookies: false };
  const live = createLive({
    ...common,
    renderer: createLiveRenderer({ ...house, health }),
    upgrade: upgradeWebSocket,
    onError: (error) => console.error(error),
    now: Date.now,
  });
  const app = new Hono();
  app.get('/static/:name', (c) => {
    const name = c.req.param('name');
    const type = TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain';
    return c.body(readFileSync(join(staticFolder, name)), 200, { 'Content-Type': type });
  });
  app.route('/', live.routes);
  app.route('/', createConsole({ ...common, addressOf: () => '::1', version: 'preview' }));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 65_536 });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, websocket: { server: sockets } });
  await new Promise((resolve) => server.once('listening', resolve));
  const port = portOf(server);
  return {
    url: `http://127.0.0.1:${port}`,
    password: PASSWORD,
    house,
    close: async () => {
      live.close();
      sockets.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Scene {
  readonly onAir: string;
  readonly partial: string;
  readonly failing: string;
  readonly lost: string;
  readonly idle: string;
  readonly bare: string;
  readonly failover: string;
  readonly rtp: string;
}

/** Flows in every state that an operator may meet. Returns their ids. */
export async function setScene(house: ConsoleHouse): Promise<Scene> {
  const { flows } = house;
  const onAir = await flows.create({
    ...flowDraft('Evening news, main feed'),
    input: {
      ...flowDraft('').input,
      name: 'OB van 3',
      description: 'H.264 1080p50, contribution',
      allowlist: ['203.0.113.0/24', '198.51.100.16/28'],
      encryption: { passphrase: 'not for your eyes', keyLength: 256 },
    },
  });
  const studio = await flows.addOutput(onAir.id, both(outputDraft('Studio Frankfurt', 7001), 7002));
  const archive = await flows.addOutput(onAir.id, { ...outputDraft('Archive', 7003), regionId: 'west-us' });
  await flows.start(onAir.id);
  const sink = { role: 'sink', rttMs: 148.2, bitrate: 8_012_000 } as const;
  house.report(onAir.id, {
    endpoints: [
      source(onAir.id, { keyLength: 256 }),
      source(onAir.id, { pipeline: 'backup', keyLength: 256, bitrate: 7_990_000, rttMs: 31.7 }),
      endpoint(onAir.id, { ...sink, id: studio.id, peer: { address: '203.0.113.7', port: 7001 } }),
      endpoint(onAir.id, { ...sink, id: studio.id, pipeline: 'backup', peer: { address: '203.0.113.7', port: 7002 } }),
      endpoint(onAir.id, { ...sink, id: archive.id, peer: { address: '203.0.113.7', port: 7003 }, lost: 12 }),
    ],
  });

  const partial = await flows.create({ ...flowDraft('Stadium north'), regionId: 'europe' });
  const club = await flows.addOutput(partial.id, both(outputDraft('Club channel', 7011), 7012));
  await flows.start(partial.id);
  house.report(partial.id, {
    endpoints: [
      source(partial.id, { bitrate: 20_400_000, over: true, dropped: 3120 }),
      source(partial.id, {
        pipeline: 'backup',
        state: 'waiting',
        condition: 'listening',
        peer: undefined,
        incident: { code: 'passphrase-wrong', at: Date.now() - 60_000, peer: { address: '198.51.100.9', port: 40112 } },
      }),
      endpoint(partial.id, { ...sink, id: club.id, bitrate: 19_800_000 }),
      endpoint(partial.id, { ...sink, id: club.id, pipeline: 'backup', state: 'waiting', condition: 'no-input' }),
    ],
  });

  const failing = await flows.create({ ...flowDraft('Press conference'), regionId: 'europe' });
  const agency = await flows.addOutput(failing.id, both(outputDraft('Agency Paris', 7021), 7022));
  await flows.start(failing.id);
  house.report(failing.id, {
    endpoints: [
      source(failing.id),
      source(failing.id, { pipeline: 'backup', condition: 'stalled', bitrate: 0 }),
      endpoint(failing.id, {
        ...sink,
        id: agency.id,
        state: 'waiting',
        condition: 'backing-off',
        retryAt: Date.now() + 8000,
        incident: { code: 'no-answer', at: Date.now() - 4000, peer: { address: '203.0.113.7', port: 7021 } },
      }),
      endpoint(failing.id, { ...sink, id: agency.id, pipeline: 'backup', condition: 'unacknowledged', bitrate: 0 }),
    ],
  });

  const lost = await flows.create(flowDraft('Remote interview'));
  const cdn = await flows.addOutput(lost.id, both(outputDraft('CDN ingest', 7031), 7032));
  await flows.start(lost.id);
  house.report(lost.id, {
    relayLost: true,
    endpoints: [source(lost.id), endpoint(lost.id, { ...sink, id: cdn.id, condition: 'flowing' })],
  });

  const idle = await flows.create({ ...flowDraft('Sunday mass'), regionId: 'asia', maxBitrate: 10_000_000 });
  await flows.addOutput(idle.id, outputDraft('Parish', 7041));
  const bare = await flows.create({ ...flowDraft('New venue'), regionId: 'asia' });
  house.firing.push(
    alarmOf(failing),
    alarmOf(failing, {
      id: 'down',
      kind: 'output-down',
      pipeline: 'primary',
      endpointId: agency.id,
      endpointName: agency.name,
    }),
    alarmOf(partial, {
      id: 'over',
      kind: 'over-bandwidth',
      value: 20_400_000,
      threshold: 20_000_000,
      acknowledgedAt: Date.now(),
      acknowledgedBy: 'console',
    }),
  );
  return {
    onAir: onAir.id,
    partial: partial.id,
    failing: failing.id,
    lost: lost.id,
    idle: idle.id,
    bare: bare.id,
    failover: await setFailover(house),
    rtp: await setRtp(house),
  };
}

/** By RTMP, on the backup input since the primary was lost, to a platform that is slow. */
async function setFailover(house: ConsoleHouse): Promise<string> {
  const { flows } = house;
  const { id } = await flows.create({
    ...flowDraft('City marathon'),
    input: {
      name: 'Motorbike 2',
      description: '',
      allowlist: ['0.0.0.0/0'],
      protocol: 'rtmp',
      failover: { preferred: 'primary', autoReturn: false },
    },
  });
  const platform = await flows.addOutput(id, {
    name: 'Video platform',
    regionId: 'west-us',
    description: '',
    protocol: 'rtmp',
    destinations: {
      primary: { url: 'rtmps://a.live.example.com/app', streamKey: 'not for your eyes' },
      backup: { url: 'rtmps://b.live.example.com/app', streamKey: 'nor this' },
    },
  });
  await flows.start(id);
  const plain = { latencyMs: undefined, rttMs: undefined, keyLength: undefined };
  const gone = { state: 'waiting', condition: 'listening', bitrate: 0 } as const;
  const sink = { role: 'sink', id: platform.id, ...plain, peer: { address: 'a.live.example.com', port: 443 } } as const;
  house.report(id, {
    endpoints: [
      endpoint(id, { ...plain, ...gone, live: false, incident: { code: 'connection-lost', at: Date.now() - 9000 } }),
      source(id, { ...plain, pipeline: 'backup', live: true }),
      endpoint(id, { id: 'cross', live: true }),
      endpoint(id, { id: 'cross', pipeline: 'backup', ...gone, live: false }),
      endpoint(id, { ...sink, queueMs: 340, dropped: 51 }),
      endpoint(id, { ...sink, pipeline: 'backup', queueMs: 0 }),
    ],
  });
  const event = { flowId: id, pipeline: 'primary', endpoint: 'input' } as const;
  house.happen({ ...event, at: Date.now() - 60_000, code: 'over-bandwidth', facts: { bitrate: 21.4e6, limit: 20e6 } });
  house.happen({ ...event, at: Date.now() - 50_000, code: 'bandwidth-ok', facts: { bitrate: 8e6, limit: 20e6 } });
  house.happen({
    ...event,
    at: Date.now() - 9000,
    code: 'failover',
    facts: { to: 'backup', cause: 'input-lost', gapMs: 512 },
  });
  house.happen({
    ...event,
    at: Date.now() - 3000,
    endpoint: platform.id,
    code: 'dropped-to-slow-peer',
    facts: { dropped: 51 },
  });
  return id;
}

/** By RTP to a multicast group and an SRT receiver. */
async function setRtp(house: ConsoleHouse): Promise<string> {
  const { flows } = house;
  const input = {
    name: 'Head end',
    description: '',
    allowlist: ['10.0.0.0/8'],
    protocol: 'rtp' as const,
    bareTs: false,
  };
  const { id } = await flows.create({ ...flowDraft('Parliament'), input });
  const group = await flows.addOutput(id, {
    name: 'House network',
    regionId: 'west-us',
    description: '',
    protocol: 'rtp',
    ttl: 4,
    bareTs: false,
    destinations: { primary: { host: '239.10.0.1', port: 5004 } },
  });
  await flows.start(id);
  const plain = { latencyMs: undefined, rttMs: undefined, keyLength: undefined };
  house.report(id, {
    endpoints: [
      source(id, { ...plain, lost: 3 }),
      endpoint(id, { ...plain, pipeline: 'backup', state: 'waiting', condition: 'listening' }),
      endpoint(id, { ...plain, role: 'sink', id: group.id, peer: { address: '239.10.0.1', port: 5004 } }),
    ],
  });
  return id;
}

const source = (flowId: string, changes: Partial<EndpointStatus> = {}): EndpointStatus =>
  endpoint(flowId, { peer: { address: '203.0.113.50', port: 51_822 }, ...changes });

const both = (draft: ReturnType<typeof outputDraft>, port: number) => ({
  ...draft,
  destinations: { ...draft.destinations, backup: { host: '203.0.113.7', port } },
});
