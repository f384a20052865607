/** The clips that stories push: moving picture and noise, so that every frame is known by its content. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clip } from './encoders.ts';

const cache = join(tmpdir(), 'streamlink-clips');

export interface ClipWish {
  readonly codec?: 'h264' | 'h265';
  readonly seconds: number;
  /** Of video, in kbit/s. */
  readonly kbps?: number;
  /** More arguments for the coding. */
  readonly args?: readonly string[];
}

/** A key frame each second, B-frames, 30 frames/s, AAC of 48 kHz: 16 frames of it in each PES, as ffmpeg packs them. */
const coders = {
  h264: ['libx264', '-preset', 'veryfast', '-bf', '2', '-g', '30', '-keyint_min', '30', '-sc_threshold', '0'],
  h265: [
    ...['libx265', '-preset', 'ultrafast', '-x265-params'],
    'log-level=none:keyint=30:min-keyint=30:bframes=2:pools=1:frame-threads=1',
  ],
} as const;

/** Made once for each wish and kept in the system's temporary folder; copied into `folder`, so that it may be deleted. */
export function makeClips(folder: string, { codec = 'h264', seconds, kbps = 500, args = [] }: ClipWish): Clip {
  mkdirSync(cache, { recursive: true });
  const name = ['story', codec, seconds, kbps, ...args].join('-').replace(/[^\w-]/g, '_');
  const ts = join(cache, `${name}.ts`);
  if (!existsSync(ts)) {
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30'];
    const sound = ['-f', 'lavfi', '-i', 'anoisesrc=seed=7:amplitude=0.2:sample_rate=48000'];
    const video = ['-c:v', ...coders[codec], '-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`];
    const coding = [...video, '-threads', '1', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '64k', ...args];
    ffmpeg([...picture, ...sound, '-t', String(seconds), ...coding, '-f', 'mpegts', `${ts}.new`]);
    renameSync(`${ts}.new`, ts);
  }
  const mine: Clip = { ts: join(folder, `${name}.ts`), flv: join(folder, `${name}.flv`) };
  copyFileSync(ts, mine.ts);
  // ffmpeg 5.1 cannot write HEVC into FLV.
  if (codec === 'h264') ffmpeg(['-i', ts, '-c', 'copy', '-f', 'flv', mine.flv]);
  return mine;
}

const ffmpeg = (args: readonly string[]): void =>
  void execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...args]);
