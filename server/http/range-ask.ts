/** Which range of time a page is asked for by its URL, and how its form shows it again. */
import { Refusal } from '../refusal.ts';

/** All values of each name, as Hono reads a query. */
export type Query = Readonly<Record<string, readonly string[]>>;

export interface AskedRange {
  readonly from: number;
  readonly to: number;
  /** It ends now, and goes on. */
  readonly isLive: boolean;
  /** It ends now, or did so on the page before: `until` is when that was asked. */
  readonly isOpen: boolean;
  /** As it stands in a URL. */
  readonly text: string;
}

const FIRST_SECONDS = '900';

export const first = (query: Query, name: string): string | undefined => query[name]?.[0];

/** Which choice of range the form shows: a quick one in seconds, or `custom`. */
export const lastOf = (query: Query): string =>
  first(query, 'last') ?? (first(query, 'from') === undefined ? FIRST_SECONDS : 'custom');

/** The time that was asked for, or undefined where there is none; a time without a zone is UTC. */
export function momentOf(query: Query, name: 'from' | 'to' | 'until'): number | undefined {
  const text = first(query, name)?.trim() ?? '';
  if (/^\d{1,14}$/.test(text)) return Number(text);
  const at = Date.parse(`${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** A Refusal where a time is no time. Whether the range is too long is for the rules to say. */
export function readRange(query: Query, now: number): AskedRange {
  const last = lastOf(query);
  const until = momentOf(query, 'until');
  const open = { to: until ?? now, isLive: until === undefined, isOpen: true };
  const end = until === undefined ? '' : `&until=${until}`;
  if (/^\d{1,6}$/.test(last)) return { ...open, from: open.to - Number(last) * 1000, text: `last=${last}${end}` };
  const [from, to] = [momentOf(query, 'from'), momentOf(query, 'to')];
  if (from === undefined) throw unreadable('from');
  if (to !== undefined) return { from, to, isLive: false, isOpen: false, text: `from=${from}&to=${to}` };
  if ((first(query, 'to') ?? '').trim() !== '') throw unreadable('to');
  return { ...open, from, text: `from=${from}${end}` };
}

/** The values of a form's range: its choice, and its two moments as epoch ms. */
export function rangeValues(query: Query): { readonly last: string; readonly from: string; readonly to: string } {
  const [from, to] = [momentOf(query, 'from'), momentOf(query, 'to')].map((at) => (at === undefined ? '' : String(at)));
  return { last: lastOf(query), from: from ?? '', to: to ?? '' };
}

const unreadable = (field: string): Refusal =>
  new Refusal('invalid-fields', [{ field, code: 'time-unreadable', message: 'Enter a date and a time.' }]);
