/** Says once what a source's media is, and again when it becomes another: codec, size, frame rate, sound, PIDs. */
import type { TrackHealth } from './contract/health.ts';
import type { Facts } from './contract/messages.ts';

/** Readings, one a second, that must agree before a format is believed; one that lacks a size or rate waits longer. */
const AGREEING = 2;
const INCOMPLETE = 5;
/** Tracks that are named; of more, the number is. */
const MOST_NAMED = 12;

/** Frame rates that are meant, per second; a measured one within half a percent is taken for it. Source: SMPTE and EBU. */
const frameRates = [24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60, 100, 120000 / 1001, 120];
const TOLERANCE = 0.005;

type Track = Omit<TrackHealth, 'flowId'>;

export interface FormatNews {
  readonly code: 'format-found' | 'format-changed';
  readonly facts: Facts;
}

export class FormatWatch {
  #told: string | undefined;
  #seen = '';
  #times = 0;

  /** Called once a second with the tracks as they were measured. */
  read(tracks: readonly Track[]): FormatNews | undefined {
    if (tracks.length === 0) return undefined;
    const format = formatText(tracks);
    this.#times = format === this.#seen ? this.#times + 1 : 1;
    this.#seen = format;
    if (format === this.#told || this.#times < (tracks.every(isComplete) ? AGREEING : INCOMPLETE)) return undefined;
    const before = this.#told;
    this.#told = format;
    return before === undefined
      ? { code: 'format-found', facts: { format } }
      : { code: 'format-changed', facts: { format, before } };
  }
}

/** `pid 256: H.264 High 1280x720 25 fps; pid 257: AAC LC 48 kHz 2 ch (eng)`. */
function formatText(tracks: readonly Track[]): string {
  const more = tracks.length - MOST_NAMED;
  const named = tracks.slice(0, MOST_NAMED).map(trackText).join('; ');
  return more > 0 ? `${named}; and ${more} more` : named;
}

function trackText({ id, codec, profile, width, height, sampleRate, channels, language, values }: Track): string {
  const rate = frameRateText(values['frameRate']);
  const parts = [
    codec,
    profile,
    width !== undefined && height !== undefined && `${width}x${height}`,
    width !== undefined && rate && `${rate} fps`,
    sampleRate !== undefined && `${sampleRate / 1000} kHz`,
    channels !== undefined && `${channels} ch`,
    language !== undefined && `(${language})`,
  ].filter(Boolean);
  return `${id.startsWith('pid ') ? id.replace('pid', 'PID') : id}: ${parts.join(' ')}`;
}

/** A rate that is none of those that are meant varies: it is not named, or each second would be another format. */
function frameRateText(measured: number | undefined): string | undefined {
  if (!measured) return undefined;
  const meant = frameRates.find((rate) => Math.abs(measured / rate - 1) <= TOLERANCE);
  return meant === undefined ? undefined : String(Math.round(meant * 100) / 100);
}

const isComplete = ({ kind, width, sampleRate, values }: Track): boolean =>
  kind === 'video' ? width !== undefined && Boolean(values['frameRate']) : kind === 'data' || sampleRate !== undefined;
