/** Clips of which everything that Health shows is known: pushed as they are, so that a push costs next to no CPU. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WayIn } from './encoders.ts';
import { type Program, run } from './program.ts';

const cache = join(tmpdir(), 'streamlink-clips');

/** Sound as ffmpeg is told of it: codec, kbit/s, Hz. */
export interface SoundWish {
  readonly codec: 'aac' | 'mp2' | 'ac3';
  readonly kbps: number;
  readonly hz: 44_100 | 48_000;
}

export interface TruthClip {
  readonly name: string;
  readonly video: 'h264' | 'h265';
  /** As ffmpeg is told: 25 or 30000/1001. */
  readonly rate: string;
  readonly kbps: number;
  readonly sounds: readonly SoundWish[];
  readonly seconds: number;
}

const coders = {
  h264: (gop: number) => ['libx264', '-preset', 'veryfast', '-bf', '2', '-g', String(gop), '-sc_threshold', '0'],
  h265: (gop: number) => [
    ...['libx265', '-preset', 'ultrafast', '-x265-params'],
    `log-level=none:keyint=${gop}:min-keyint=${gop}:bframes=2:pools=1:frame-threads=1`,
  ],
} as const;

export const framesPerSecond = ({ rate }: Pick<TruthClip, 'rate'>): number => {
  const [frames = 0, seconds = 1] = rate.split('/').map(Number);
  return frames / seconds;
};

/** The clip's file: Matroska, which holds any of these codecs. Made once and kept in the system's temporary folder. */
export function truthClip(clip: TruthClip): string {
  mkdirSync(cache, { recursive: true });
  const wish = createHash('sha256').update(JSON.stringify(clip)).digest('hex').slice(0, 16);
  const path = join(cache, `truth-${wish}.mkv`);
  if (existsSync(path)) return path;
  const { video, rate, kbps, sounds, seconds } = clip;
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${rate}`];
  const noise = sounds.flatMap(({ hz }, i) => ['-f', 'lavfi', '-i', `anoisesrc=seed=${i + 1}:a=0.2:sample_rate=${hz}`]);
  const maps = ['-map', '0:v', ...sounds.flatMap((_, i) => ['-map', `${i + 1}:a`])];
  const coding = ['-c:v', ...coders[video](Math.round(framesPerSecond(clip))), '-b:v', `${kbps}k`, '-threads', '1'];
  const bounds = ['-maxrate', `${kbps}k`, '-bufsize', `${kbps / 2}k`, '-pix_fmt', 'yuv420p'];
  const coded = sounds.flatMap(({ codec, kbps: audio }, i) => [`-c:a:${i}`, codec, `-b:a:${i}`, `${audio}k`]);
  const all = [...picture, ...noise, ...maps, '-t', String(seconds), ...coding, ...bounds, ...coded];
  execFileSync('ffmpeg', ['-loglevel', 'error', '-nostdin', '-y', ...all, `${path}.new.mkv`]);
  renameSync(`${path}.new.mkv`, path);
  return path;
}

export interface Push {
  readonly protocol: WayIn;
  readonly url: string;
  /** Stuffed to this constant bit rate, in bit/s; of TS only. */
  readonly constantRate?: number;
}

/** ffmpeg pushes the clip in real time. Sound is packed as ffmpeg packs it: up to sixteen frames of AAC in a PES. */
export function pushTruth(file: string, { protocol, url, constantRate }: Push): Promise<Program> {
  const from = ['-loglevel', 'warning', '-nostdin', '-re', '-i', file, '-c', 'copy'];
  if (protocol === 'rtmp') return run('ffmpeg', [...from, '-map', '0:v', '-map', '0:a:0', '-f', 'flv', url]);
  const muxer =
    protocol === 'srt' ? ['-f', 'mpegts', `${url}?pkt_size=1316`] : ['-f', 'rtp_mpegts', `${url}?pkt_size=1328`];
  return run('ffmpeg', [...from, '-map', '0', ...stuffing(protocol, constantRate), ...muxer]);
}

function stuffing(protocol: WayIn, rate: number | undefined): readonly string[] {
  if (rate === undefined) return [];
  return protocol === 'srt' ? ['-muxrate', String(rate)] : ['-mpegts_muxer_options', `muxrate=${rate}`];
}
