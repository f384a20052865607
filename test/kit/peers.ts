/** Real encoders and receivers: ffmpeg and srt-live-transmit. */
import { statSync } from 'node:fs';
import { type Program, run } from './program.ts';

export interface EncoderTarget {
  readonly port: number;
  readonly passphrase?: string;
  /** As it is: this ffmpeg takes no %23 for a #. */
  readonly streamId?: string;
}

/**
 * ffmpeg in real time: 640x360 H.264 with B-frames and AAC as MPEG-TS at about 2 Mbit/s, to each target over SRT,
 * and the very same bytes to `copy`.
 */
export function pushWithFfmpeg(targets: readonly EncoderTarget[], copy: string, seconds: number): Promise<Program> {
  const outputs = [...targets.map((target) => `[f=mpegts:onfail=ignore]${srtUrl(target)}`), `[f=mpegts]${copy}`];
  return run('ffmpeg', [
    ...[
      '-loglevel',
      'warning',
      '-re',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=640x360:r=25',
      '-re',
      '-f',
      'lavfi',
      '-i',
      'sine=r=48000',
    ],
    ...[
      '-t',
      String(seconds),
      '-map',
      '0:v',
      '-map',
      '1:a',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-bf',
      '2',
      '-g',
      '25',
    ],
    ...['-b:v', '2M', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k', '-f', 'tee', outputs.join('|')],
  ]);
}

const srtUrl = ({ port, passphrase, streamId }: EncoderTarget): string => {
  const id = streamId ? `&streamid=${streamId}` : '';
  const key = (passphrase ? `&passphrase=${passphrase}&pbkeylen=32` : '') + id;
  return `srt://127.0.0.1:${port}?mode=caller&transtype=live&pkt_size=1316${key}`;
};

/** One attempt to push with ffmpeg, which ends with an error when it is refused. */
export const tryToPush = (target: EncoderTarget): Promise<Program> =>
  run('ffmpeg', [
    '-loglevel',
    'warning',
    '-re',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=320x180',
    '-t',
    '10',
    '-f',
    'mpegts',
    srtUrl(target),
  ]);

/** srt-live-transmit waits for a caller on `port` and writes what arrives to `file`. */
export const receive = (port: number, file: string): Promise<Program> =>
  run('sh', [
    '-c',
    'exec srt-live-transmit -q -a no "$0" file://con > "$1"',
    `srt://127.0.0.1:${port}?mode=listener`,
    file,
  ]);

/** Bytes in a file, 0 while there is none. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
