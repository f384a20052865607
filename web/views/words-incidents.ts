/** What happened last to a peer, and the next step, by the end it happened to and by its protocol. */
import type { IncidentCode } from '../../relay/contract/messages.ts';
import type { Protocol } from '../../relay/contract/settings.ts';

/** What happened, and what the reader can do about it. */
export interface Sentence {
  readonly what: string;
  readonly next: string;
}

export type Incidents = Readonly<Record<IncidentCode, Sentence>>;

const shared: Incidents = {
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
  'key-length-wrong': {
    what: 'Refused: another key length',
    next: 'Set the key length on the encoder that is set here.',
  },
  'stream-id-wrong': { what: 'Refused: unexpected stream ID', next: 'Leave the stream ID of the encoder empty.' },
  'stream-key-wrong': {
    what: 'Refused: no such stream key',
    next: 'Copy server URL and stream key of this pipeline to the encoder once more.',
  },
  'already-in-use': {
    what: 'Refused: another encoder is connected',
    next: 'Stop the other encoder first, or push to the other pipeline.',
  },
  'over-caller-limit': {
    what: 'Refused: too many connections',
    next: 'Look for an encoder that reconnects without end, or for a stranger who tries keys.',
  },
  'version-too-old': {
    what: 'Refused: the SRT version is too old',
    next: 'Update the encoder to SRT 1.3 or newer.',
  },
  'not-authorized': { what: 'Refused: not authorised', next: 'Check the stream ID and access rules of the other end.' },
  'handshake-failed': {
    what: 'The SRT handshake failed',
    next: 'Check that the other end speaks SRT and that no firewall alters UDP.',
  },
  'protocol-fault': {
    what: 'The other end did not keep to the protocol',
    next: 'Check which protocol it speaks, and update it if a newer version is there.',
  },
  'peer-closed': { what: 'The other end closed the connection', next: 'Check whether it was stopped on purpose.' },
  'peer-silent': { what: 'The other end fell silent', next: 'Check its power, its network and the firewalls between.' },
  'connection-lost': {
    what: 'The connection broke',
    next: 'Check the network between, and whether the encoder connects again by itself.',
  },
  'gave-way': { what: 'Gave way to a newer connection', next: 'Nothing to do if the encoder has just reconnected.' },
  idle: { what: 'Closed: no media for too long', next: 'Check that the encoder is sending, not only connected.' },
  'no-answer': { what: 'No answer', next: 'Check address and port, and that UDP may pass both firewalls.' },
  'name-not-found': { what: 'The host name cannot be resolved', next: 'Check its spelling and the DNS of the relay.' },
  'cannot-dial': {
    what: 'The call could not be made',
    next: 'Check the address, and that the relay host has a route to it.',
  },
  'certificate-untrusted': {
    what: 'The certificate of the server is not trusted',
    next: 'Check the host name in the URL. A certificate of your own must be known to the relay host.',
  },
  'tls-failed': {
    what: 'The encrypted connection could not be made',
    next: 'Check that the server offers rtmps on this port; without TLS the URL begins with rtmp://.',
  },
  'publish-refused': {
    what: 'The server refused the stream',
    next: 'Check URL and stream key with the platform; a key may have run out or be in use elsewhere.',
  },
  'too-slow': {
    what: 'Closed: the server took no media for too long',
    next: 'Check the bandwidth between relay and server. It is tried again by itself.',
  },
  unreachable: {
    what: 'The server cannot be reached',
    next: 'Check host and port of the URL, and that TCP may pass the firewalls.',
  },
  'port-unavailable': {
    what: 'The port is taken by another program',
    next: 'Free the port on the relay host. It is tried again by itself.',
  },
  'flow-stopped': { what: 'Refused: the flow is stopped', next: 'Start the flow, or stop the encoder.' },
  'closed-here': { what: 'Closed: the flow was stopped or changed', next: 'Nothing to do.' },
};

const notRtmp: Sentence = {
  what: 'The RTMP handshake failed',
  next: 'Check that the other end speaks RTMP on this port.',
};

const sinkKey: Sentence = {
  what: 'Refused: the receiver does not accept the key',
  next: 'Compare key and key length with those of the receiver.',
};

const sharedSink: Incidents = {
  ...shared,
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
  'connection-lost': { what: 'The connection broke', next: 'Check the network between. It is tried again by itself.' },
  idle: { what: 'Closed: nothing to send for too long', next: 'Check the input of this pipeline.' },
};

export const incidents: Readonly<Record<'source' | 'sink', Readonly<Record<Protocol, Incidents>>>> = {
  source: {
    srt: shared,
    rtmp: { ...shared, 'handshake-failed': notRtmp },
    rtp: {
      ...shared,
      'already-in-use': {
        what: 'Ignored: datagrams of a second sender',
        next: 'Stop the other sender first, or push to the other pipeline.',
      },
      'peer-silent': {
        what: 'The sender fell silent',
        next: 'Check that it sends to this address and port, and that UDP may pass the firewalls.',
      },
      'gave-way': { what: 'Gave way to another sender', next: 'Nothing to do if the encoder has just restarted.' },
    },
  },
  sink: {
    srt: sharedSink,
    rtmp: {
      ...sharedSink,
      'handshake-failed': notRtmp,
      'no-answer': {
        what: 'No answer',
        next: 'Check host and port of the URL, and that TCP may pass the firewalls.',
      },
    },
    rtp: sharedSink,
  },
};
