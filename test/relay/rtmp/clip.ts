/** A short clip made by ffmpeg, FLV files in and out, and hashes of decoded frames: what the interop tests judge by. */

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { putU24, putU32, u24 } from '../../../relay/rtmp/bytes.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { type TagKind, toFlvTag } from '../../../relay/rtmp/tag.ts';

const exec = promisify(execFile);

/** The arguments of a command line whose arguments hold no space. */
export const words = (line: string): string[] => line.split(' ');

/** Runs to the end and gives what it wrote to standard output; rejects with its error output when it fails. */
export const run = async (command: string, args: readonly string[], timeout = 20_000): Promise<string> =>
  (await exec(command, [...args], { timeout, maxBuffer: 64 * 1024 * 1024 })).stdout;

/** A program that runs until `stop`, ended by its own process id. */
export class Running {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  errors = '';

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.on('data', (bytes: Buffer) => {
      this.errors = (this.errors + bytes.toString()).slice(-4_000);
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  ended(): Promise<void> {
    return this.#ended;
  }

  /** Asks it to end, and makes it after two seconds. */
  async close(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2_000);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** H.264 with B-frames and AAC, 25 frames/s, a key frame each second. */
export const makeClip = (file: string, seconds: number): Promise<string> =>
  run('ffmpeg', [
    ...words('-v error -y -f lavfi -i testsrc=size=320x240:rate=25 -f lavfi -i sine=frequency=440'),
    ...words(`-t ${seconds} -c:v libx264 -preset ultrafast -bf 2 -g 25 -b:v 800k`),
    ...words(`-pix_fmt yuv420p -c:a aac -ar 48000 -ac 2 -f flv ${file}`),
  ]);

/** The decoded video frames of a file or address, each as a hash. */
export async function frameHashes(input: string): Promise<string[]> {
  const text = await run('ffmpeg', words(`-v error -i ${input} -map 0:v -fps_mode passthrough -f framemd5 -`));
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/** Packets of a file by stream: kind, dts, pts in ms. */
export async function packets(input: string): Promise<{ kind: string; dts: number; pts: number }[]> {
  const fields = ['-show_entries', 'packet=codec_type,dts,pts', '-of', 'csv=p=0'];
  const text = await run('ffprobe', ['-v', 'error', ...fields, input]);
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map(([kind = '', pts, dts]) => ({ kind, dts: Number(dts), pts: Number(pts) }));
}

const kinds = new Map<number, TagKind>([
  [8, 'audio'],
  [9, 'video'],
  [18, 'data'],
]);
const types = { audio: 8, video: 9, data: 18 } as const;
const fileHeader = Uint8Array.of(0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0);

export async function readFlv(file: string): Promise<FlvTag[]> {
  const bytes = await readFile(file);
  const tags: FlvTag[] = [];
  for (let at = 13; at + 11 <= bytes.length; ) {
    const size = u24(bytes, at + 1);
    const timestampMs = u24(bytes, at + 4) + (bytes[at + 7] ?? 0) * 0x1000000;
    const kind = kinds.get(bytes[at] ?? 0);
    if (kind !== undefined) tags.push(toFlvTag(kind, timestampMs, bytes.subarray(at + 11, at + 11 + size)));
    at += 11 + size + 4;
  }
  return tags;
}

export const writeFlv = (file: string, tags: readonly FlvTag[]): Promise<void> =>
  writeFile(file, Buffer.concat([fileHeader, ...tags.flatMap((tag) => [tagHeader(tag), tag.body, backPointer(tag)])]));

function tagHeader({ kind, timestampMs, body }: FlvTag): Uint8Array {
  const header = new Uint8Array(11);
  header[0] = types[kind];
  putU24(header, 1, body.length);
  putU24(header, 4, timestampMs & 0xffffff);
  header[7] = timestampMs >>> 24;
  return header;
}

function backPointer({ body }: FlvTag): Uint8Array {
  const pointer = new Uint8Array(4);
  putU32(pointer, 0, body.length + 11);
  return pointer;
}
