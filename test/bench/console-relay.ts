/** A relay that says all that a relay says and moves no media: its ends are well, but for some that come and go. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EndpointHealth } from '../../relay/contract/health.ts';
import { type Apply, applySchema, type EndpointStatus, type PipelinePlan } from '../../relay/contract/messages.ts';
import { HealthBuffer } from '../../relay/health-buffer.ts';
import { ServerLink } from '../../relay/server-link.ts';

const SECOND_MS = 1000;
/** One end of so many is down, and each for so many seconds in turn. */
const DOWN_OF = 50;
const DOWN_SECONDS = 20;

const {
  STREAMLINK_RELAY_ID: relayId = '',
  STREAMLINK_RELAY_DIR: folder = '',
  STREAMLINK_SERVER_FILE: urlFile = '',
} = process.env;
const boot = randomUUID();
const startedAt = Date.now();
const wishes = new Map<string, Apply>();
const health = new HealthBuffer();
let seq = 0;

const applied = () => [...wishes.values()].map(({ flowId, revision }) => ({ flowId, revision }));

const server = new ServerLink({
  urlFile,
  token: readFileSync(join(folder, 'token'), 'utf8').trim(),
  hello: () => ({ relayId, boot, pid: process.pid, applied: applied() }),
  serves: {
    apply: (body) => {
      const wish = applySchema.parse(body);
      if (wish.plans.length > 0) wishes.set(wish.flowId, wish);
      else wishes.delete(wish.flowId);
    },
  },
  log: () => {},
});

/** Moves a little each second, as a stream does. */
const bitrateAt = (flowId: string, second: number): number => {
  const own = Number.parseInt(flowId.slice(-4), 16);
  return Math.round(4e6 + (own % 8000) * 1000 + 3e5 * Math.sin(second / 7 + own));
};

const isDown = (place: string, second: number): boolean => {
  const own = Number.parseInt(place.slice(-5).replace(/[^0-9a-f]/g, '') || '0', 16);
  return (own + Math.floor(second / DOWN_SECONDS)) % DOWN_OF === 0;
};

function endsOf(flowId: string, plan: PipelinePlan, second: number): EndpointStatus[] {
  const { pipeline } = plan;
  const bitrate = bitrateAt(flowId, second);
  const common = { flowId, pipeline, since: startedAt, packets: second, dropped: 0, lost: 0, over: false };
  const isLost = isDown(flowId + (pipeline === 'primary' ? '1' : '2'), second);
  const source: EndpointStatus = isLost
    ? { ...common, id: plan.sourceId, role: 'source', state: 'waiting', condition: 'listening', bitrate: 0 }
    : { ...common, id: plan.sourceId, role: 'source', state: 'connected', condition: 'flowing', bitrate };
  return [
    source,
    ...plan.sinks.map(({ id }): EndpointStatus => {
      const sink = { ...common, id, role: 'sink' } as const;
      if (isLost) return { ...sink, state: 'waiting', condition: 'no-input', bitrate: 0 };
      if (isDown(id, second)) return { ...sink, state: 'waiting', condition: 'backing-off', bitrate: 0 };
      return { ...sink, state: 'connected', condition: 'flowing', bitrate };
    }),
  ];
}

const toHealth = ({ flowId, pipeline, id, bitrate }: EndpointStatus): EndpointHealth => ({
  flowId,
  pipeline,
  id,
  values: { bitrate, rttMs: 23, lossRatio: 0 },
  tracks: [],
});

function tick(): void {
  const second = Math.floor(Date.now() / SECOND_MS);
  const endpoints = [...wishes.values()].flatMap(({ flowId, plans }) =>
    plans.flatMap((plan) => endsOf(flowId, plan, second)),
  );
  server.publish('report', { at: Date.now(), applied: applied(), endpoints });
  health.add({
    seq: seq++,
    at: second * SECOND_MS,
    endpoints: endpoints.filter(({ state }) => state === 'connected').map(toHealth),
  });
  if (server.isJoined) void health.flush((seconds) => server.request('health', { boot, seconds }));
}

setInterval(tick, SECOND_MS);
process.on('SIGTERM', () => process.exit(0));
