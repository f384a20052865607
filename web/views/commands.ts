/** Ready-made commands that push to an input. Keys are never in them: the reader puts them in. */
import type { Input, SrtLink } from '../../db/model.ts';

export interface Command {
  readonly program: string;
  readonly line: string;
}

/** What stands where the reader's own key goes. */
export const keyPlace = 'YOUR_KEY';
/** And where the stream ID goes: one program reads it as it is, another as a URL has it. */
export const streamIdPlace = 'STREAM_ID';
/** And where the stream key goes, which the page shows beside them. */
export const streamKeyPlace = 'STREAM_KEY';

/** Seven TS packets, the most that fit into a datagram of Ethernet's 1500 bytes. */
const TS_BYTES = 7 * 188;
const RTP_HEADER_BYTES = 12;

/** `address` is what an operator is shown: `srt://host:port` and the like. */
export function pushCommands(input: Input, address: string): readonly Command[] {
  switch (input.protocol) {
    case 'srt':
      return srtCommands(address, input);
    case 'rtmp':
      return rtmpCommands(`${address}/${streamKeyPlace}`);
    case 'rtp':
      return input.bareTs ? udpCommands(address) : rtpCommands(address);
  }
}

/** ffmpeg counts SRT latency in µs, the others in ms; all count the key length in bytes. */
function srtCommands(address: string, { latencyMs, encryption, streamId }: SrtLink): readonly Command[] {
  const secret = encryption ? `&passphrase=${keyPlace}&pbkeylen=${encryption.keyLength / 8}` : '';
  const key = streamId === undefined ? secret : `${secret}&streamid=${streamIdPlace}`;
  const inMs = `${address}?mode=caller&latency=${latencyMs}${key}`;
  return [
    ffmpeg(`-map 0 -c copy -f mpegts "${address}?mode=caller&latency=${latencyMs * 1000}&pkt_size=${TS_BYTES}${key}"`),
    { program: 'srt-live-transmit', line: `srt-live-transmit "udp://:5000" "${inMs}"` },
    gstreamer(`srtsink uri="${inMs}"`),
  ];
}

function rtmpCommands(url: string): readonly Command[] {
  const sink = `flvmux name=mux streamable=true ! rtmp2sink location="${url}"`;
  const tracks = 'demux. ! queue ! h264parse ! mux. demux. ! queue ! aacparse ! mux.';
  return [
    ffmpeg(`-c copy -f flv "${url}"`),
    {
      program: 'GStreamer',
      line: `gst-launch-1.0 filesrc location=clip.ts ! tsparse set-timestamps=true ! tsdemux name=demux ${sink} ${tracks}`,
    },
  ];
}

const rtpCommands = (address: string): readonly Command[] => [
  ffmpeg(`-map 0 -c copy -f rtp_mpegts "${address}?pkt_size=${TS_BYTES + RTP_HEADER_BYTES}"`),
  gstreamer(`rtpmp2tpay ! udpsink ${hostAndPort(address)}`),
];

const udpCommands = (address: string): readonly Command[] => [
  ffmpeg(`-map 0 -c copy -f mpegts "${address}?pkt_size=${TS_BYTES}"`),
  gstreamer(`udpsink ${hostAndPort(address)}`),
];

const ffmpeg = (rest: string): Command => ({ program: 'ffmpeg', line: `ffmpeg -re -i clip.ts ${rest}` });

const gstreamer = (rest: string): Command => ({
  program: 'GStreamer',
  line: `gst-launch-1.0 filesrc location=clip.ts ! tsparse set-timestamps=true alignment=7 ! ${rest}`,
});

/** As udpsink wants them. */
function hostAndPort(address: string): string {
  const { host, port } = bracketless(address);
  return `host=${host} port=${port}`;
}

/** The parts of an address, of IPv6 without brackets, for fields of their own. */
export function bracketless(address: string): { readonly host: string; readonly port: string } {
  const [, host = '', port = ''] = /^\w+:\/\/\[?([^\]/]*)\]?:(\d+)(?:\/|$)/.exec(address) ?? [];
  return { host, port };
}
