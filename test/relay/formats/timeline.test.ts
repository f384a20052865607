import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lane } from '../../../relay/formats/access-unit.ts';
import { Timeline } from '../../../relay/formats/timeline.ts';

const wrap = 2 ** 33;
const newTimeline = (startTicks = 0): Timeline => new Timeline({ wrap, startTicks });

/** Places frames of both tracks, 40 ms apart, from a source time on. Gives the output times. */
const run = (timeline: Timeline, from: number, count: number, audioLead = 0, epoch = 0) => {
  const out: Record<Lane, number[]> = { video: [], audio: [] };
  for (let i = 0; i < count; i++) {
    for (const lane of ['video', 'audio'] as const) {
      const dts = (from + i * 3600 + (lane === 'audio' ? audioLead : 0) + wrap) % wrap;
      const placed = timeline.place(lane, { dts, pts: dts, epoch });
      if (placed !== undefined) out[lane].push(placed.dts);
    }
  }
  return out;
};

describe('the timeline', () => {
  it('begins where it is told to and follows the source', () => {
    expect(run(newTimeline(900), 50_000, 3).video).toEqual([900, 4500, 8100]);
  });

  it('leaves out sound before the first picture', () => {
    expect(run(newTimeline(), 50_000, 3, -4000).audio).toEqual([3200]);
  });

  it('goes on over the wrap as if it were not there', () => {
    const timeline = newTimeline();
    expect(run(timeline, wrap - 5400, 4).video).toEqual([0, 3600, 7200, 10800]);
    expect(timeline.rebases).toBe(0);
  });

  it('goes on one frame after the last one when the source jumps', () => {
    const timeline = newTimeline();
    const before = run(timeline, 1_000_000, 10);
    const after = run(timeline, 5, 10);
    expect((after.video[0] ?? 0) - (before.video.at(-1) ?? 0)).toBe(3600);
    expect(timeline.rebases).toBe(1);
  });

  it.each([-2000, 0, 7000])('keeps sound and picture %d ticks apart through a jump', (lead) => {
    const timeline = newTimeline();
    run(timeline, 1_000_000, 20, lead);
    const after = run(timeline, 7_000_000_000, 20, lead);
    expect((after.audio.at(-1) ?? 0) - (after.video.at(-1) ?? 0)).toBe(lead);
  });

  it('keeps sound and picture together where sound jumps first', () => {
    const timeline = newTimeline();
    run(timeline, 1_000_000, 20);
    const sound = timeline.place('audio', { dts: 30_000, pts: 30_000, epoch: 0 });
    const picture = timeline.place('video', { dts: 12_000, pts: 12_000, epoch: 0 });
    const nextSound = timeline.place('audio', { dts: 60_000, pts: 60_000, epoch: 0 });
    expect(sound?.dts).toBeLessThan(nextSound?.dts ?? 0);
    expect((nextSound?.dts ?? 0) - (picture?.dts ?? 0)).toBe(48_000);
  });

  it('keeps a hole of up to 10 s as it is, and closes a longer one', () => {
    const timeline = newTimeline();
    run(timeline, 0, 10);
    expect(run(timeline, 9 * 3600 + 9 * 90_000, 1).video).toEqual([9 * 3600 + 9 * 90_000]);
    const timelineOfLonger = newTimeline();
    run(timelineOfLonger, 0, 10);
    expect(run(timelineOfLonger, 9 * 3600 + 11 * 90_000, 1).video).toEqual([10 * 3600]);
  });

  it('lets a track that was silent for long come back beside the other one', () => {
    const timeline = newTimeline();
    run(timeline, 0, 2);
    for (let i = 2; i < 1000; i++) timeline.place('video', { dts: i * 3600, pts: i * 3600, epoch: 0 });
    expect(timeline.place('audio', { dts: 999 * 3600, pts: 999 * 3600, epoch: 0 })?.dts).toBe(999 * 3600);
    expect(timeline.rebases).toBe(0);
  });

  it('closes a step of 5 s that the source announced, and believes one of 40 ms', () => {
    const timeline = newTimeline();
    run(timeline, 0, 10);
    expect(run(timeline, 10 * 3600, 1, 0, 1).video).toEqual([10 * 3600]);
    expect(run(timeline, 10 * 3600 + 450_000, 1, 0, 2).video).toEqual([11 * 3600]);
  });

  it('goes on one frame later after another source is announced, whatever its clock shows', () => {
    const timeline = newTimeline();
    run(timeline, 100_000, 10);
    timeline.rebase();
    expect(run(timeline, 100_000, 1).video).toEqual([10 * 3600]);
  });

  it.each(['video', 'audio'] as const)('brings sound and picture together again after one bad time on %s', (lane) => {
    const timeline = newTimeline();
    run(timeline, 1_000_000, 20);
    timeline.place(lane, { dts: 1_000_000 + 700_000, pts: 1_000_000 + 700_000, epoch: 0 });
    const after = run(timeline, 1_000_000 + 20 * 3600, 150);
    expect(after.audio.at(-1)).toBe(after.video.at(-1));
    expect(timeline.rebases).toBe(1);
  });

  it('leaves two tracks apart whose clocks have nothing in common', () => {
    const timeline = newTimeline();
    for (let i = 0; i < 200; i++) {
      timeline.place('video', { dts: 5_000_000_000 + i * 3600, pts: 5_000_000_000 + i * 3600, epoch: 0 });
      timeline.place('audio', { dts: 1000 + i * 3600, pts: 1000 + i * 3600, epoch: 0 });
    }
    expect(timeline.rebases).toBe(1);
    expect(timeline.last).toBeLessThan(201 * 3600);
  });

  it('rises strictly on each track, with pts no earlier than dts, whatever the source does', () => {
    const step = fc.record({
      lane: fc.constantFrom<Lane>('video', 'audio'),
      move: fc.oneof(fc.integer({ min: -200, max: 8000 }), fc.integer({ min: -wrap, max: wrap })),
      composition: fc.integer({ min: 0, max: 900_000 }),
      epoch: fc.integer({ min: 0, max: 2 }),
      rebase: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const timeline = newTimeline();
        const last: Record<Lane, number> = { video: -1, audio: -1 };
        let clock = 0;
        for (const { lane, move, composition, epoch, rebase } of steps) {
          clock = (((clock + move) % wrap) + wrap) % wrap;
          if (rebase && move % 7 === 0) timeline.rebase();
          const placed = timeline.place(lane, { dts: clock, pts: (clock + composition) % wrap, epoch });
          if (placed === undefined) continue;
          expect(placed.dts).toBeGreaterThan(last[lane]);
          expect(placed.pts).toBeGreaterThanOrEqual(placed.dts);
          expect(placed.dts - Math.max(last.video, last.audio)).toBeLessThanOrEqual(20 * 90_000);
          last[lane] = placed.dts;
        }
      }),
      { numRuns: 500 },
    );
  });
});
