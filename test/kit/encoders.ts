/** Real encoders that push a clip in real time: ffmpeg, GStreamer, and librtmp inside GStreamer. */
import { type Program, run } from './program.ts';

export type WayIn = 'srt' | 'rtmp' | 'rtp';

/** Where to push: what the console shows an operator, the stream key at the end of an RTMP address. */
export interface PushTarget {
  readonly protocol: WayIn;
  readonly url: string;
}

export interface Clip {
  readonly ts: string;
  readonly flv: string;
}

export type Encoder = (clip: Clip, target: PushTarget) => Promise<Program>;

/** Seven TS packets, and with them an RTP header. */
const datagram = { srt: 1316, rtp: 1328 } as const;
const muxers = { srt: 'mpegts', rtmp: 'flv', rtp: 'rtp_mpegts' } as const;

/** `input` and `output` are more arguments for each side. */
export const pushWith = (
  clip: string,
  { protocol, url }: PushTarget,
  { input = [], output = [] }: { input?: readonly string[]; output?: readonly string[] } = {},
): Promise<Program> => {
  const to = protocol === 'rtmp' ? url : `${url}?pkt_size=${datagram[protocol]}`;
  const from = ['-hide_banner', '-loglevel', 'warning', '-nostdin', '-re', ...input, '-i', clip];
  return run('ffmpeg', [...from, '-map', '0', '-c', 'copy', ...output, '-f', muxers[protocol], to]);
};

/** Arguments for the output by which its PIDs begin at `pid`, as each of ffmpeg's muxers wants it said. */
export function firstPid(protocol: WayIn, pid: number): readonly string[] {
  if (protocol === 'rtmp') return [];
  return protocol === 'srt' ? ['-mpegts_start_pid', String(pid)] : ['-mpegts_muxer_options', `mpegts_start_pid=${pid}`];
}

export const ffmpegEncoder: Encoder = (clip, target) => pushWith(clip.ts, target);

export const gstEncoder: Encoder = ({ ts, flv }, target) => {
  if (target.protocol === 'rtmp') return gstFlv(flv, `rtmp2sink location=${target.url}`);
  const { hostname, port } = new URL(target.url);
  const packets = `filesrc location=${ts} ! tsparse set-timestamps=true alignment=7`;
  if (target.protocol === 'srt') return gst(`${packets} ! srtsink uri=srt://${hostname}:${port}?mode=caller`);
  return gst(`${packets} ! rtpmp2tpay ! udpsink host=${hostname} port=${port}`);
};

/** The library of OBS and of rtmpdump, which itself cannot push. */
export const librtmpEncoder: Encoder = ({ flv }, { url }) => gstFlv(flv, `rtmpsink location=${url}`);

const gstFlv = (flv: string, sink: string): Promise<Program> =>
  gst(
    `filesrc location=${flv} ! flvdemux name=d flvmux name=m streamable=true ! ${sink} ` +
      'd.video ! queue ! h264parse ! m. d.audio ! queue ! aacparse ! m.',
  );

/** No argument of the line holds a space. */
export const gst = (line: string): Promise<Program> => run('gst-launch-1.0', ['-q', ...line.split(' ')]);
