/**
 * Every no that an encoder can hear from us: one line a cause, with the RTMP status code and the words it is told.
 * The words must not tell a stranger which keys exist, nor hold what was sent as one.
 */

export interface RefusalWords {
  readonly code: string;
  readonly words: string;
}

export const refusals = {
  'stream-key-wrong': { code: 'NetStream.Publish.BadName', words: 'No such stream key.' },
  'app-unknown': { code: 'NetStream.Publish.BadName', words: 'No such application.' },
  'already-in-use': { code: 'NetStream.Publish.BadName', words: 'Another encoder is publishing with this stream key.' },
  'already-publishing': { code: 'NetStream.Publish.BadName', words: 'This connection is publishing already.' },
  'flow-stopped': { code: 'NetStream.Publish.Denied', words: 'This flow is stopped.' },
  'address-not-allowed': { code: 'NetStream.Publish.Denied', words: 'This address is not allowed to publish.' },
  'over-caller-limit': { code: 'NetStream.Publish.Denied', words: 'Too many connections.' },
  'server-closing': { code: 'NetStream.Publish.Denied', words: 'This relay is closing.' },
  'play-not-offered': { code: 'NetStream.Play.Failed', words: 'This port only receives streams.' },
} as const satisfies Record<string, RefusalWords>;

/** Why an encoder was told no. */
export type RefusalCause = keyof typeof refusals;
