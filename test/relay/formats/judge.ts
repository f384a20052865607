/** Compares an output with its source through ffprobe and ffmpeg. */

import { expect } from 'vitest';
import { leastStep, pictureHashes, probePackets, save, timesOf } from './clip.ts';

/** The file extension tells ffmpeg nothing; it is for people who look into the folder. */
export interface Compared {
  readonly source: Uint8Array;
  readonly output: Uint8Array;
  readonly extension: 'flv' | 'ts';
}

/**
 * The same number of frames, the same first 150 pictures, dts that rises strictly on each track, and sound no more
 * than 40 ms from where it was beside the picture, at the beginning as at the end.
 */
export const expectSameMedia = ({ source, output, extension }: Compared): void => {
  const sourcePath = save(source, 'source.ts');
  const outputPath = save(output, `output.${extension}`);
  const before = probePackets(sourcePath);
  const after = probePackets(outputPath);
  for (const kind of ['video', 'audio'] as const) {
    expect(timesOf(after, kind).length, `${kind} frames`).toBe(timesOf(before, kind).length);
    expect(leastStep(timesOf(after, kind)), `least step of ${kind}`).toBeGreaterThan(0);
  }
  expect(skewMs(before, after)).toBeLessThanOrEqual(40);
  expect(pictureHashes(outputPath)).toEqual(pictureHashes(sourcePath));
};

/** The largest change of the distance of sound to picture, over frames counted from the end of each track. */
export const skewMs = (before: ReturnType<typeof probePackets>, after: ReturnType<typeof probePackets>): number => {
  const lead = (packets: ReturnType<typeof probePackets>): number[] => {
    const video = timesOf(packets, 'video').at(-1) ?? 0;
    return timesOf(packets, 'audio')
      .map((time) => time - video)
      .reverse();
  };
  const wanted = lead(before);
  return Math.max(...lead(after).map((time, i) => Math.abs(time - (wanted[i] ?? time)))) * 1000;
};
