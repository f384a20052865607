/** What media passes on its way from one container to another: remuxers and splicers behind one face. */
import { FlvSplicer } from './formats/flv-splice.ts';
import type { FlvTag } from './formats/flv-tag.ts';
import { FlvToTs } from './formats/flv-to-ts.ts';
import type { RemuxCounters, RemuxNotice } from './formats/remux.ts';
import { TsToFlv } from './formats/ts-to-flv.ts';
import { type MediaBatch, toPacketBatch } from './media.ts';

/** Times are ms of the relay's monotonic clock. */
export interface Stage {
  push(batch: MediaBatch): void;
  /** Another session of the source follows: its clock and its tracks are new. */
  restart(): void;
  /** Called several times a second: sends on what waited for more. */
  flush(now: number): void;
  /** What a peer that comes later must have before it can decode. */
  headers(): readonly FlvTag[];
  counters(): RemuxCounters | undefined;
}

export interface StageOut {
  readonly batch: (batch: MediaBatch) => void;
  readonly notice: (notice: RemuxNotice) => void;
}

const nowMs = (batch: MediaBatch): number => batch.at / 1000;

/** The same container on both sides: the very bytes. */
export const passPackets = (out: StageOut): Stage => ({
  push: (batch) => out.batch(batch),
  restart: () => {},
  flush: () => {},
  headers: () => [],
  counters: () => undefined,
});

export function packetsToTags(out: StageOut): Stage {
  let at = 0;
  const remuxer = new TsToFlv({
    onTag: (tag) => out.batch({ container: 'flv', tags: [tag], at }),
    onNotice: out.notice,
  });
  return {
    push: (batch) => {
      if (batch.container !== 'ts') return;
      at = batch.at;
      remuxer.push(batch.data, nowMs(batch));
    },
    restart: () => remuxer.rejoin(),
    flush: (now) => {
      at = now * 1000;
      remuxer.flush(now);
    },
    headers: () => remuxer.headers(),
    counters: () => remuxer.counters,
  };
}

export function tagsToPackets(out: StageOut): Stage {
  let at = 0;
  const remuxer = new FlvToTs({
    onPackets: (packets) => out.batch(toPacketBatch(packets, at)),
    onNotice: out.notice,
  });
  return {
    push: (batch) => {
      if (batch.container !== 'flv') return;
      at = batch.at;
      for (const tag of batch.tags) remuxer.push(tag);
    },
    restart: () => remuxer.rejoin(),
    flush: () => {},
    headers: () => [],
    counters: () => remuxer.counters,
  };
}

/** Tags passed on, with one clock that never steps back whatever the publisher's does. */
export function passTags(out: StageOut): Stage {
  let at = 0;
  let session = 0;
  const splicer = new FlvSplicer(String(session), { onTag: (tag) => out.batch({ container: 'flv', tags: [tag], at }) });
  return {
    push: (batch) => {
      if (batch.container !== 'flv') return;
      at = batch.at;
      for (const tag of batch.tags) splicer.push(String(session), tag);
    },
    restart: () => {
      splicer.remove(String(session++));
      splicer.switchTo(String(session));
    },
    flush: () => {},
    headers: () => splicer.headers(),
    counters: () => splicer.counters,
  };
}
