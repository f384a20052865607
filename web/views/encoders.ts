/** What to set at encoders that are set by hand: each program's fields, in its own words. No key is ever in them. */
import type { Input, SrtLink } from '../../db/model.ts';
import { bracketless, keyPlace, streamIdPlace } from './commands.ts';
import { t } from './language.ts';
import { msText } from './units.ts';

export interface Setting {
  readonly name: string;
  readonly value: string;
  /** It is made to be taken elsewhere as it is. */
  readonly isCopied?: boolean;
}

export interface EncoderGuide {
  readonly program: string;
  /** Where its settings are, or why it has none. */
  readonly where: string;
  readonly settings: readonly Setting[];
}

/** `address` is what an operator is shown: `srt://host:port` and the like. */
export function encoderGuides(input: Input, address: string): readonly EncoderGuide[] {
  switch (input.protocol) {
    case 'srt':
      return srtGuides(address, input);
    case 'rtmp':
      return rtmpGuides(address);
    case 'rtp':
      return rtpGuides(address, input.bareTs);
  }
}

const copied = (name: string, value: string): Setting => ({ name, value, isCopied: true });

/** OBS takes SRT's latency in µs, as ffmpeg does, and the key's length in bytes. Source: OBS, "SRT Protocol Streaming Guide". */
function srtGuides(address: string, { latencyMs, encryption: set, streamId }: SrtLink): readonly EncoderGuide[] {
  const { host, port } = bracketless(address);
  const keyLength = set?.keyLength;
  const keyed = keyLength === undefined ? '' : `&passphrase=${keyPlace}&pbkeylen=${keyLength / 8}`;
  const key = streamId === undefined ? keyed : `${keyed}&streamid=${streamIdPlace}`;
  const secret = keyLength === undefined ? t('None: leave it empty') : t('The key that you set for this input');
  const encryption = keyLength === undefined ? t('Off') : `AES-${keyLength}`;
  const link = [
    copied(t('Address'), host),
    copied(t('Port'), port),
    { name: t('Latency'), value: msText(latencyMs) },
    { name: t('Passphrase'), value: secret },
    { name: t('Key length'), value: encryption },
    streamId === undefined
      ? { name: t('Stream ID'), value: t('None: leave it empty') }
      : copied(t('Stream ID'), streamId),
  ];
  return [
    {
      program: 'OBS Studio',
      where: t('Settings, Stream, Service “Custom…”'),
      settings: [
        copied(t('Server'), `${address}?mode=caller&latency=${latencyMs * 1000}${key}`),
        { name: t('Stream key'), value: t('None: leave it empty') },
      ],
    },
    {
      program: 'vMix',
      where: t('Settings, Outputs, the cog of an output, SRT on'),
      settings: [{ name: t('Type'), value: 'Caller' }, ...link],
    },
    {
      program: t('Hardware encoder'),
      where: t('Protocol SRT, mode Caller'),
      settings: link,
    },
  ];
}

function rtmpGuides(address: string): readonly EncoderGuide[] {
  const { host, port } = bracketless(address);
  const key: Setting = { name: t('Stream key'), value: t('The stream key above') };
  return [
    {
      program: 'OBS Studio',
      where: t('Settings, Stream, Service “Custom…”'),
      settings: [copied(t('Server'), address), key],
    },
    {
      program: 'vMix',
      where: t('Settings of “Stream”, destination “Custom RTMP Server”'),
      settings: [copied('URL', address), { ...key, name: 'Stream Name or Key' }],
    },
    {
      program: t('Hardware encoder'),
      where: t('Protocol RTMP. Where it asks for one URL alone, append a slash and the stream key.'),
      settings: [copied('URL', address), key, copied(t('Address'), host), copied(t('Port'), port)],
    },
  ];
}

function rtpGuides(address: string, bareTs: boolean): readonly EncoderGuide[] {
  const { host, port } = bracketless(address);
  return [
    {
      program: t('Hardware encoder'),
      where: t(bareTs ? 'Protocol MPEG-TS over UDP, without RTP' : 'Protocol MPEG-TS over RTP'),
      settings: [
        copied(t('Address'), host),
        copied(t('Port'), port),
        { name: t('TS packets per datagram'), value: '7' },
        { name: 'FEC', value: t('Off') },
      ],
    },
    {
      program: 'OBS Studio, vMix',
      where: t('Give this flow an SRT or RTMP input: they stream by these.'),
      settings: [],
    },
  ];
}
