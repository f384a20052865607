/** Small clips made by ffmpeg, and what ffprobe and ffmpeg say of ours. The judges here share no code with us. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const cache = join(tmpdir(), 'streamlink-clips');
const picture = 'testsrc2=size=320x180:rate=30';
const sound = 'sine=frequency=440:sample_rate=48000';
const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin'];

export const encoders = {
  /** B-frames, two reference frames, a key frame each second. */
  h264: 'libx264 -preset veryfast -threads 1 -bf 2 -g 30 -keyint_min 30 -sc_threshold 0 -pix_fmt yuv420p'.split(' '),
  h265: 'libx265 -preset ultrafast -threads 1 -pix_fmt yuv420p'.split(' '),
} as const;

const h265Params = ['-x265-params', 'log-level=none:keyint=30:min-keyint=30:bframes=2:pools=1:frame-threads=1'];

export interface ClipOptions {
  readonly video?: keyof typeof encoders | 'none';
  readonly audio?: readonly string[];
  readonly seconds?: number;
  readonly container?: 'mpegts' | 'flv';
  /** More arguments for the muxer. */
  readonly args?: readonly string[];
}

/** The bytes of a clip of moving test picture and tone. Made once for each set of options. */
export const makeClip = (options: ClipOptions = {}): Uint8Array => {
  const { video = 'h264', audio = ['aac', '-b:a', '96k'], seconds = 6, container = 'mpegts', args = [] } = options;
  const inputs = [
    ...(video === 'none' ? [] : ['-f', 'lavfi', '-i', picture]),
    ...(audio.length === 0 ? [] : ['-f', 'lavfi', '-i', sound]),
  ];
  const coding = [
    ...(video === 'none' ? [] : ['-c:v', ...encoders[video], ...(video === 'h265' ? h265Params : [])]),
    ...(audio.length === 0 ? [] : ['-c:a', ...audio]),
  ];
  return cached([...inputs, '-t', String(seconds), ...coding, ...args, '-f', container]);
};

/** The output of ffmpeg with these arguments. */
export const cached = (args: readonly string[]): Uint8Array => {
  const name = createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 16);
  const path = join(cache, name);
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true });
    const partial = `${path}.${process.pid}`;
    execFileSync('ffmpeg', [...quiet, ...args, '-y', partial]);
    renameSync(partial, path);
  }
  return new Uint8Array(readFileSync(path));
};

const folder = mkdtempSync(join(tmpdir(), 'streamlink-formats-'));
let saved = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes bytes where the judges can read them, until the test file is done. */
export const save = (bytes: Uint8Array, name: string): string => {
  const path = join(folder, `${saved++}-${name}`);
  writeFileSync(path, bytes);
  return path;
};

export interface ProbedPacket {
  readonly kind: string;
  /** Seconds. */
  readonly dts: number;
  readonly pts: number;
  readonly keyframe: boolean;
}

/** What ffprobe reads of a file's packets, in file order. */
export const probePackets = (path: string): ProbedPacket[] => {
  const entries = 'packet=codec_type,pts_time,dts_time,flags';
  const text = execFileSync('ffprobe', ['-v', 'error', '-show_entries', entries, '-of', 'csv=p=0', path], {
    maxBuffer: 1 << 28,
  }).toString();
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '') // Packets with side data are followed by an empty line.
    .map((line) => {
      const [kind = '', pts = '', dts = '', flags = ''] = line.split(',');
      return { kind, pts: Number(pts), dts: Number(dts), keyframe: flags.startsWith('K') };
    });
};

/** Hashes of the first decoded pictures; how ffmpeg shows them, not how they are stamped. */
export const pictureHashes = (path: string, count = 150): string[] => {
  const args = [...quiet, '-i', path, '-map', '0:v:0', '-fps_mode', 'passthrough', '-frames:v', String(count)];
  const text = execFileSync('ffmpeg', [...args, '-f', 'framemd5', '-'], { maxBuffer: 1 << 26 }).toString();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)?.trim() ?? '');
};

/** What ffmpeg complains of while it decodes all of a file: empty for a good one. */
export const complaints = (path: string): string =>
  execFileSync('sh', ['-c', `ffmpeg -hide_banner -nostdin -v warning -i "${path}" -f null - 2>&1`]).toString();

/** The decode times of one kind of packet, seconds. */
export const timesOf = (packets: readonly ProbedPacket[], kind: 'video' | 'audio'): number[] =>
  packets.filter((packet) => packet.kind === kind).map(({ dts }) => dts);

/** The smallest step between neighbours; infinite for less than two. */
export const leastStep = (times: readonly number[]): number =>
  times.reduce((least, time, i) => (i === 0 ? least : Math.min(least, time - (times[i - 1] ?? 0))), Infinity);
