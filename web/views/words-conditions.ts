/** Why an end is in its state, by role and by protocol: what "connected" proves differs from one protocol to the next. */
import type { Condition } from '../../relay/contract/messages.ts';
import type { Protocol } from '../../relay/contract/settings.ts';

export type Conditions = Readonly<Record<Condition, string>>;

const shared = {
  listening: 'Listening for your encoder. Push to this address.',
  dialling: 'Calling the destination.',
  'no-input': 'Ready to send, but no media arrives at the input.',
  unacknowledged: 'Connected, but the other end does not acknowledge the media.',
  'backing-off': 'The last attempt failed. It tries again by itself.',
  quarantined:
    'Closed: this pipeline failed three times within a minute by a fault of StreamLink’s own. Stop and start the flow to try again, and report relay.log.',
} as const;

const source: Conditions = {
  ...shared,
  flowing: 'Media is arriving.',
  stalled: 'Connected, but no media has arrived for 3 s. Check the encoder.',
};

const sink: Conditions = {
  ...shared,
  flowing: 'Media is delivered and acknowledged.',
  stalled: 'Connected, but no media has been sent for 3 s. Check the input.',
};

export const conditions: Readonly<Record<'source' | 'sink', Readonly<Record<Protocol, Conditions>>>> = {
  source: {
    srt: source,
    rtmp: { ...source, listening: 'Listening for your encoder. Publish with this server URL and key.' },
    rtp: { ...source, stalled: 'No datagram has arrived for 3 s. Check the encoder.' },
  },
  sink: {
    srt: sink,
    rtmp: {
      ...sink,
      flowing: 'Media is taken by the server.',
      unacknowledged: 'Connected, but the server has stopped taking media.',
    },
    rtp: {
      ...sink,
      flowing: 'Sending; RTP has no acknowledgement, so nobody says whether it arrives.',
      dialling: 'About to send.',
      unacknowledged: 'Media arrives at the input, but none could be sent for 3 s.',
    },
  },
};
