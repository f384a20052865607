/** Disks that are full, databases that are locked or damaged: media goes on, and nothing is replaced in silence. */
import { execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { startFlowOf } from '../kit/flow-kit.ts';
import { freePorts } from '../kit/free-ports.ts';
import type { FlowView, House } from '../kit/house.ts';
import { measured, msSince } from '../kit/measured.ts';
import { pushWithFfmpeg, receive } from '../kit/peers.ts';
import type { Program } from '../kit/program.ts';
import { expectWhole, inputPorts, openStage, type Stage, untilFlowing } from '../kit/stage.ts';
import { until } from '../kit/until.ts';

let stage: Stage;
let house: House;

async function open(env: Readonly<Record<string, string>> = {}): Promise<void> {
  stage = await openStage(env);
  house = stage.house;
}
afterEach(async () => {
  await stage.clear();
  await stage.close();
});

/** A flow to a receiver's file, and an encoder that pushes for `seconds`. */
async function runFlow(seconds: number): Promise<{ flow: FlowView; encoder: Program; startedAt: number }> {
  const [port = 0] = await freePorts(1);
  const outputs = [{ name: 'out', protocol: 'srt', destination: { host: '127.0.0.1', port } }] as const;
  const flow = await startFlowOf(house, { name: 'Storage', protocol: 'srt', outputs });
  const startedAt = Date.now();
  await stage.keep(receive(port, stage.file('out.ts')));
  const encoder = await stage.keep(pushWithFfmpeg([{ port: inputPorts(flow)[0] }], stage.file('sent.ts'), seconds));
  await untilFlowing(house, flow.id);
  return { flow, encoder, startedAt };
}

async function expectWholeStream(encoder: Program): Promise<void> {
  await encoder.ended;
  await expectWhole(stage.file('out.ts'), stage.file('sent.ts'));
}

const rename = ({ id }: FlowView, name: string) => house.api('PATCH', `/flows/${id}`, { name });

describe('a full disk', () => {
  it.skipIf(process.getuid?.() !== 0)(
    'costs no media; a change is refused and not half done, and is taken when there is room, without a restart',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'streamlink-full-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]);
      onTestFinished(() => {
        execFileSync('umount', ['-l', folder]);
        rmSync(folder, { recursive: true, force: true });
      });
      await open({ STREAMLINK_DATA: folder });
      const { flow, encoder } = await runFlow(15);
      const pid = readFileSync(join(folder, 'server.pid'), 'utf8');
      const ballast = join(folder, 'ballast');
      fillUp(ballast);
      const refused = await until('a change is refused', async () => {
        fillUp(ballast);
        const answer = await rename(flow, `Name ${Math.random()}`);
        return answer.status !== 200 && answer;
      });
      expect(refused.status).toBe(507);
      expect((await house.flow(flow.id)).state).toBe('running');
      rmSync(ballast);
      const start = performance.now();
      await until('a change is taken', async () => (await rename(flow, 'Room again')).status === 200);
      measured('full disk: changes taken again', `${msSince(start)} ms after there was room`);
      expect(readFileSync(join(folder, 'server.pid'), 'utf8')).toBe(pid);
      await expectWholeStream(encoder);
    },
  );
});

describe('a database that another program has locked', () => {
  it('costs no media; the console is there again by itself', async () => {
    await open();
    const { flow, encoder } = await runFlow(14);
    const other = createClient({ url: `file:${join(house.data, 'streamlink.db')}` });
    const transaction = await other.transaction('write');
    const locked = rename(flow, 'Locked').catch(() => undefined);
    await locked;
    transaction.close();
    other.close();
    const start = performance.now();
    await until('a change is taken', async () => {
      const answer = await rename(flow, 'Free again').catch(() => undefined);
      return answer?.status === 200;
    });
    measured('locked database: changes taken again', `${msSince(start)} ms after it was free`);
    await until('the flow is shown', async () => (await house.flow(flow.id)).state === 'running');
    await expectWholeStream(encoder);
  });
});

describe('a database that is damaged', () => {
  it('is left as it is: the server says so and does not start, media goes on, and the backup helps', async () => {
    await open();
    const { flow, encoder, startedAt } = await runFlow(30);
    const file = join(house.data, 'streamlink.db');
    await until('a backup that knows the flow', () => (changedAt(`${file}.backup`) ?? 0) > startedAt, 20);
    const server = house.serverPid();
    await house.killStart();
    process.kill(server, 'SIGKILL');
    damage(file);
    const damaged = readFileSync(file);
    await expect(house.startAgain()).rejects.toThrow(/is damaged .* flows that run go on running/s);
    expect(await house.ended()).toBe(2);
    expect(readFileSync(file).equals(damaged)).toBe(true);
    copyFileSync(`${file}.backup`, file);
    await house.startAgain();
    await until('the flow is shown', async () => (await house.flow(flow.id)).state === 'running');
    await expectWholeStream(encoder);
  });
});

const changedAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

/** Writes until there is no room for one byte more. */
function fillUp(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (const size of [65_536, 4096, 1]) fillBy(file, Buffer.alloc(size, 1));
  } finally {
    closeSync(file);
  }
}

function fillBy(file: number, piece: Buffer): void {
  try {
    while (writeSync(file, piece) === piece.length);
  } catch {
    // No room for a piece of this size.
  }
}

/** Its first page, and its log, by which it would otherwise heal. */
function damage(path: string): void {
  for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, 0);
  closeSync(file);
}
