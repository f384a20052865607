import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SendQueue } from '../../../relay/rtmp/send-queue.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { tag } from './kit.ts';

/** Offers a tag as a push does while the peer takes nothing. */
const offer = (queue: SendQueue, one: FlvTag): boolean => queue.admit(one) && queue.put(one);

function drain(queue: SendQueue): FlvTag[] {
  const out: FlvTag[] = [];
  for (let one = queue.take(); one !== undefined; one = queue.take()) out.push(one);
  return out;
}

/** A second of media: a key frame, then frames each 40 ms and audio each 20 ms. */
const second = (from: number): FlvTag[] =>
  Array.from({ length: 25 }, (_, i) => [
    tag(i === 0 ? 'keyframe' : 'frame', from + i * 40, 1000),
    tag('audio', from + i * 40, 100),
    tag('audio', from + i * 40 + 20, 100),
  ]).flat();

describe('the queue of a slow peer', () => {
  it('hands on everything in order while it is within its bounds', () => {
    const queue = new SendQueue({ queueBytes: 1e6, queueMs: 2_000 });
    const media = second(0);
    for (const one of media) expect(offer(queue, one)).toBe(true);
    expect(queue.figures()).toMatchObject({ waitingMs: 980, droppedTags: 0, episodes: 0 });
    expect(drain(queue)).toEqual(media);
    expect(queue.figures()).toMatchObject({ waitingBytes: 0, waitingMs: 0 });
  });

  it.each([
    ['media time', { queueBytes: 1e6, queueMs: 500 }],
    ['bytes', { queueBytes: 12_000, queueMs: 60_000 }],
  ])('drops up to the next key frame when its bound of %s is passed, and counts', (_what, limits) => {
    const queue = new SendQueue(limits);
    const took = second(0).map((one) => offer(queue, one));
    expect(took.at(0)).toBe(true);
    expect(took.at(-1)).toBe(false);
    expect(queue.isEmpty).toBe(true);
    expect(queue.figures()).toMatchObject({ droppedTags: 75, episodes: 1 });
    expect(offer(queue, tag('audio', 1_000))).toBe(false);
    expect(offer(queue, tag('keyframe', 1_000))).toBe(true);
    expect(offer(queue, tag('audio', 1_010))).toBe(true);
    expect(drain(queue).map(({ timestampMs }) => timestampMs)).toEqual([1_000, 1_010]);
  });

  it('keeps from a key frame that waits already when the rest fits', () => {
    const queue = new SendQueue({ queueBytes: 1e6, queueMs: 1_100 });
    for (const one of [...second(0), ...second(1_000)]) offer(queue, one);
    const out = drain(queue);
    expect(out[0]).toMatchObject({ kind: 'video', keyframe: true, timestampMs: 1_000 });
    expect(out).toHaveLength(75);
    expect(queue.figures()).toMatchObject({ droppedTags: 75, episodes: 1 });
  });

  it('never drops the latest sequence headers and onMetaData', () => {
    const queue = new SendQueue({ queueBytes: 1e6, queueMs: 500 });
    const setups = [tag('metadata', 0), tag('videoHeader', 0, 50), tag('videoHeader', 0, 60), tag('audioHeader', 0)];
    for (const one of [...setups, ...second(0), tag('videoHeader', 1_000, 70), ...second(1_000)]) offer(queue, one);
    const kept = drain(queue).filter((one) => one.sequenceHeader || one.kind === 'data');
    expect(kept.map(({ kind, body }) => [kind, body.length])).toEqual([
      ['data', 100],
      ['audio', 100],
      ['video', 70],
    ]);
  });

  it('lets audio in again at once when there is no video', () => {
    const queue = new SendQueue({ queueBytes: 1e6, queueMs: 500 });
    const times = Array.from({ length: 100 }, (_, i) => i * 20);
    for (const at of times) offer(queue, tag('audio', at));
    const out = drain(queue).map(({ timestampMs }) => timestampMs);
    expect(out.at(-1)).toBe(1_980);
    expect(out.at(0)).toBeGreaterThanOrEqual(1_980 - 500);
  });

  it('lets audio in again when the video has gone for good', () => {
    const queue = new SendQueue({ queueBytes: 1e6, queueMs: 500 });
    for (const one of second(0)) offer(queue, one);
    expect(offer(queue, tag('audio', 3_000))).toBe(false);
    expect(offer(queue, tag('audio', 6_000))).toBe(true);
  });

  it('takes a single frame above its bound, or nothing would ever pass', () => {
    const queue = new SendQueue({ queueBytes: 1_000, queueMs: 500 });
    expect(offer(queue, tag('keyframe', 0, 5_000))).toBe(true);
    expect(drain(queue)).toHaveLength(1);
  });

  it('does not take a jump of the clock for media that waits', () => {
    const queue = new SendQueue({ queueBytes: 1e6, queueMs: 2_000 });
    offer(queue, tag('keyframe', 0));
    offer(queue, tag('keyframe', 3_600_000));
    offer(queue, tag('keyframe', 10));
    expect(queue.figures()).toMatchObject({ waitingMs: 1_000, droppedTags: 0 });
  });

  it('counts across the wrap of the clock', () => {
    const queue = new SendQueue({ queueBytes: 1e6, queueMs: 2_000 });
    offer(queue, tag('keyframe', 0xffffffff - 19));
    offer(queue, tag('frame', 20));
    expect(queue.figures().waitingMs).toBe(40);
  });

  it('stays in its bounds and lets no frame out after a gap but a key frame, whatever comes and goes', () => {
    const limits = { queueBytes: 20_000, queueMs: 400 };
    const what = fc.constantFrom('keyframe', 'frame', 'frame', 'audio', 'take', 'take');
    const step = fc.tuple(what, fc.nat(60), fc.nat(4_000));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (script) => {
        const queue = new SendQueue(limits);
        const all: FlvTag[] = [];
        const out: FlvTag[] = [];
        let at = 0;
        for (const [name, stepMs, size] of script) {
          at += stepMs;
          const one = name === 'take' ? undefined : tag(name, at, size);
          if (one !== undefined) all.push(one);
          if (one !== undefined) offer(queue, one);
          else out.push(...[queue.take()].filter((taken) => taken !== undefined));
          const { waitingBytes, waitingMs } = queue.figures();
          expect(waitingBytes <= limits.queueBytes && waitingMs <= limits.queueMs).toBe(true);
        }
        const video = out.filter(({ kind }) => kind === 'video');
        const order = all.filter(({ kind }) => kind === 'video');
        video.forEach((one, i) => {
          const isNext = i === 0 ? order[0] === one : order[order.indexOf(one) - 1] === video[i - 1];
          expect(isNext || one.keyframe).toBe(true);
        });
      }),
      { numRuns: 300 },
    );
  });
});
