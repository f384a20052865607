/** The wall clock of server and relay jumps by hours, either way, under a running flow: libfaketime moves it. */
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFlowOf } from '../kit/flow-kit.ts';
import { freePorts } from '../kit/free-ports.ts';
import type { FlowView, House } from '../kit/house.ts';
import { measured } from '../kit/measured.ts';
import { must } from '../kit/must.ts';
import { pushWithFfmpeg, receive } from '../kit/peers.ts';
import { relayLog, relayPid, startRelay } from '../kit/processes.ts';
import { expectWhole, inputPorts, openStage, type Stage, untilFlowing } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

const HOUR_MS = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'streamlink-clock-'));
const file = join(folder, 'offset');
/** Moves only the wall clock; timers go by the monotonic one. */
const moved = {
  LD_PRELOAD: library(),
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
};

/** Debian has a folder for each kind of processor. */
function library(): string {
  const found = readdirSync('/usr/lib').map((name) => `/usr/lib/${name}/faketime/libfaketime.so.1`);
  return must(
    found.find((path) => existsSync(path)),
    'libfaketime',
  );
}

let stage: Stage;
let house: House;
let offset = 0;

function move(hours: number): void {
  offset = hours * HOUR_MS;
  writeFileSync(`${file}.new`, `${hours < 0 ? '' : '+'}${offset / 1000}\n`);
  renameSync(`${file}.new`, file);
}

beforeAll(async () => {
  move(0);
  stage = await openStage(moved);
  house = stage.house;
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The server gives its relays no environment of ours: one with the moved clock takes the place of the one it started. */
async function replaceRelay(relayId: string): Promise<number> {
  const server = house.serverPid();
  process.kill(server, 'SIGSTOP');
  process.kill(relayPid(house, relayId), 'SIGKILL');
  const relay = await stage.keep(startRelay(house, relayId, moved));
  await until('it has started', () => relayLog(house, relayId).some((line) => line.includes(`"pid":${relay.pid},`)));
  process.kill(server, 'SIGCONT');
  await until('it is adopted', () => relayPid(house, relayId) === relay.pid);
  return relay.pid;
}

/** How long the input has been in its state, by the clock as it is moved. */
const ageOf = ({ input }: FlowView): number => Date.now() + offset - (input.status.primary.since ?? 0);

describe('a clock that jumps an hour back, then three hours ahead', () => {
  it('ends no session, loses no packet, and makes no duration negative or hours long', async () => {
    const [port = 0] = await freePorts(1);
    const outputs = [{ name: 'out', protocol: 'srt', destination: { host: '127.0.0.1', port } }] as const;
    const flow = await startFlowOf(house, { name: 'Clock', protocol: 'srt', outputs });
    const pid = await replaceRelay('europe-1');
    await stage.keep(receive(port, stage.file('out.ts')));
    const encoder = await stage.keep(pushWithFfmpeg([{ port: inputPorts(flow)[0] }], stage.file('sent.ts'), 24));
    await untilFlowing(house, flow.id);
    const ages: number[] = [];
    for (const hours of [-1, 2, 0]) {
      move(hours);
      // It grows by the seconds that pass, and by no hour.
      const least = (ages.at(-1) ?? 0) + 2000;
      const age = await until('the session is two seconds older', async () => {
        const seen = ageOf(await house.flow(flow.id));
        return seen > least && seen < least + 20_000 && seen;
      });
      ages.push(age);
      const { status } = (await house.flow(flow.id)).outputs[0] ?? {};
      expect([status?.primary.state, relayPid(house, 'europe-1')]).toEqual(['connected', pid]);
    }
    measured(
      'clock jumps',
      `session ${ages.map((age) => `${Math.round(age / 1000)} s`).join(', ')} old after -1 h, +3 h, -2 h`,
    );
    await encoder.ended;
    await expectWhole(stage.file('out.ts'), stage.file('sent.ts'));
    expect(relayPid(house, 'europe-1')).toBe(pid);
  });
});
