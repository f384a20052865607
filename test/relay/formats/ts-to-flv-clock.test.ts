import { describe, expect, it } from 'vitest';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { TsToFlv } from '../../../relay/formats/ts-to-flv.ts';
import { cached, leastStep, makeClip, pictureHashes, probePackets, save, timesOf } from './clip.ts';
import { frames, msOf, toFlv } from './drive.ts';
import { begins, edited, joined, packetsOf, payloadOf, pidOf, videoPid } from './packets.ts';
import { longestStep } from './survey.ts';

describe('the clock of TS to FLV', () => {
  it('trap 1, wrap: crosses 2^33 with no step above one frame and no drift of the sound', () => {
    const wrapSeconds = 2 ** 33 / 90000;
    const source = makeClip({ args: ['-output_ts_offset', String(wrapSeconds - 3), '-muxdelay', '0'] });
    const { tags, remuxer } = toFlv(source);
    expect(remuxer.counters.rebases).toBe(0);
    expect(longestStep(msOf(tags, 'video'))).toBeLessThanOrEqual(34);
    expect(longestStep(msOf(tags, 'audio'))).toBeLessThanOrEqual(22);
    expect(msOf(tags, 'video').length).toBe(180);
    const still = toFlv(makeClip({ args: ['-output_ts_offset', '10', '-muxdelay', '0'] }));
    expect(Math.abs((msOf(tags, 'audio')[0] ?? 0) - (msOf(still.tags, 'audio')[0] ?? 0))).toBeLessThanOrEqual(1);
  });

  it('trap 2, start anywhere: begins at the first IDR and leaves out sound before it', () => {
    const packets = packetsOf(makeClip());
    const { tags, remuxer } = toFlv(joined(packets.slice(Math.floor(packets.length * 0.1))));
    expect(frames(tags, 'video')[0]).toMatchObject({ keyframe: true, timestampMs: 0 });
    expect(msOf(tags, 'audio')[0]).toBeGreaterThanOrEqual(0);
    expect(msOf(tags, 'audio')[0]).toBeLessThan(50);
    expect(remuxer.counters.awaitingKeyframe).toBeGreaterThan(5);
    expect(remuxer.counters.overlapping).toBeGreaterThan(5);
  });

  it('trap 3, ms: rounds dts and pts by themselves, so that 59.94 fps has no drift', () => {
    const args =
      '-f lavfi -i testsrc2=size=320x180:rate=60000/1001 -t 5 -c:v libx264 -preset ultrafast -bf 2 -f mpegts';
    const source = cached(args.split(' '));
    const before = probePackets(save(source, 'a.ts'));
    const after = probePackets(save(toFlv(source).flv, 'a.flv'));
    const shift = (before[0]?.dts ?? 0) - (after[0]?.dts ?? 0);
    for (const [i, packet] of after.entries()) {
      expect(Math.abs(packet.dts + shift - (before[i]?.dts ?? 0))).toBeLessThan(0.001);
      expect(Math.abs(packet.pts + shift - (before[i]?.pts ?? 0))).toBeLessThan(0.001);
    }
  });

  it('trap 5, restart: another time base with other PIDs goes on one frame later, from an IDR', () => {
    const first = makeClip({ seconds: 3 });
    const args = [
      '-streamid',
      '0:768',
      '-streamid',
      '1:769',
      '-output_ts_offset',
      '5000',
      '-mpegts_pmt_start_pid',
      '0x900',
    ];
    const { tags, remuxer } = toFlv(joined([first, makeClip({ seconds: 3, args })]));
    expect(remuxer.counters.rebases).toBe(1);
    expect(leastStep(msOf(tags, 'video'))).toBeGreaterThan(0);
    expect(leastStep(msOf(tags, 'audio'))).toBeGreaterThan(0);
    expect(longestStep(msOf(tags, 'video'))).toBeLessThan(150);
    expect(frames(tags, 'video').length).toBe(180);
    expect(frames(tags, 'video')[90]?.keyframe).toBe(true);
  });

  it.each([
    ['back by an hour', 3605, 5],
    ['on by an hour', 5, 3605],
    ['back by 2 s', 7, 2],
  ])('trap 5, jump without a flag: %s, with no step back and no hole', (_, from, to) => {
    const parts = [from, to].map((offset) => makeClip({ seconds: 3, args: ['-output_ts_offset', String(offset)] }));
    const { tags, flv } = toFlv(joined(parts));
    expect(leastStep(msOf(tags, 'video'))).toBeGreaterThan(0);
    expect(leastStep(msOf(tags, 'audio'))).toBeGreaterThan(0);
    expect(longestStep(msOf(tags, 'video'))).toBeLessThan(150);
    expect(timesOf(probePackets(save(flv, 'a.flv')), 'video').length).toBe(180);
  });

  it('trap 5, jump: sound and picture come out of it as far apart as they went in', () => {
    const parts = [5, 905].map((offset) => makeClip({ seconds: 3, args: ['-output_ts_offset', String(offset)] }));
    const { tags } = toFlv(joined(parts));
    const second = (kind: 'video' | 'audio') => msOf(tags, kind).at(-1) ?? 0;
    const alone = toFlv(makeClip({ seconds: 3, args: ['-output_ts_offset', '905'] })).tags;
    const skew =
      second('audio') - second('video') - ((msOf(alone, 'audio').at(-1) ?? 0) - (msOf(alone, 'video').at(-1) ?? 0));
    expect(Math.abs(skew)).toBeLessThanOrEqual(2);
  });

  it('trap 5, flag: a time base that is announced to break leaves no hole, though it steps by 3 s only', () => {
    const second = makeClip({ seconds: 3, args: ['-output_ts_offset', '6', '-mpegts_flags', 'initial_discontinuity'] });
    const { tags } = toFlv(joined([makeClip({ seconds: 3 }), second]));
    expect(longestStep(msOf(tags, 'video'))).toBeLessThan(150);
    const silent = makeClip({ seconds: 3, args: ['-output_ts_offset', '6'] });
    expect(longestStep(msOf(toFlv(joined([makeClip({ seconds: 3 }), silent])).tags, 'video'))).toBeGreaterThan(2900);
  });

  it('trap 5, another source: begins at its key frame, one frame later, though its clock is the same', () => {
    const tags: FlvTag[] = [];
    const remuxer = new TsToFlv({ onTag: (tag) => tags.push(tag) });
    const packets = packetsOf(makeClip({ seconds: 3 }));
    for (const packet of packets) remuxer.push(packet, 0);
    remuxer.rejoin();
    for (const packet of packets.slice(200)) remuxer.push(packet, 0);
    remuxer.end();
    expect(frames(tags, 'video')[90]?.keyframe).toBe(true);
    expect(leastStep(msOf(tags, 'video'))).toBeGreaterThan(0);
    expect(leastStep(msOf(tags, 'audio'))).toBeGreaterThan(0);
    expect(longestStep(msOf(tags, 'video'))).toBeLessThan(150);
  });

  it('trap 2, no IDR ever: begins at a recovery point after three seconds, with pictures that decode', () => {
    const args = `-f lavfi -i testsrc2=size=320x180:rate=30 -t 8 -c:v libx264 -preset veryfast -threads 1 -bf 2 -g 30
      -x264-params open-gop=1:keyint=30:scenecut=0 -pix_fmt yuv420p -f mpegts`;
    const source = cached(args.split(/\s+/));
    const { tags, flv } = toFlv(joined(packetsOf(source).slice(100)));
    const known = new Set(pictureHashes(save(source, 'a.ts'), 300));
    expect(frames(tags, 'video')[0]).toMatchObject({ keyframe: true, timestampMs: 0 });
    expect(frames(tags, 'video').length).toBeGreaterThan(80);
    expect(pictureHashes(save(flv, 'a.flv'), 300).every((hash) => known.has(hash))).toBe(true);
  });

  it('trap 2, no picture ever: sound goes alone after ten seconds, and says so once', () => {
    const packets = packetsOf(makeClip({ seconds: 14 })).filter((packet) => pidOf(packet) !== videoPid);
    const { tags, notices } = toFlv(joined(packets));
    expect(frames(tags, 'audio').length).toBeGreaterThan(150);
    expect(msOf(tags, 'audio')[0]).toBe(0);
    expect(notices).toEqual([{ kind: 'no-keyframe' }]);
  });

  it('trap 6, PES without pts: takes the time of the frame before and adds a frame', () => {
    let count = 0;
    const args = '-f lavfi -i testsrc2=size=320x180:rate=25 -t 3 -c:v libx264 -preset ultrafast -bf 0 -f mpegts';
    const source = edited(cached(args.split(' ')), (packet) => {
      if (pidOf(packet) !== videoPid || !begins(packet) || ++count % 3 !== 0) return;
      packet[payloadOf(packet) + 7] = 0; // No pts; the header keeps its length as stuffing.
    });
    const times = msOf(toFlv(source).tags, 'video');
    expect(times).toEqual(Array.from({ length: 75 }, (_, i) => i * 40));
  });
});
