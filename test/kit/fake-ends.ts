/** Sources and sinks without a network: a test plays the outside world and sees what was asked of them. */
import type { IncidentCode, SinkSpec, SourceSpec } from '../../relay/contract/messages.ts';
import {
  type EndFigures,
  EndpointFault,
  type MediaBatch,
  type PacketBatch,
  type Sink,
  type SinkEvents,
  type Source,
  type SourceEvents,
  type TagBatch,
  unitsOf,
} from '../../relay/media.ts';
import type { Protocols } from '../../relay/protocols.ts';
import { toFlvTag } from '../../relay/rtmp/tag.ts';

export const peer = { address: '192.0.2.7', port: 4711 };

/** An open end that measures nothing but what a test sets. */
export class FakeSource implements Source {
  readonly events: SourceEvents;
  readonly spec: SourceSpec | undefined;
  measured: EndFigures | undefined;
  allowlist: readonly string[] | undefined;
  hangUps = 0;
  closed = false;

  constructor(events: SourceEvents, spec?: SourceSpec) {
    this.events = events;
    this.spec = spec;
  }

  figures(): EndFigures | undefined {
    return this.measured;
  }

  allow(allowlist: readonly string[]): void {
    this.allowlist = allowlist;
  }

  hangUp(): void {
    this.hangUps++;
  }

  close(): void {
    this.closed = true;
  }
}

/** Takes at most `room` messages or tags of each batch; remembers what it was handed. */
export class FakeSink implements Sink {
  readonly events: SinkEvents;
  readonly spec: SinkSpec | undefined;
  readonly batches: MediaBatch[] = [];
  room = Number.POSITIVE_INFINITY;
  measured: EndFigures | undefined;
  closed = false;

  constructor(events: SinkEvents, spec?: SinkSpec) {
    this.events = events;
    this.spec = spec;
  }

  send(batch: MediaBatch): number {
    this.batches.push(batch);
    return Math.min(this.room, unitsOf(batch));
  }

  figures(): EndFigures | undefined {
    return this.measured;
  }

  close(): void {
    this.closed = true;
  }
}

/** A protocol whose ends are all fakes, in the order in which they were opened. */
export interface FakeProtocol {
  readonly protocols: Protocols;
  readonly sources: FakeSource[];
  readonly sinks: FakeSink[];
  /** Until set back to undefined, every listen and every dial fails with this. */
  fault: IncidentCode | undefined;
}

export function createFakeProtocol(): FakeProtocol {
  const sources: FakeSource[] = [];
  const sinks: FakeSink[] = [];
  const fake: FakeProtocol = {
    sources,
    sinks,
    fault: undefined,
    protocols: {
      listen: (spec, _maxBitrate, events) => kept(sources, new FakeSource(events, spec), fake),
      dial: (spec, _maxBitrate, events) => kept(sinks, new FakeSink(events, spec), fake),
    },
  };
  return fake;
}

function kept<End>(list: End[], end: End, { fault }: FakeProtocol): End {
  if (fault) throw new EndpointFault(fault, undefined);
  list.push(end);
  return end;
}

export const figures = (changes: Partial<EndFigures> = {}): EndFigures => ({
  lost: 0,
  dropped: 0,
  acknowledged: 0,
  rttMs: 20,
  latencyMs: 120,
  keyLength: 0,
  ...changes,
});

/** `messages` datagrams of `bytes` each; byte values count up, so that each message is told from the next. */
export function createBatch(messages: number, { at = 0, bytes = 1316 } = {}): PacketBatch {
  const data = new Uint8Array(messages * bytes).map((_, index) => Math.floor(index / bytes) + 1);
  return { container: 'ts', data, lengths: new Uint16Array(messages).fill(bytes), at };
}

/** Frames of video of `bytes` each, 40 ms apart from `fromMs` on; `keyframes` are the indexes of those that are one. */
export function createTags(frames: number, { at = 0, bytes = 1000, fromMs = 0, keyframes = [0] } = {}): TagBatch {
  const tags = Array.from({ length: frames }, (_, index) => {
    const body = new Uint8Array(bytes).fill(index + 1);
    body.set([keyframes.includes(index) ? 0x17 : 0x27, 1, 0, 0, 0]);
    return toFlvTag('video', fromMs + index * 40, body);
  });
  return { container: 'flv', tags, at };
}
