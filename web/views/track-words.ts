/** A track in words: what it is, in what size and language, and where in the stream. */
import type { TrackAbout } from '../../relay/contract/health.ts';
import { trackName } from './figures.ts';
import { t } from './language.ts';

const kinds = { video: 'Video', audio: 'Audio', data: 'Data' } as const;
const layouts: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo', 6: '5.1', 8: '7.1' };

const channelsText = (channels: number): string =>
  t(layouts[channels] ?? '') || t('{count} channels', { count: channels });

/** `Video H.264 High 1920×1080`, `Audio AAC LC 48 kHz stereo (eng)`: what is not known is left out. */
export function aboutText({ kind, codec, profile, width, height, ...sound }: TrackAbout): string {
  const parts = [
    t(kinds[kind]),
    codec,
    profile,
    width !== undefined && height !== undefined && `${width}×${height}`,
    sound.sampleRate !== undefined && `${sound.sampleRate / 1000} kHz`,
    sound.channels !== undefined && channelsText(sound.channels),
    sound.language && `(${sound.language})`,
  ];
  return parts.filter(Boolean).join(' ');
}

/** With its place in the stream: `Video H.264 1920×1080 · PID 256`; the place alone where nothing is known of it. */
export function trackText(id: string, about: TrackAbout | undefined): string {
  if (!about) return trackName(id);
  return id.startsWith('pid ') ? `${aboutText(about)} · ${trackName(id)}` : aboutText(about);
}
