/** Must show 4: failover in both directions, by loss and by order, without a destination noticing more than a gap. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClips } from '../../kit/clips.ts';
import { type Clip, firstPid, pushWith, type WayIn } from '../../kit/encoders.ts';
import { type EventView, eventsOf, pushTarget, startFlowOf, untilReached } from '../../kit/flow-kit.ts';
import { freePorts } from '../../kit/free-ports.ts';
import type { FlowView } from '../../kit/house.ts';
import { continuityErrors, readMedia, stepsOf } from '../../kit/media-judge.ts';
import { openPlatform, type Platform, tagTimes } from '../../kit/platform.ts';
import type { Program } from '../../kit/program.ts';
import { type NginxRtmp, startNginxRtmp } from '../../kit/receivers.ts';
import { receive } from '../../kit/peers.ts';
import { openStage, type Stage } from '../../kit/stage.ts';
import { videoDts } from '../../kit/ts-times.ts';
import { until } from '../../kit/until.ts';

type Side = 'primary' | 'backup';
const FAILOVERS = 10;
const GOP_MS = 1000;
/** relay/failover.ts: this long without media is a loss. */
const LOSS_MS = 500;
/** A look each 100 ms, SRT's 120 ms of latency, and a busy machine. */
const SLACK_MS = 400;
/** PIDs of the two encoders: a failover changes them. */
const VIDEO_PIDS = { primary: 0x100, backup: 0x200 } as const;

let stage: Stage;
let clip: Clip;
let nginx: NginxRtmp;

beforeAll(async () => {
  stage = await openStage();
  clip = makeClips(stage.file('.'), { seconds: 20 });
  const [port = 0] = await freePorts(1);
  nginx = await startNginxRtmp(port, stage.file('nginx'));
  await stage.keep(Promise.resolve(nginx.program));
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
});

/** A flow with both encoders running and three destinations on its primary pipeline. */
class Rig {
  readonly flow: FlowView;
  readonly platform: Platform;
  readonly srt: Program;
  readonly #encoders = new Map<Side, Program>();

  constructor(flow: FlowView, platform: Platform, srt: Program) {
    this.flow = flow;
    this.platform = platform;
    this.srt = srt;
  }

  /** Starts the encoder of one side, in place of the one that was lost. */
  async push(side: Side): Promise<void> {
    await this.#encoders.get(side)?.end('SIGKILL');
    const clock = side === 'primary' ? '0' : '5000';
    const output = ['-output_ts_offset', clock, ...firstPid(this.flow.input.protocol, VIDEO_PIDS[side])];
    const program = pushWith(clip.ts, pushTarget(this.flow, side), { input: ['-stream_loop', '-1'], output });
    this.#encoders.set(side, await stage.keep(program));
    await until(`media at the ${side} input`, async () => {
      const { input } = await stage.house.flow(this.flow.id);
      return input.status[side]?.state === 'connected';
    });
  }

  /** The encoder dies, or hangs with its connection open. Returns when. */
  async lose(side: Side, how: 'dies' | 'hangs'): Promise<number> {
    const encoder = this.#encoders.get(side);
    if (how === 'dies') await encoder?.end('SIGKILL');
    else if (encoder) process.kill(encoder.pid, 'SIGSTOP');
    return Date.now();
  }

  /** Oldest first, as the primary pipeline tells them. */
  async failovers(): Promise<EventView[]> {
    const events = await eventsOf(stage.house, this.flow.id);
    return events.filter(({ code, pipeline }) => code === 'failover' && pipeline === 'primary').toReversed();
  }

  nextFailover(count: number): Promise<EventView> {
    return until(`failover ${count}`, async () => (await this.failovers())[count - 1]);
  }

  /** When the first key frame came that arrived after `at`. */
  keyframeAfter(at: number): Promise<number> {
    const isKey = ({ tag, at: came }: Platform['arrivals'][number]): boolean =>
      came > at && tag.kind === 'video' && tag.keyframe && !tag.sequenceHeader;
    return until('a key frame at the destination', () => this.platform.arrivals.find(isKey)?.at);
  }
}

async function openRig(protocol: WayIn): Promise<Rig> {
  const [port = 0] = await freePorts(1);
  const platform = await openPlatform();
  const srt = await stage.keep(receive(port, stage.file(`${protocol}.ts`)));
  const flow = await startFlowOf(stage.house, {
    name: `failover ${protocol}`,
    protocol,
    input: { failover: { preferred: 'primary', autoReturn: false } },
    outputs: [
      { name: 'platform', protocol: 'rtmp', destination: platform.destination },
      { name: 'nginx', protocol: 'rtmp', destination: nginx.receiver(`failover-${protocol}`).destination },
      { name: 'srt', protocol: 'srt', destination: { host: '127.0.0.1', port } },
    ],
  });
  await untilReached(stage.house, flow.id);
  const rig = new Rig(flow, platform, srt);
  await rig.push('primary');
  await rig.push('backup');
  await rig.keyframeAfter(0);
  return rig;
}

const otherThan = (side: Side): Side => (side === 'primary' ? 'backup' : 'primary');

describe.concurrent('with failover', () => {
  it.each(['srt', 'rtmp', 'rtp'] as const)(
    'ten lost encoders in turn, pushing by %s, are each covered',
    async (protocol) => {
      const rig = await openRig(protocol);
      const table: string[] = [];
      for (let count = 1; count <= FAILOVERS; count++) {
        const lost: Side = count % 2 === 1 ? 'primary' : 'backup';
        const how = count % 4 < 2 ? 'dies' : 'hangs';
        const lostAt = await rig.lose(lost, how);
        const event = await rig.nextFailover(count);
        const entryAt = await rig.keyframeAfter(event.at);
        table.push(
          `${lost} ${how}: seen after ${event.at - lostAt} ms, gap ${event.facts.gapMs}, IDR after ${entryAt - event.at} ms`,
        );
        expect(event).toMatchObject({ endpoint: 'input', facts: { to: otherThan(lost), cause: 'input-lost' } });
        expect(event.facts.gapMs).toBeGreaterThanOrEqual(LOSS_MS);
        expect(event.at - lostAt).toBeLessThanOrEqual(LOSS_MS + SLACK_MS);
        expect(entryAt - event.at).toBeLessThanOrEqual(500 + GOP_MS);
        await rig.push(lost);
      }
      const ordered = await stage.house.api('POST', `/flows/${rig.flow.id}/switch`, { to: 'backup' });
      expect(ordered.status).toBe(200);
      const byOrder = await rig.nextFailover(FAILOVERS + 1);
      expect(byOrder.facts).toMatchObject({ to: 'backup', cause: 'by-operator' });
      await rig.keyframeAfter(byOrder.at);
      const failover = { preferred: 'primary', autoReturn: true };
      expect((await stage.house.api('PATCH', `/flows/${rig.flow.id}/input`, { failover })).status).toBe(200);
      const byItself = await rig.nextFailover(FAILOVERS + 2);
      expect(byItself.facts).toMatchObject({ to: 'primary', cause: 'preferred-back' });
      await rig.keyframeAfter(byItself.at + GOP_MS);
      console.log(`${protocol}\n${table.join('\n')}`);
      await judge(rig, protocol);
    },
  );
});

/** No connection ended, no clock fell, and nothing is missing in the stream that was made of both. */
async function judge({ platform, srt, flow }: Rig, protocol: WayIn): Promise<void> {
  expect(platform.pushes()).toEqual({ begun: 1, ended: 0 });
  for (const kind of ['video', 'audio'] as const)
    expect(stepsOf(tagTimes(platform.arrivals, kind)).least).toBeGreaterThan(0);
  expect(srt.hasEnded()).toBe(false);
  await stage.house.api('POST', `/flows/${flow.id}/stop`);
  await srt.finish();
  expect(await continuityErrors(stage.file(`${protocol}.ts`))).toBe(0);
  const pids = protocol === 'rtmp' ? [0x100] : Object.values(VIDEO_PIDS);
  expect(stepsOf(videoDts(stage.file(`${protocol}.ts`), pids)).least).toBeGreaterThan(0);
  const recorded = await readMedia(nginx.receiver(`failover-${protocol}`).file());
  expect(stepsOf(recorded.dts.video).least).toBeGreaterThan(0);
  expect(stepsOf(recorded.dts.audio).least).toBeGreaterThan(0);
  const log = readFileSync(nginx.logFile, 'utf8');
  expect(log.match(new RegExp(`publish: name='failover-${protocol}'`, 'g'))).toHaveLength(1);
  await platform.close();
}
