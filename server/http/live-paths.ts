/** Where a page's socket is, and what a page was made from, so that only a page that is out of date is made anew. */
import type { LiveFlow } from '../monitor.ts';

/** Which flows a list shows, and what of them, its page says itself: it may change without a new line. */
export const LIST_LIVE_PATH = '/live/flows';

export const alarmsLivePath = '/live/alarms';

export const flowLivePath = (live: LiveFlow): string => `/live/flows/${live.flow.id}?seen=${shapeOf(live)}`;

/** Changes with the state and the configuration of a flow, not with what is measured. Secrets have no part in it. */
export const shapeOf = ({ flow, state }: LiveFlow): string => hash(JSON.stringify([state, flow], withoutSecret));

/** Changes with all that the list shows of a flow, measurements apart. */
export const lookOf = ({ flow, state, relayLost, endpoints, alarms }: LiveFlow): string =>
  hash(
    JSON.stringify([
      flow.revision,
      state,
      relayLost,
      alarms?.map(({ id, acknowledgedAt }) => [id, acknowledgedAt]),
      endpoints.map((it) => [it.role, it.pipeline, it.id, it.state, it.condition, it.over, it.live]),
    ]),
  );

const secrets = new Set(['passphrase', 'streamKey', 'streamKeys']);

const withoutSecret = (key: string, value: unknown): unknown => (secrets.has(key) ? undefined : value);

/** Tells texts apart, no more. FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
export function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum >>> 0).toString(36);
}
