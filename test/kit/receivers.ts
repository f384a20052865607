/** Real receivers that wait for a push and write it to a file. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gst } from './encoders.ts';
import { receive } from './peers.ts';
import { type Program, run } from './program.ts';

/** How a receiver is called from outside, as an output's destination. */
export type Destination = { host: string; port: number } | { url: string; streamKey: string };

export interface Receiver {
  readonly destination: Destination;
  /** The program that waits, or undefined where one program serves several. */
  readonly start: () => Promise<Program> | undefined;
  readonly file: () => string;
  /** The very packets that arrived: their continuity can be judged. */
  readonly isRaw: boolean;
}

export type ReceiverName = 'srt-live-transmit' | 'ffmpeg' | 'GStreamer' | 'nginx-rtmp';

const host = '127.0.0.1';
const quiet = ['-hide_banner', '-loglevel', 'warning', '-nostdin', '-y'];

/** Writes each frame as it comes, and for TS as a PES of its own, so that the file says what ffmpeg was sent. */
function ffmpegInto(file: string, muxer: string, input: readonly string[]): Promise<Program> {
  const output = ['-map', '0', '-c', 'copy', '-copyts', '-flush_packets', '1', '-pes_payload_size', '0'];
  return run('ffmpeg', [...quiet, ...input, ...(muxer === 'flv' ? output.slice(0, -2) : output), '-f', muxer, file]);
}

export const srtReceivers = {
  'srt-live-transmit': (port: number, base: string): Receiver => ({
    destination: { host, port },
    start: () => receive(port, `${base}.ts`),
    file: () => `${base}.ts`,
    isRaw: true,
  }),
  ffmpeg: (port: number, base: string): Receiver => ({
    destination: { host, port },
    start: () => ffmpegInto(`${base}.ts`, 'mpegts', ['-i', `srt://${host}:${port}?mode=listener`]),
    file: () => `${base}.ts`,
    isRaw: false,
  }),
  GStreamer: (port: number, base: string): Receiver => ({
    destination: { host, port },
    start: () => gst(`srtsrc uri=srt://${host}:${port}?mode=listener ! filesink buffer-mode=2 location=${base}.ts`),
    file: () => `${base}.ts`,
    isRaw: true,
  }),
} as const;

/** Told the payload type, for ffmpeg would otherwise take the first packet to find it out, and lose it. */
function rtpByDescription(port: number, base: string): readonly string[] {
  const lines = ['v=0', `o=- 0 0 IN IP4 ${host}`, 's=x', `c=IN IP4 ${host}`, 't=0 0', `m=video ${port} RTP/AVP 33`];
  writeFileSync(`${base}.sdp`, `${lines.join('\n')}\n`);
  return ['-protocol_whitelist', 'file,udp,rtp', '-i', `${base}.sdp`];
}

const rtpCaps = 'application/x-rtp,media=video,clock-rate=90000,encoding-name=MP2T,payload=33';

/** Each needs `port` and the one after it, where ffmpeg waits for RTCP. */
export const rtpReceivers = {
  ffmpeg: (port: number, base: string): Receiver => ({
    destination: { host, port },
    start: () => ffmpegInto(`${base}.ts`, 'mpegts', rtpByDescription(port, base)),
    file: () => `${base}.ts`,
    isRaw: false,
  }),
  GStreamer: (port: number, base: string): Receiver => gstRtp(port, base, '! rtpjitterbuffer '),
  /** In the order in which datagrams come; a jitter buffer drops some while it learns of a new sender. */
  'GStreamer-unbuffered': (port: number, base: string): Receiver => gstRtp(port, base, ''),
} as const;

function gstRtp(port: number, base: string, buffer: string): Receiver {
  const line = `udpsrc port=${port} caps=${rtpCaps} ${buffer}! rtpmp2tdepay ! filesink buffer-mode=2 location=${base}.ts`;
  return { destination: { host, port }, start: () => gst(line), file: () => `${base}.ts`, isRaw: true };
}

export const rtmpFfmpeg = (port: number, base: string): Receiver => ({
  destination: { url: `rtmp://${host}:${port}/live`, streamKey: 'a-key?token=b' },
  start: () => ffmpegInto(`${base}.flv`, 'flv', ['-listen', '1', '-i', `rtmp://${host}:${port}/live/a-key`]),
  file: () => `${base}.flv`,
  isRaw: false,
});

export interface NginxRtmp {
  readonly program: Program;
  /** The stream `name`, recorded as it arrives. */
  receiver(name: string): Receiver;
  /** What nginx logged: a line for each connection and each publish. */
  readonly logFile: string;
}

/** One worker in the foreground that records every stream; everything it writes is in `folder`. */
export async function startNginxRtmp(port: number, folder: string): Promise<NginxRtmp> {
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, 'nginx.log');
  const live = `live on; record all; record_path ${folder}; record_suffix .flv; record_unique off;`;
  writeFileSync(
    join(folder, 'nginx.conf'),
    `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
     daemon off; master_process off; user root; pid ${folder}/nginx.pid; error_log ${logFile} info;
     events {} rtmp { server { listen ${host}:${port}; chunk_size 4096; application live { ${live} } } }`,
  );
  const program = await run('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', logFile]);
  return {
    program,
    logFile,
    receiver: (name) => ({
      destination: { url: `rtmp://${host}:${port}/live`, streamKey: name },
      start: () => undefined,
      file: () => join(folder, readdirSync(folder).find((file) => file.startsWith(`${name}.`)) ?? 'none'),
      isRaw: false,
    }),
  };
}
