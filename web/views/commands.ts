/** Ready-made commands that push to an input. The key is never in them: the reader puts it in. */
import type { Input } from '../../db/model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { hostPort } from './units.ts';

export interface Command {
  readonly program: string;
  readonly line: string;
}

/** What stands where the reader's own key goes. */
export const keyPlace = 'YOUR_KEY';

/** The address an encoder is given. */
export const inputAddress = (host: string, port: number): string => `srt://${hostPort(host, port)}`;

/** ffmpeg counts SRT latency in µs, srt-live-transmit in ms; both count the key length in bytes. */
export function pushCommands(input: Input, pipeline: Pipeline, host: string): readonly Command[] {
  const address = inputAddress(host, input.ports[pipeline]);
  const key = input.encryption ? `&passphrase=${keyPlace}&pbkeylen=${input.encryption.keyLength / 8}` : '';
  const ffmpegUrl = `${address}?mode=caller&latency=${input.latencyMs * 1000}&pkt_size=1316${key}`;
  const transmitUrl = `${address}?mode=caller&latency=${input.latencyMs}${key}`;
  return [
    { program: 'ffmpeg', line: `ffmpeg -re -i clip.ts -map 0 -c copy -f mpegts "${ffmpegUrl}"` },
    { program: 'srt-live-transmit', line: `srt-live-transmit "udp://:5000" "${transmitUrl}"` },
  ];
}
