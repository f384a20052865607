/** Says once what a source's media is, and again when it becomes another: codec, size, frame rate, sound, PIDs. */
import type { TrackHealth } from './contract/health.ts';
import type { Facts } from './contract/messages.ts';

/** Readings, one a second, that must agree before a format is believed; one that lacks a size or rate waits longer. */
const AGREEING = 3;
const INCOMPLETE = 8;
/** Tracks that are named; of more, the number is. */
const MOST_NAMED = 12;

/** Frame rates that are meant, per second; a measured one is taken for the nearest within half a percent. Source: SMPTE, EBU. */
const frameRates = [24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60, 100, 120000 / 1001, 120];
const TOLERANCE = 0.005;

export interface FormatNews {
  readonly code: 'format-found' | 'format-changed';
  readonly facts: Facts;
}

/** One track; `rate` is undefined while it is not known, or where it varies. */
interface Format {
  readonly text: string;
  readonly rate: string | undefined;
  readonly isComplete: boolean;
}

export class FormatWatch {
  #told: readonly Format[] | undefined;
  #seen: readonly Format[] = [];
  #times = 0;

  /** Called once a second with the tracks as they were measured. */
  read(tracks: readonly TrackHealth[]): FormatNews | undefined {
    if (tracks.length === 0) return undefined;
    const format = tracks.map(formatOf);
    this.#times = isSame(format, this.#seen, (a, b) => a === b) ? this.#times + 1 : 1;
    this.#seen = format;
    if (this.#times < (format.every(({ isComplete }) => isComplete) ? AGREEING : INCOMPLETE)) return undefined;
    const before = this.#told;
    // A rate that is not known, for a while or for good, is no other format.
    if (before && isSame(format, before, (a, b) => a === b || a === undefined || b === undefined)) return undefined;
    this.#told = format;
    return before
      ? { code: 'format-changed', facts: { format: textOf(format), before: textOf(before) } }
      : { code: 'format-found', facts: { format: textOf(format) } };
  }
}

type Alike = (a: string | undefined, b: string | undefined) => boolean;

const isSame = (a: readonly Format[], b: readonly Format[], isAlike: Alike): boolean =>
  a.length === b.length && a.every(({ text, rate }, index) => text === b[index]?.text && isAlike(rate, b[index]?.rate));

/** `PID 256: H.264 High 1280x720 25 fps; PID 257: AAC LC 48 kHz 2 ch (eng)`. */
function textOf(format: readonly Format[]): string {
  const more = format.length - MOST_NAMED;
  const named = format
    .slice(0, MOST_NAMED)
    .map(({ text, rate }) => (rate === undefined ? text : `${text} ${rate} fps`));
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function formatOf(track: TrackHealth): Format {
  const { id, kind, codec, profile, width, height, sampleRate, channels, language, values } = track;
  const hasSize = width !== undefined && height !== undefined;
  const parts = [
    codec,
    profile,
    hasSize && `${width}x${height}`,
    sampleRate !== undefined && `${sampleRate / 1000} kHz`,
    channels !== undefined && `${channels} ch`,
    language !== undefined && `(${language})`,
  ].filter(Boolean);
  const rate = kind === 'video' ? meantRate(values['frameRate']) : undefined;
  const isComplete = kind === 'video' ? hasSize && rate !== undefined : kind === 'data' || sampleRate !== undefined;
  return { text: `${id.replace(/^pid /, 'PID ')}: ${parts.join(' ')}`, rate, isComplete };
}

function meantRate(measured: number | undefined): string | undefined {
  if (!measured) return undefined;
  const off = (rate: number): number => Math.abs(measured / rate - 1);
  const [nearest = 0] = frameRates.toSorted((a, b) => off(a) - off(b));
  return off(nearest) <= TOLERANCE ? String(Math.round(nearest * 100) / 100) : undefined;
}
