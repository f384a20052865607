/** One process for each relay, one server for each folder: what would be a second one, with real processes. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlowView, House } from '../kit/house.ts';
import { relayLog, relayPid, startRelay } from '../kit/processes.ts';
import { openStage, type Stage } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

let stage: Stage;
let house: House;
let flow: FlowView;

beforeAll(async () => {
  stage = await openStage();
  house = stage.house;
  const link = { protocol: 'srt', latencyMs: 120 };
  const input = { ...link, name: 'Camera' };
  const { id } = await house.created('/flows', { name: 'Fence', regionId: 'europe', maxBitrate: 10_000_000, input });
  const primary = { host: '127.0.0.1', port: 9 };
  const output = { ...link, name: 'Studio', regionId: 'europe', destinations: { primary } };
  await house.created(`/flows/${id}/outputs`, output);
  await house.api('POST', `/flows/${id}/start`);
  flow = await house.flow(id);
});
afterAll(() => stage.close());

const untilRunning = (): Promise<FlowView> =>
  until('the flow runs', async () => {
    const seen = await house.flow(flow.id).catch(() => undefined);
    return seen?.state === 'running' && seen.input.status.primary.condition === 'listening' && seen;
  });

describe('a second process of a relay', () => {
  it('ends by itself, and the first one goes on', async () => {
    const first = relayPid(house, 'europe-1');
    const before = await untilRunning();
    const second = await startRelay(house, 'europe-1');
    expect(await second.ended).toBe(75);
    expect(relayLog(house, 'europe-1').some((line) => line.includes('another process of this relay'))).toBe(true);
    expect(relayPid(house, 'europe-1')).toBe(first);
    expect((await untilRunning()).input.status.primary.since).toBe(before.input.status.primary.since);
  });

  it('started by a server that had lost the first one’s number gives way, and the first one is adopted', async () => {
    const first = relayPid(house, 'europe-1');
    const before = await untilRunning();
    const server = house.serverPid();
    process.kill(server, 'SIGKILL');
    rmSync(join(house.data, 'relays/europe-1/pid'));
    await until('a new server', () => {
      const pid = house.serverPid();
      return pid !== server && pid !== 0;
    });
    expect((await untilRunning()).input.status.primary.since).toBe(before.input.status.primary.since);
    expect(relayPid(house, 'europe-1')).toBe(first);
  });
});

describe('a server whose folder another one takes', () => {
  it('ends, is not started again, and leaves its relays running', async () => {
    const relays = ['europe-1', 'europe-2'].map((relayId) => relayPid(house, relayId));
    rmSync(join(house.data, 'server.pid'));
    writeFileSync(join(house.data, 'server.pid'), '4194304');
    await until('the server has ended', () => house.words().includes('another server has taken the data folder'));
    expect(await house.ended()).toBe(2);
    expect(relays.map((pid) => process.kill(pid, 0))).toEqual([true, true]);
    for (const pid of relays) process.kill(pid, 'SIGTERM');
  });
});
