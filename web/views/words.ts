/**
 * The one catalogue of words for what relays report by code.
 * A language is one object of type Words; a code without words does not compile.
 */
import type { FlowState } from '../../db/model.ts';
import type { Condition, IncidentCode } from '../../relay/contract/messages.ts';
import type { Pipeline, Protocol } from '../../relay/contract/settings.ts';

export type Role = 'source' | 'sink';

/** What an endpoint is called. `unknown` is the console's own: no relay vouches for any other. */
export type EndpointWord = 'idle' | 'waiting' | 'connected' | 'unknown' | 'none';

/** What happened, and what the reader can do about it. */
export interface Sentence {
  readonly what: string;
  readonly next: string;
}

export interface Words {
  readonly flowStates: Readonly<Record<FlowState, string>>;
  readonly endpointStates: Readonly<Record<EndpointWord, string>>;
  readonly pipelines: Readonly<Record<Pipeline, string>>;
  readonly protocols: Readonly<Record<Protocol, string>>;
  readonly conditions: Readonly<Record<Role, Readonly<Record<Condition, string>>>>;
  readonly incidents: Readonly<Record<Role, Readonly<Record<IncidentCode, Sentence>>>>;
  /** Why there is no report of an endpoint. */
  readonly absent: Readonly<Record<'idle' | 'starting' | 'unknown' | 'none', string>>;
  readonly verdicts: {
    readonly idle: string;
    readonly noOutput: string;
    readonly starting: string;
    readonly stopping: string;
    readonly unknown: string;
    readonly noMedia: string;
    readonly failing: (failing: number, all: number) => string;
    readonly onePipeline: (flowing: Pipeline) => string;
    readonly connecting: (missing: number, all: number) => string;
    readonly over: string;
    readonly onAir: string;
    readonly onAirPrimary: string;
  };
}

const pipelines = { primary: 'Primary', backup: 'Backup' } as const;

const sharedConditions = {
  listening: 'Listening for your encoder. Push to this address.',
  dialling: 'Calling the destination.',
  'no-input': 'Ready to send, but no media arrives at the input.',
  unacknowledged: 'Connected, but the other end does not acknowledge the media.',
  'backing-off': 'The last attempt failed. It tries again by itself.',
} as const;

const sharedIncidents = {
  'address-not-allowed': {
    what: 'Refused: address not in the allowlist',
    next: 'Add its range to the allowlist, or push from an allowed address.',
  },
  'passphrase-missing': {
    what: 'Refused: no passphrase',
    next: 'This input expects encrypted media. Set its key and key length on the encoder.',
  },
  'passphrase-wrong': {
    what: 'Refused: wrong passphrase',
    next: 'Compare the key on the encoder with the one set here.',
  },
  'passphrase-unexpected': {
    what: 'Refused: unexpected passphrase',
    next: 'This input expects media in clear. Turn decryption on here, or encryption off on the encoder.',
  },
  'stream-id-wrong': { what: 'Refused: unexpected stream ID', next: 'Leave the stream ID of the encoder empty.' },
  'already-in-use': {
    what: 'Refused: another encoder is connected',
    next: 'Stop the other encoder first, or push to the other pipeline.',
  },
  'handshake-failed': {
    what: 'The SRT handshake failed',
    next: 'Check that the other end speaks SRT and that no firewall alters UDP.',
  },
  'peer-closed': { what: 'The other end closed the connection', next: 'Check whether it was stopped on purpose.' },
  'peer-silent': { what: 'The other end fell silent', next: 'Check its power, its network and the firewalls between.' },
  'gave-way': { what: 'Gave way to a newer connection', next: 'Nothing to do if the encoder has just reconnected.' },
  idle: { what: 'Closed: no media for too long', next: 'Check that the encoder is sending, not only connected.' },
  'no-answer': { what: 'No answer', next: 'Check address and port, and that UDP may pass both firewalls.' },
  'version-too-old': {
    what: 'Refused: the SRT version is too old',
    next: 'Update the encoder to SRT 1.3 or newer.',
  },
  'not-authorized': { what: 'Refused: not authorised', next: 'Check the stream ID and access rules of the other end.' },
  'cannot-dial': {
    what: 'The call could not be made',
    next: 'Check the address, and that the relay host has a route to it.',
  },
  'name-not-found': { what: 'The host name cannot be resolved', next: 'Check its spelling and the DNS of the relay.' },
  'port-unavailable': {
    what: 'The port is taken by another program',
    next: 'Free the port on the relay host. It is tried again by itself.',
  },
} as const satisfies Record<IncidentCode, Sentence>;

const sinkKey: Sentence = {
  what: 'Refused: the receiver does not accept the key',
  next: 'Compare key and key length with those of the receiver.',
};

export const english: Words = {
  flowStates: { idle: 'Idle', starting: 'Starting', running: 'Running', stopping: 'Stopping' },
  endpointStates: {
    idle: 'Idle',
    waiting: 'Waiting',
    connected: 'Connected',
    unknown: 'Unknown',
    none: 'Not set',
  },
  pipelines,
  protocols: { srt: 'SRT' },
  conditions: {
    source: {
      ...sharedConditions,
      flowing: 'Media is arriving.',
      stalled: 'Connected, but no media has arrived for 3 s. Check the encoder.',
    },
    sink: {
      ...sharedConditions,
      flowing: 'Media is delivered and acknowledged.',
      stalled: 'Connected, but no media has been sent for 3 s. Check the input.',
    },
  },
  incidents: {
    source: sharedIncidents,
    sink: {
      ...sharedIncidents,
      'passphrase-missing': {
        what: 'Refused: the receiver expects encryption',
        next: 'Turn encryption on for this output and set the key of the receiver.',
      },
      'passphrase-wrong': sinkKey,
      'passphrase-unexpected': {
        what: 'Refused: the receiver expects no encryption',
        next: 'Turn encryption off for this output, or on at the receiver.',
      },
      'stream-id-wrong': {
        what: 'Refused: the receiver wants a stream ID',
        next: 'Let the receiver accept an empty one.',
      },
      'version-too-old': {
        what: 'Refused: the receiver finds our SRT version too old',
        next: 'Lower the minimum version at the receiver.',
      },
      'already-in-use': {
        what: 'Refused: the receiver is busy',
        next: 'Free the receiver: another sender is connected to it.',
      },
      idle: { what: 'Closed: nothing to send for too long', next: 'Check the input of this pipeline.' },
    },
  },
  absent: {
    idle: 'The flow is not running.',
    starting: 'Being set up on its relay.',
    unknown: 'No report from its relay.',
    none: 'No backup destination.',
  },
  verdicts: {
    idle: 'Ready to start.',
    noOutput: 'Add an output, then start the flow.',
    starting: 'Being set up on its relays.',
    stopping: 'Closing its connections.',
    unknown: 'No report from a relay of this flow. Parts of its state are unknown.',
    noMedia: 'No media arrives on either pipeline.',
    failing: (failing, all) => `${failing} of ${all} destinations ${failing === 1 ? 'does' : 'do'} not receive.`,
    onePipeline: (flowing) => `On air on ${pipelines[flowing].toLowerCase()} only.`,
    connecting: (missing, all) => `${missing} of ${all} destinations not connected yet.`,
    over: 'Above the maximum bandwidth: media is being dropped.',
    onAir: 'On air on both pipelines.',
    onAirPrimary: 'On air. No output has a backup destination.',
  },
};

/** The words in use. A choice of language would be made here. */
export const words: Words = english;
