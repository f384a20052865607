/** Times of a transport stream whose tracks change their PIDs. */
import { readFileSync } from 'node:fs';
import { survey } from '../relay/formats/survey.ts';

/** Decode times of video in s, in the order in which the frames came, whatever PID they came on. */
export function videoDts(file: string, videoPids: readonly number[]): number[] {
  const { pes } = survey(readFileSync(file));
  return videoPids
    .flatMap((pid) => pes.get(pid) ?? [])
    .toSorted((a, b) => a.index - b.index)
    .map(({ dtsMs }) => dtsMs / 1000);
}
