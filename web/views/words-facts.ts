/** Facts of a line of the log as words. A fact that another version leaves out makes a sentence vaguer, never false. */
import type { LogEvent } from '../../db/model.ts';
import { t } from './language.ts';
import { countText, durationText } from './units.ts';

export function numberIn({ facts }: LogEvent, name: string): number | undefined {
  const value = facts[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function textIn({ facts }: LogEvent, name: string): string | undefined {
  const value = facts[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** "12 packets", or "Some packets" where nobody said how many. */
export function count(event: LogEvent, name: string, one: string, many: string): string {
  const number = numberIn(event, name);
  return number === undefined
    ? t('Some {things}', { things: many })
    : t('{count} {things}', { count: countText(number), things: number === 1 ? one : many });
}

/** Over how long it came together; nothing where that was a second or less. */
export function overText(event: LogEvent): string {
  const overMs = numberIn(event, 'overMs');
  return overMs === undefined || overMs < 1500 ? '' : t(' within {time}', { time: durationText(overMs) });
}

/** By which way it was done. A key is named by its id, never by its secret. */
export function actorText(event: LogEvent): string {
  const key = textIn(event, 'key');
  const by = textIn(event, 'by');
  if (by === 'console') return t('in the console');
  if (by === 'api') return key === undefined ? t('over the API') : t('over the API with key {key}', { key });
  return t('by the server');
}
