/** Where a page's socket is, and what a page was made from, so that only a page that is out of date is made anew. */
import type { LiveFlow } from '../monitor.ts';

export const listLivePath = (regionId?: string): string =>
  regionId ? `/live/flows?region=${encodeURIComponent(regionId)}` : '/live/flows';

export const alarmsLivePath = '/live/alarms';

export const flowLivePath = (live: LiveFlow): string => `/live/flows/${live.flow.id}?seen=${shapeOf(live)}`;

/** Changes with the state and the configuration of a flow, not with what is measured. Secrets have no part in it. */
export const shapeOf = ({ flow, state }: LiveFlow): string => hash(JSON.stringify([state, flow], withoutSecret));

const secrets = new Set(['passphrase', 'streamKey', 'streamKeys']);

const withoutSecret = (key: string, value: unknown): unknown => (secrets.has(key) ? undefined : value);

/** Tells texts apart, no more. FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum >>> 0).toString(36);
}
