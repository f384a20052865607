/** What ffprobe and ffmpeg say of a recording beside its source. They share no code with us. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { countContinuity } from './continuity.ts';

const exec = promisify(execFile);

/** One decoded picture, or one coded frame of sound, known by the hash of its content. */
export interface Piece {
  readonly hash: string;
  /** Presentation time in seconds. */
  readonly at: number;
}

export interface Reading {
  readonly pictures: readonly Piece[];
  readonly sounds: readonly Piece[];
  /** Decode times in seconds, in file order. */
  readonly dts: { readonly video: readonly number[]; readonly audio: readonly number[] };
}

/** The pictures are decoded; sound is only freed of its ADTS headers, which one container has and the other has not. */
export async function readMedia(file: string): Promise<Reading> {
  const [content, packets] = await Promise.all([hashesOf(file), packetsOf(file)]);
  return { ...content, dts: packets };
}

async function hashesOf(file: string): Promise<Pick<Reading, 'pictures' | 'sounds'>> {
  const input = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-copyts', '-i', file];
  const maps = ['-map', '0:v:0', '-map', '0:a:0?', '-fps_mode', 'passthrough', '-c:a', 'copy'];
  const args = [...input, ...maps, '-bsf:a', 'aac_adtstoasc', '-f', 'framemd5', '-'];
  const { stdout } = await exec('ffmpeg', args, { maxBuffer: 1 << 28, timeout: 60_000 });
  const clocks = new Map(
    [...stdout.matchAll(/^#tb (\d): (\d+)\/(\d+)$/gm)].map(([, s, n, d]) => [s, Number(n) / Number(d)]),
  );
  const rows = stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((field) => field.trim()))
    .map(([stream = '', , pts = '', , , hash = '']) => ({ stream, hash, at: Number(pts) * (clocks.get(stream) ?? 0) }));
  const ofStream = (wanted: string): Piece[] =>
    rows.filter(({ stream }) => stream === wanted).map(({ hash, at }) => ({ hash, at }));
  return { pictures: ofStream('0'), sounds: ofStream('1') };
}

async function packetsOf(file: string): Promise<Reading['dts']> {
  const args = ['-v', 'error', '-show_entries', 'packet=codec_type,dts_time', '-of', 'csv=p=0', file];
  const { stdout } = await exec('ffprobe', args, { maxBuffer: 1 << 28, timeout: 60_000 });
  const rows = stdout.split('\n').map((line) => line.split(','));
  const timesOf = (wanted: string): number[] =>
    rows.filter(([kind, dts]) => kind === wanted && dts !== 'N/A').map(([, dts]) => Number(dts));
  return { video: timesOf('video'), audio: timesOf('audio') };
}

/** The smallest and the largest step between neighbours, in ms. */
export function stepsOf(times: readonly number[]): { least: number; longest: number } {
  const steps = times.slice(1).map((time, i) => (time - (times[i] ?? 0)) * 1000);
  return { least: Math.min(...steps), longest: Math.max(...steps) };
}

/**
 * The largest change of the distance of any sound to the picture, in ms: each piece that both have is matched by its
 * content, and every shift of one kind is compared with every shift of the other.
 */
export function skewMs(source: Reading, output: Reading): number {
  const video = shiftsOf(source.pictures, output.pictures);
  const audio = shiftsOf(source.sounds, output.sounds);
  if (video.length === 0 || audio.length === 0) return Number.NaN;
  return Math.max(Math.max(...audio) - Math.min(...video), Math.max(...video) - Math.min(...audio)) * 1000;
}

/** How far each piece moved; those whose content is not unique are left out. */
function shiftsOf(before: readonly Piece[], after: readonly Piece[]): number[] {
  const [from, to] = [uniqueTimes(before), uniqueTimes(after)];
  return [...to].flatMap(([hash, at]) => {
    const was = from.get(hash);
    return was === undefined ? [] : [at - was];
  });
}

function uniqueTimes(pieces: readonly Piece[]): Map<string, number> {
  const times = new Map<string, number>();
  const twice = new Set<string>();
  for (const { hash, at } of pieces) {
    if (times.has(hash)) twice.add(hash);
    times.set(hash, at);
  }
  for (const hash of twice) times.delete(hash);
  return times;
}

/** Continuity errors of a file of TS packets as they arrived. */
export const continuityErrors = async (file: string): Promise<number> => countContinuity(await readFile(file)).errors;
