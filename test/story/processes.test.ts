/** Processes that are killed: the server under ten flows, a relay under three protocols, and all of them at once. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeClips } from '../kit/clips.ts';
import { countContinuity } from '../kit/continuity.ts';
import { pushTarget, startFlowOf } from '../kit/flow-kit.ts';
import { freePorts } from '../kit/free-ports.ts';
import type { FlowView, House } from '../kit/house.ts';
import { measured, msSince } from '../kit/measured.ts';
import { pushWithFfmpeg, receive, sizeOf } from '../kit/peers.ts';
import { relayPid, untilReplaced } from '../kit/processes.ts';
import { pushForEver, type Receiver, receiveForEver, type Redialler } from '../kit/redialler.ts';
import { expectWhole, inputPorts, openStage, type Stage, untilFlowing } from '../kit/stage.ts';
import { openUdpEar, type UdpEar } from '../kit/udp-ear.ts';
import { until } from '../kit/until.ts';

let stage: Stage;
let house: House;
const host = '127.0.0.1';
let encoders: Redialler[] = [];
let ears: UdpEar[] = [];

beforeEach(async () => {
  stage = await openStage();
  house = stage.house;
});
afterEach(async () => {
  await Promise.all([...encoders, ...ears].map((it) => ('end' in it ? it.end() : it.close())));
  encoders = [];
  ears = [];
  await stage.clear();
  await stage.close();
});

/** A running flow from SRT to a receiver that writes to `file(name)`. */
async function srtFlow(name: string): Promise<FlowView> {
  const [port = 0] = await freePorts(1);
  const outputs = [{ name, protocol: 'srt', destination: { host, port } }] as const;
  const flow = await startFlowOf(house, { name, protocol: 'srt', outputs });
  await stage.keep(receive(port, stage.file(`${name}.ts`)));
  return flow;
}

/** The same with both pipelines; somebody starts the primary's receiver again whenever it ends. */
async function srtPair(): Promise<{ flow: FlowView; primary: Receiver }> {
  const [port = 0, second = 0] = await freePorts(2);
  const output = { name: 'srt', protocol: 'srt', destination: { host, port }, backup: { host, port: second } } as const;
  const flow = await startFlowOf(house, { name: 'srt', protocol: 'srt', outputs: [output] });
  const primary = receiveForEver(port, stage.file('srt-p'));
  encoders.push(primary);
  await stage.keep(receive(second, stage.file('srt-b.ts')));
  return { flow, primary };
}

/** A running flow to RTP, whose datagrams are heard here. */
async function heardFlow(protocol: 'rtmp' | 'rtp'): Promise<{ flow: FlowView; ear: UdpEar }> {
  const ear = await openUdpEar();
  ears.push(ear);
  const destination = { host, port: ear.port };
  const outputs = [{ name: protocol, protocol: 'rtp', destination }] as const;
  return { flow: await startFlowOf(house, { name: protocol, protocol, outputs }), ear };
}

/** Ms between the last datagram before `at` (epoch) and the first after it. */
function gapAt({ datagrams }: UdpEar, at: number): number {
  const before = datagrams.findLast((it) => it.at <= at)?.at ?? at;
  const after = datagrams.find((it) => it.at > at + 50)?.at ?? Number.POSITIVE_INFINITY;
  return Math.round(after - before);
}

const seriesSchema = z.object({
  columns: z.array(z.object({ values: z.array(z.number().nullable()) })),
});

describe('the server, killed under ten flows', () => {
  it('costs no packet at any receiver, and the seconds without it are in the health afterwards', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `flow-${index}`);
    const flows: FlowView[] = [];
    for (const name of names) flows.push(await srtFlow(name));
    const targets = flows.map((flow) => ({ port: inputPorts(flow)[0] }));
    const encoder = await stage.keep(pushWithFfmpeg(targets, stage.file('sent.ts'), 20));
    const before = await Promise.all(flows.map(({ id }) => untilFlowing(house, id)));
    const former = house.serverPid();
    const pid = relayPid(house, 'europe-1');
    const [killedAt, start] = [Date.now(), performance.now()];
    process.kill(former, 'SIGKILL');
    await until('a new server', () => ![former, 0].includes(house.serverPid()));
    const bornAfter = msSince(start);
    const after = await Promise.all(
      flows.map(({ id }) =>
        until('the flow is shown again', async () => {
          const seen = await house.flow(id).catch(() => undefined);
          return seen?.outputs[0]?.status.primary.state === 'connected' && seen.state === 'running' && seen;
        }),
      ),
    );
    const adoptedAfter = msSince(start);
    const adoptedAt = Date.now();
    measured(
      'server killed: relays adopted',
      `${adoptedAfter - bornAfter} ms after its start, ${adoptedAfter} after the kill`,
    );
    expect(relayPid(house, 'europe-1')).toBe(pid);
    expect(after.map(sinceOf)).toEqual(before.map(sinceOf));
    await encoder.ended;
    let packets = 0;
    for (const name of names) packets += (await expectWhole(stage.file(`${name}.ts`), stage.file('sent.ts'))).packets;
    measured('server killed: packets lost', `0 of ${packets} at 10 receivers`);
    for (const { id } of flows) await untilKnown(id, killedAt, adoptedAt);
  });

  const sinceOf = ({ outputs }: FlowView): number | undefined => outputs[0]?.status.primary.since;

  /** The health of each whole second between the two is there. */
  const untilKnown = (id: string, from: number, to: number): Promise<true> =>
    until('health without a gap', async () => {
      const range = { from: String(Math.ceil(from / 1000) * 1000), to: String(Math.floor(to / 1000) * 1000) };
      const query = new URLSearchParams({ pipeline: 'primary', endpoint: 'input', fields: 'bitrate', ...range });
      const { body } = await house.api('GET', `/flows/${id}/health?${query.toString()}`);
      const { columns } = seriesSchema.parse(body);
      const bitrate = columns[0]?.values ?? [];
      return bitrate.length > 0 && bitrate.every((value) => (value ?? 0) > 0);
    });
});

describe('a relay, killed under SRT, RTMP and RTP', () => {
  it('is there again within a second with its media; the other pipeline loses nothing', async () => {
    const { ts } = makeClips(stage.file(''), { seconds: 20 });
    const { flow: srt, primary } = await srtPair();
    const [rtmp, rtp] = [await heardFlow('rtmp'), await heardFlow('rtp')];
    for (const flow of [rtmp.flow, rtp.flow, srt]) encoders.push(pushForEver(ts, pushTarget(flow)));
    const backup = [{ port: inputPorts(srt)[1] }];
    const other = await stage.keep(pushWithFfmpeg(backup, stage.file('sent.ts'), 20));
    for (const { id } of [srt, rtmp.flow, rtp.flow]) await untilFlowing(house, id);
    await until('media at the other pipeline', () => sizeOf(stage.file('srt-b.ts')) > 200_000);
    const former = relayPid(house, 'europe-1');
    const joined = joinsOf('europe-1');
    const [at, start] = [Date.now(), performance.now()];
    const size = primary.bytes();
    process.kill(former, 'SIGKILL');
    await untilReplaced(house, 'europe-1', former);
    await until('the relay says hello', () => joinsOf('europe-1') > joined);
    const answersAfter = msSince(start);
    for (const { ear } of [rtp, rtmp]) await until('media again', () => gapAt(ear, at) < Number.POSITIVE_INFINITY);
    await until('SRT media again', () => primary.bytes() > size + 100_000, 30);
    const srtAfter = msSince(start);
    const [rtpGap, rtmpGap] = [gapAt(rtp.ear, at), gapAt(rtmp.ear, at)];
    measured(
      'relay killed',
      `answers after ${answersAfter} ms; gap RTP ${rtpGap}, RTMP ${rtmpGap}, SRT ${srtAfter} ms`,
    );
    expect(answersAfter).toBeLessThan(3000);
    await other.ended;
    await expectWhole(stage.file('srt-b.ts'), stage.file('sent.ts'));
  });

  const joinsOf = (relayId: string): number =>
    house
      .words()
      .split('\n')
      .filter((line) => line.includes('"relay joined"') && line.includes(relayId)).length;
});

describe('everything, killed at once and started again', () => {
  it('runs the flows that ran, at the same addresses, and leaves the others stopped', async () => {
    const [flow, stopped] = [await srtFlow('runs'), await srtFlow('stopped')];
    await house.api('POST', `/flows/${stopped.id}/stop`);
    const { ts } = makeClips(stage.file(''), { seconds: 20 });
    encoders = [pushForEver(ts, pushTarget(flow))];
    await untilFlowing(house, flow.id);
    const pids = [house.serverPid(), relayPid(house, 'europe-1'), relayPid(house, 'europe-2')];
    await house.killStart();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    const start = performance.now();
    await house.startAgain();
    const shown = await until('the flow runs', async () => {
      const seen = await house.flow(flow.id);
      return seen.state === 'running' && seen.input.status.primary.state === 'connected' && seen;
    });
    measured('everything killed: media again', `${msSince(start)} ms after npm start`);
    expect(shown.input.addresses).toEqual(flow.input.addresses);
    expect((await house.flow(stopped.id)).state).toBe('idle');
  });
});

describe('a house that is asked to stop', () => {
  it('drains within 10 s: encoder and receiver learn of it at once', async () => {
    const flow = await srtFlow('drain');
    const encoder = await stage.keep(pushWithFfmpeg([{ port: inputPorts(flow)[0] }], stage.file('sent.ts'), 60));
    await untilFlowing(house, flow.id);
    const pid = relayPid(house, 'europe-1');
    const start = performance.now();
    house.signal('SIGTERM');
    expect(await house.ended()).toBe(0);
    measured('asked to stop: drained', `${msSince(start)} ms`);
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    await until('the encoder has learnt of it', () => encoder.words().includes('Slave muxer #0 failed'), 3);
    expect(countContinuity(readFileSync(stage.file('drain.ts'))).errors).toBe(0);
  });

  it('ends at once at the second signal, though a relay does not answer the first', async () => {
    await srtFlow('second');
    const pid = relayPid(house, 'europe-1');
    process.kill(pid, 'SIGSTOP');
    house.signal('SIGTERM');
    // Signals within 200 ms are one wish; the server says first that it leaves.
    const first = performance.now();
    await until('it is leaving', () => house.words().includes('"leaving"') && msSince(first) > 300);
    const start = performance.now();
    house.signal('SIGTERM');
    await house.ended();
    measured('asked to stop twice', `${msSince(start)} ms after the second signal`);
    expect(msSince(start)).toBeLessThan(5000);
    process.kill(pid, 'SIGKILL');
  });
});
