/** The road from a pipeline's sources to its sinks: one stage for each container that sinks take, and the failover switch. */
import type { Facts, Failover, RelayEventCode, SourceId } from './contract/messages.ts';
import type { Pipeline } from './contract/settings.ts';
import { FailoverChoice, otherThan, type Wish } from './failover.ts';
import type { FlvTag } from './formats/flv-tag.ts';
import type { RemuxNotice } from './formats/remux.ts';
import { TsSplicer } from './formats/ts-splice.ts';
import { type Container, type MediaBatch, type PacketBatch, toPacketBatch } from './media.ts';
import { type Counting, MediaWatch } from './media-watch.ts';
import { packetsToTags, passPackets, passTags, type Stage, type StageOut, tagsToPackets } from './stages.ts';

export interface RoadOptions {
  readonly from: Container;
  readonly to: ReadonlySet<Container>;
  /** To the sinks of the batch's container. */
  readonly deliver: (batch: MediaBatch) => void;
  /** To the sink that carries this pipeline's own input to the other one. Only with failover. */
  readonly deliverCross: (batch: PacketBatch) => void;
  readonly event: (code: RelayEventCode, facts: Facts) => void;
  /** Sees the own source's media before any stage does. */
  readonly witness: Counting;
}

export interface Road {
  push(from: SourceId, batch: MediaBatch): void;
  restart(from: SourceId): void;
  flush(now: number): void;
  /** Called once a second: tells of what was found wrong with the media. */
  sample(now: number): void;
  headers(): readonly FlvTag[];
  /** Which pipeline's input the outputs get; undefined without failover. */
  readonly live: Pipeline | undefined;
  wish(wish: Wish): void;
}

/** Without failover: a stage for each container that is asked for. */
export function openRoad(options: RoadOptions): Road {
  const stages = stagesTo(options);
  const watch = new MediaWatch([options.witness, ...stages], jumpsPass(options));
  return {
    live: undefined,
    push: (_, batch) => {
      for (const stage of stages) stage.push(batch);
    },
    restart: () => {
      watch.restart();
      for (const stage of stages) stage.restart();
    },
    flush: (now) => {
      for (const stage of stages) stage.flush(now);
    },
    sample: (now) => watch.sample(now),
    headers: () => stages.flatMap((stage) => stage.headers()),
    wish: () => {},
  };
}

/**
 * With failover: both inputs become TS, one of them is spliced into the one stream that the outputs get. Its clock and
 * its counters run on through every switch, so that no output connection need be closed.
 */
export function openFailoverRoad(pipeline: Pipeline, failover: Failover, options: RoadOptions): Road {
  const choice = new FailoverChoice(failover);
  const stages = stagesTo({ ...options, from: 'ts' });
  let now = 0;
  const splicer = new TsSplicer(choice.wanted, {
    onPackets: (packets) => {
      const batch = toPacketBatch(packets, now * 1000);
      for (const stage of stages) stage.push(batch);
    },
  });
  const feed = (from: Pipeline, batch: MediaBatch): void => {
    if (batch.container !== 'ts') return;
    now = batch.at / 1000;
    if (from === pipeline) options.deliverCross(batch);
    choice.heard(from, now);
    splicer.push(from, batch.data, now);
  };
  const own = toTs(options.from, { batch: (batch) => feed(pipeline, batch), notice: noticeEvents(options.event) });
  const watch = new MediaWatch([options.witness, own, ...stages], options.event);
  const isOwn = (from: SourceId): boolean => from !== 'cross';

  return {
    get live() {
      return choice.wanted;
    },
    push: (from, batch) => (isOwn(from) ? own.push(batch) : feed(otherThan(pipeline), batch)),
    restart: (from) => {
      if (!isOwn(from)) return;
      watch.restart();
      own.restart();
    },
    flush: (at) => {
      now = at;
      own.flush(at);
      const decided = choice.decide(at);
      if (decided) {
        splicer.switchTo(decided.to);
        // Where this pipeline has no outputs of its own, nothing was switched that anybody receives.
        if (stages.length > 0)
          options.event('failover', { to: decided.to, cause: decided.cause, gapMs: decided.gapMs });
      }
      splicer.flush(at);
      for (const stage of stages) stage.flush(at);
    },
    sample: (at) => watch.sample(at),
    headers: () => stages.flatMap((stage) => stage.headers()),
    wish: (wish) => choice.wish(wish),
  };
}

function stagesTo({ from, to, deliver, event }: RoadOptions): Stage[] {
  const out: StageOut = { batch: deliver, notice: noticeEvents(event) };
  return [...to].map((container) => {
    if (container === 'ts') return toTs(from, out);
    return from === 'ts' ? packetsToTags(out) : passTags(out);
  });
}

const toTs = (from: Container, out: StageOut): Stage => (from === 'ts' ? passPackets(out) : tagsToPackets(out));

/** TS that goes to TS outputs as it came takes its jumps with it. */
const jumpsPass = ({ from, to, event }: RoadOptions): RoadOptions['event'] =>
  from === 'ts' && to.has('ts')
    ? (code, facts) => event(code, code === 'timestamps-jumped' ? { ...facts, passed: 'ts' } : facts)
    : event;

/** What a remuxer has to tell, as events; each of them is told once by the remuxer itself. */
const noticeEvents =
  (event: RoadOptions['event']) =>
  (notice: RemuxNotice): void => {
    if (notice.kind === 'no-keyframe') event('no-keyframe', {});
    else if (notice.kind === 'program-chosen')
      event('program-chosen', { program: notice.program, others: notice.others.join(', ') });
    else
      event('track-dropped', {
        codec: notice.codec,
        reason: notice.reason,
        ...(notice.pid !== undefined && { pid: notice.pid }),
        ...(notice.streamType !== undefined && { streamType: notice.streamType }),
      });
  };
