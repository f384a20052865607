import { describe, expect, it } from 'vitest';
import { FlvProbe } from '../../../relay/formats/flv-probe.ts';
import { type StreamReport, TsProbe } from '../../../relay/formats/probe.ts';
import { cached, makeClip } from './clip.ts';
import { pieces, tagsOf, toTs } from './drive.ts';
import { begins, edited, joined, packetsOf, pidOf, videoPid } from './packets.ts';

const probed = (ts: Uint8Array, size = 1316): StreamReport => {
  const probe = new TsProbe();
  for (const piece of pieces(ts, size)) probe.push(piece);
  return probe.report();
};

const framesPerSecond = ({ timedFrames, mediaTicks }: { timedFrames: number; mediaTicks: number }): number =>
  (timedFrames * 90_000) / mediaTicks;

describe('what a probe finds in a transport stream', () => {
  it('names tracks, formats and frames of H.264 and AAC', () => {
    const { program, tracks } = probed(makeClip());
    expect(program).toBe(1);
    expect(tracks).toMatchObject([
      { pid: 0x100, codec: 'h264', width: 320, height: 180, profile: 'High', frames: 180, keyframes: 6 },
      { pid: 0x101, codec: 'aac', sampleRate: 48000, channels: 1, profile: 'LC', frames: 283 },
    ]);
    expect(tracks[0] && framesPerSecond(tracks[0])).toBeCloseTo(30, 3);
  });

  it('names HEVC', () => {
    const [video] = probed(makeClip({ video: 'h265' })).tracks;
    expect(video).toMatchObject({ codec: 'h265', width: 320, height: 180, profile: 'Main', frames: 180, keyframes: 6 });
  });

  it.each([
    [
      'Baseline, 23.976 fps',
      '-r 24000/1001 -pix_fmt yuv420p -profile:v baseline -s 640x352',
      { profile: 'Constrained Baseline', width: 640, height: 352 },
    ],
    ['cropping to 1080 lines', '-pix_fmt yuv420p -s 1920x1080', { width: 1920, height: 1080 }],
    ['High 4:2:2, ten bits', '-pix_fmt yuv422p10le', { profile: 'High 4:2:2', width: 320, height: 180 }],
    ['interlaced', '-pix_fmt yuv420p -flags +ildct+ilme -s 720x576', { width: 720, height: 576 }],
  ])('reads the SPS of H.264: %s', (_, args, wanted) => {
    const input = `-f lavfi -i testsrc=size=320x180:rate=25 -frames:v 4 ${args} -c:v libx264 -preset ultrafast -f mpegts`;
    expect(probed(cached(input.split(' '))).tracks[0]).toMatchObject(wanted);
  });

  it('tells what a language and an unknown codec are', () => {
    const input = '-f lavfi -i sine=frequency=440 -t 1 -c:a mp2 -metadata:s:a:0 language=deu -f mpegts';
    expect(probed(cached(input.split(' '))).tracks).toMatchObject([{ codec: 'mp2', language: 'deu', kind: 'audio' }]);
  });

  it.each([
    ['mp2', 'mp2 -ac 1 -ar 44100', 44100, 1],
    ['mp2 at half its rates', 'mp2 -ac 2 -ar 24000', 24000, 2],
    ['ac3', 'ac3 -ac 2 -ar 48000', 48000, 2],
    ['ac3 in 5.1', 'ac3 -ac 6 -ar 48000', 48000, 6],
    ['eac3 in 5.1', 'eac3 -ac 6 -ar 44100', 44100, 6],
  ])('reads sample rate and channels of %s', (_, audio, sampleRate, channels) => {
    const input = `-f lavfi -i sine=frequency=440 -t 1 -c:a ${audio} -f mpegts`;
    expect(probed(cached(input.split(' '))).tracks[0]).toMatchObject({ sampleRate, channels });
  });

  it('gives the same however the bytes are cut', () => {
    const ts = makeClip({ seconds: 2 });
    for (const size of [1, 100, 188, 4000]) expect(probed(ts, size)).toEqual(probed(ts));
  });

  it('trap 12, padding: counts null packets on their own line', () => {
    const ts = makeClip({ seconds: 2, args: ['-muxrate', '4M'] });
    const { packets, nullPackets, tracks } = probed(ts);
    expect(packets).toBe(ts.length / 188);
    expect(nullPackets).toBe(packetsOf(ts).filter((packet) => pidOf(packet) === 0x1fff).length);
    expect(tracks.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan((packets - nullPackets) * 188);
  });

  it('reads the same of what FLV to TS writes', () => {
    const { health, tracks, pcrPeakMs } = probed(toTs(tagsOf(makeClip({ container: 'flv' }))).ts);
    expect(Object.values(health).every((count) => count === 0)).toBe(true);
    expect(tracks.map(({ frames }) => frames)).toEqual([180, 283]);
    expect(pcrPeakMs).toBeLessThanOrEqual(40);
  });
});

describe('the health of a transport stream, after TR 101 290', () => {
  const clean = () => toTs(tagsOf(makeClip({ container: 'flv' }))).ts;
  const without = (ts: Uint8Array, gone: (packet: Uint8Array, i: number) => boolean) =>
    joined(packetsOf(ts).filter((packet, i) => !gone(packet, i)));

  it('1.1, 1.2: counts lost grids and single packets without a sync byte', () => {
    const packets = packetsOf(clean());
    const { health } = probed(joined([...packets.slice(0, 500), new Uint8Array(77), ...packets.slice(500)]));
    expect(health.syncLosses).toBe(1);
    const broken = edited(clean(), (packet, i) => {
      if (i === 600) packet[0] = 0x48;
    });
    expect(probed(broken).health).toMatchObject({ syncLosses: 0, syncByteErrors: 1, continuityErrors: 1 });
  });

  it('1.3, 1.5: counts each half second without tables', () => {
    const ts = clean();
    const noPat = without(ts, (packet, i) => i > 200 && pidOf(packet) === 0);
    const noPmt = without(ts, (packet, i) => i > 200 && pidOf(packet) === 0x1000);
    expect(probed(noPat).health.patErrors).toBeGreaterThanOrEqual(9);
    expect(probed(noPat).health.pmtErrors).toBe(0);
    expect(probed(noPmt).health.pmtErrors).toBeGreaterThanOrEqual(9);
  });

  it('1.4: counts losses by track, and allows one repetition', () => {
    const ts = clean();
    const lost = packetsOf(ts).findIndex(
      (packet, i) => i > 300 && pidOf(packet) === videoPid && (packet[3] ?? 0) >> 4 === 1,
    );
    const { health, tracks } = probed(without(ts, (_, i) => i === lost));
    expect(health.continuityErrors).toBe(1);
    expect(tracks.map(({ continuityErrors }) => continuityErrors)).toEqual([1, 0]);
    const twice = joined(packetsOf(ts).flatMap((packet, i) => (i === lost ? [packet, packet] : [packet])));
    expect(probed(twice).health.continuityErrors).toBe(0);
    const thrice = joined(packetsOf(ts).flatMap((packet, i) => (i === lost ? [packet, packet, packet] : [packet])));
    expect(probed(thrice).health.continuityErrors).toBe(1);
  });

  it('1.6: counts a track that falls silent for five seconds', () => {
    const audioGone = without(clean(), (packet, i) => i > 100 && pidOf(packet) === 0x101);
    expect(probed(audioGone).health.pidErrors).toBe(1);
  });

  it('2.1, 2.2: counts transport errors and wrong CRCs', () => {
    const ts = edited(clean(), (packet, i) => {
      if (i % 300 === 299) packet[1] = (packet[1] ?? 0) | 0x80;
      if (pidOf(packet) === 0x1000 && i > 100) packet[12] = (packet[12] ?? 0) ^ 1;
    });
    expect(probed(ts).health.transportErrors).toBeGreaterThan(3);
    expect(probed(ts).health.crcErrors).toBeGreaterThan(20);
  });

  it('2.3: counts clocks that are rare, and clocks that jump', () => {
    const rare = probed(makeClip()).health; // ffmpeg writes PCR every 100 ms where no bit rate is asked for.
    expect(rare.pcrRepetitionErrors).toBeGreaterThan(20);
    expect(rare.pcrDiscontinuityErrors).toBe(0);
    const jump = joined([clean(), makeClip({ args: ['-output_ts_offset', '500', '-muxrate', '3M'] })]);
    expect(probed(jump).health.pcrDiscontinuityErrors).toBe(1);
  });

  it('2.5: counts pictures that come less often than every 0.7 s', () => {
    const slow = '-f lavfi -i testsrc=size=320x180:rate=1 -t 6 -c:v libx264 -preset ultrafast -bf 0 -f mpegts'.split(
      ' ',
    );
    expect(probed(cached(slow)).health.ptsErrors).toBe(5);
    expect(probed(cached(slow)).ptsPeakMs).toBe(1000);
  });

  it('counts a scrambled packet and does not look into it', () => {
    const ts = edited(clean(), (packet) => {
      if (pidOf(packet) === videoPid && begins(packet)) packet[3] = (packet[3] ?? 0) | 0x80;
    });
    expect(probed(ts).scrambledPackets).toBe(180);
    expect(probed(ts).tracks[0]?.frames).toBe(0);
  });

  it('peaks begin anew when they were read', () => {
    const probe = new TsProbe();
    probe.push(makeClip());
    expect(probe.report().pcrPeakMs).toBe(100);
    probe.resetPeaks();
    expect(probe.report().pcrPeakMs).toBe(0);
  });
});

describe('what a probe finds in FLV tags', () => {
  it('names tracks, formats and frames', () => {
    const probe = new FlvProbe();
    for (const tag of tagsOf(makeClip({ container: 'flv' }))) probe.push(tag);
    const tracks = probe.report();
    expect(tracks).toMatchObject([
      { kind: 'video', codec: 'h264', width: 320, height: 180, frames: 180, keyframes: 6 },
      { kind: 'audio', codec: 'aac', sampleRate: 48000, channels: 1 },
    ]);
    expect(tracks[0] && framesPerSecond(tracks[0])).toBeCloseTo(30, 1);
  });
});
