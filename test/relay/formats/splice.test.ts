import { describe, expect, it } from 'vitest';
import { FlvSplicer } from '../../../relay/formats/flv-splice.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { TsSplicer } from '../../../relay/formats/ts-splice.ts';
import { cached, complaints, leastStep, makeClip, pictureHashes, probePackets, save, timesOf } from './clip.ts';
import { flvFile, pieces, tagsOf, toFlv, toTs } from './drive.ts';
import { longestStep, type Survey, survey } from './survey.ts';

const seconds = 14;

/** The same scene with another clock and other PIDs, as a second encoder would send it. */
const other = ['-streamid', '0:768', '-streamid', '1:769', '-output_ts_offset', '5000'];

interface Switch {
  readonly atMs: number;
  readonly to: 'a' | 'b';
}

/** Feeds two clips side by side in real time; a source stops at its end of `until`. */
const splice = (clips: Record<'a' | 'b', Uint8Array>, switches: readonly Switch[], untilMs = { a: 1e9, b: 1e9 }) => {
  const out: Uint8Array[] = [];
  const live: string[] = [];
  const splicer = new TsSplicer('a', {
    onPackets: (lent) => out.push(lent.slice()),
    onLive: (name) => live.push(name),
  });
  const queues = { a: pieces(clips.a), b: pieces(clips.b) };
  let next = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 5) {
    while (next < switches.length && (switches[next]?.atMs ?? 0) <= ms) splicer.switchTo(switches[next++]?.to ?? 'a');
    for (const name of ['a', 'b'] as const) {
      const total = queues[name].length;
      const [from, to] = [ms, ms + 5].map((at) => Math.round((at / (seconds * 1000)) * total));
      if (ms < untilMs[name]) for (const piece of queues[name].slice(from, to)) splicer.push(name, piece, ms);
    }
    splicer.flush(ms);
  }
  return { ts: new Uint8Array(Buffer.concat(out)), live };
};

const clips = () => ({ a: makeClip({ seconds }), b: makeClip({ seconds, args: other }) });

/** dts of all video PIDs together, in order of the stream. */
const videoDts = ({ pes }: Survey): number[] =>
  [0x100, 0x300]
    .flatMap((pid) => pes.get(pid) ?? [])
    .toSorted((x, y) => x.index - y.index)
    .map(({ dtsMs }) => dtsMs);

describe('splicing transport streams', () => {
  it('goes there and back ten times on one clock, without a hole, a step back or a continuity error', () => {
    const switches = Array.from(
      { length: 10 },
      (_, i): Switch => ({ atMs: 600 + i * 1250, to: i % 2 === 0 ? 'b' : 'a' }),
    );
    const { ts, live } = splice(clips(), switches);
    const found = survey(ts);
    expect(live).toEqual('abababababa'.split(''));
    expect(found.continuityErrors).toBe(0);
    expect(leastStep(videoDts(found))).toBeGreaterThan(33);
    expect(longestStep(videoDts(found))).toBeLessThan(34);
    expect(leastStep(found.pcrMs)).toBeGreaterThan(0);
    expect(complaints(save(ts, 'a.ts'))).toBe('');
  });

  it('raises the version of the PMT where its content changes', () => {
    const { ts } = splice(clips(), [
      { atMs: 2000, to: 'b' },
      { atMs: 5000, to: 'a' },
    ]);
    expect([...new Set(survey(ts).pmtVersions)]).toEqual([0, 1, 2]);
  });

  it('begins with the new source at its key frame, and the old one has ended its last frame', () => {
    const { ts } = splice(clips(), [{ atMs: 2000, to: 'b' }]);
    const [second] = survey(ts).pes.get(0x300) ?? [];
    expect(second?.randomAccess).toBe(true);
    const shown = pictureHashes(save(ts, 'a.ts'), 300);
    const known = new Set(pictureHashes(save(clips().a, 'a.ts'), 300));
    expect(shown.every((hash) => known.has(hash))).toBe(true);
  });

  it('goes over when the old source has died in the middle of a frame', () => {
    const { ts, live } = splice(clips(), [{ atMs: 3500, to: 'b' }], { a: 3000, b: 1e9 });
    expect(live).toEqual(['a', 'b']);
    expect(longestStep(videoDts(survey(ts)))).toBeLessThan(34);
    expect(survey(ts).continuityErrors).toBe(0);
  });

  it('carries on by itself when the live source restarts with another clock', () => {
    const restarted = new Uint8Array(Buffer.concat([makeClip({ seconds: 7 }), makeClip({ seconds: 7, args: other })]));
    const { ts, live } = splice({ a: restarted, b: new Uint8Array() }, []);
    expect(live).toEqual(['a', 'a']);
    const found = survey(ts);
    expect(leastStep(videoDts(found))).toBeGreaterThan(0);
    expect(leastStep(found.pcrMs)).toBeGreaterThan(0);
    // The new source's SDT comes before the clock that tells of the restart.
    expect(found.continuityErrors).toBeLessThanOrEqual(1);
  });

  it('crosses the wrap of one source and the splice to another', () => {
    const late = makeClip({ seconds, args: ['-output_ts_offset', String(2 ** 33 / 90_000 - 4)] });
    const { ts } = splice({ a: late, b: clips().b }, [{ atMs: 6000, to: 'b' }]);
    expect(leastStep(videoDts(survey(ts)))).toBeGreaterThan(33);
    expect(longestStep(videoDts(survey(ts)))).toBeLessThan(34);
  });

  it('feeds a remuxer that sees no jump at all', () => {
    const { ts } = splice(clips(), [
      { atMs: 2000, to: 'b' },
      { atMs: 5000, to: 'a' },
    ]);
    expect(toFlv(ts).remuxer.counters.rebases).toBe(0);
  });

  it('leaves out the leading pictures of an open GOP, for HEVC decodes clean over the splice', () => {
    const samePids = ['-output_ts_offset', '5000'];
    const hevc = {
      a: makeClip({ video: 'h265', seconds }),
      b: makeClip({ video: 'h265', seconds, args: samePids }),
    };
    const { ts, live } = splice(hevc, [{ atMs: 3000, to: 'b' }]);
    expect(live).toEqual(['a', 'b']);
    expect(survey(ts).continuityErrors).toBe(0);
    expect(complaints(save(ts, 'a.ts'))).toBe('');
    const onward = toTs(toFlv(ts).tags).ts;
    expect(complaints(save(onward, 'a.ts'))).toBe('');
  });
});

describe('splicing FLV tags', () => {
  const spliceTags = (sources: Record<'a' | 'b', readonly FlvTag[]>, switches: readonly Switch[], startMs = 0) => {
    const out: FlvTag[] = [];
    const live: string[] = [];
    const splicer = new FlvSplicer('a', { startMs, onTag: (tag) => out.push(tag), onLive: (name) => live.push(name) });
    const first = { a: sources.a[0]?.timestampMs ?? 0, b: sources.b[0]?.timestampMs ?? 0 };
    const merged = (['a', 'b'] as const)
      .flatMap((name) =>
        sources[name].map((tag) => ({ name, tag, atMs: (tag.timestampMs - first[name] + 2 ** 32) % 2 ** 32 })),
      )
      .toSorted((x, y) => x.atMs - y.atMs);
    let next = 0;
    for (const { name, tag, atMs } of merged) {
      while (next < switches.length && (switches[next]?.atMs ?? 0) <= atMs)
        splicer.switchTo(switches[next++]?.to ?? 'a');
      splicer.push(name, tag);
    }
    return { out, live, splicer };
  };
  const at = (tags: readonly FlvTag[], ms: number) =>
    tags.map((tag) => ({ ...tag, timestampMs: (tag.timestampMs + ms) % 2 ** 32 }));
  const video = (tags: readonly FlvTag[]) =>
    tags.filter(({ kind, sequenceHeader }) => kind === 'video' && !sequenceHeader);
  const clip = () => tagsOf(makeClip({ container: 'flv', seconds }));

  it('goes there and back ten times with dts that never falls, each time at a key frame', () => {
    const switches = Array.from(
      { length: 10 },
      (_, i): Switch => ({ atMs: 600 + i * 1250, to: i % 2 === 0 ? 'b' : 'a' }),
    );
    const { out, live } = spliceTags({ a: clip(), b: at(clip(), 3_000_000_000) }, switches);
    expect(live).toEqual('abababababa'.split(''));
    const packets = probePackets(save(flvFile(out), 'a.flv'));
    expect(leastStep(timesOf(packets, 'video'))).toBeGreaterThan(0);
    expect(leastStep(timesOf(packets, 'audio'))).toBeGreaterThan(0);
    expect(longestStep(timesOf(packets, 'video'))).toBeLessThan(0.07);
    expect(complaints(save(flvFile(out), 'a.flv'))).toBe('');
  });

  it('ends the sequence before a key frame of HEVC, for an open GOP decodes clean over the splice', () => {
    const tags = toFlv(makeClip({ video: 'h265', seconds })).tags;
    const { out, live } = spliceTags({ a: tags, b: at(tags, 777_777) }, [{ atMs: 3500, to: 'b' }]);
    expect(live).toEqual(['a', 'b']);
    expect(complaints(save(toTs(out).ts, 'a.ts'))).toBe('');
  });

  it('sends the new configuration before the key frame where it differs', () => {
    const small = '-f lavfi -i testsrc=size=160x90:rate=30 -t 14 -c:v libx264 -preset ultrafast -g 30 -f flv'.split(
      ' ',
    );
    const { out } = spliceTags({ a: clip(), b: tagsOf(cached(small)) }, [{ atMs: 3500, to: 'b' }]);
    const headers = out.flatMap((tag, i) => (tag.kind === 'video' && tag.sequenceHeader ? [i] : []));
    expect(headers.length).toBe(2);
    expect(
      out.slice(headers[1]).find(({ kind, sequenceHeader }) => kind === 'video' && !sequenceHeader)?.keyframe,
    ).toBe(true);
  });

  it('trap 5, one source: makes a stream of its own that rises, though its publisher restarts', () => {
    const { out, splicer } = spliceTags({ a: clip(), b: [] }, []);
    splicer.remove('a');
    const again: FlvTag[] = [];
    const whole = new FlvSplicer('a', { onTag: (tag) => again.push(tag) });
    for (const tag of clip()) whole.push('a', tag);
    whole.remove('a');
    for (const tag of at(clip(), 77)) whole.push('a', tag);
    expect(video(again).length).toBe(video(out).length * 2);
    expect(leastStep(video(again).map(({ timestampMs }) => timestampMs))).toBeGreaterThan(0);
    expect(longestStep(video(again).map(({ timestampMs }) => timestampMs))).toBeLessThan(150);
  });

  it('trap 4, 32 bits: the output wraps like the publisher, and no frame is lost', () => {
    const { out } = spliceTags({ a: at(clip(), 2 ** 32 - 4000), b: [] }, [], 2 ** 32 - 2000);
    const times = video(out).map(({ timestampMs }) => timestampMs);
    expect(times.length).toBe(420);
    expect(times[0]).toBe(2 ** 32 - 2000);
    expect(times.at(-1)).toBeLessThan(13_000);
  });

  it('trap 28, reconnection: the headers in force can be had again', () => {
    const { splicer } = spliceTags({ a: clip(), b: [] }, []);
    expect(splicer.headers().map(({ kind }) => kind)).toEqual(['data', 'video', 'audio']);
  });
});
