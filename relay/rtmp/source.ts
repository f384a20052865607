/** Where RTMP bytes enter: one app and stream key on the relay's RTMP port, one publisher at a time. */
import { toAllowlist } from '../allowlist.ts';
import type { IncidentCode, SourceSpec, SpecOf } from '../contract/messages.ts';
import type { EndFigures, Source, SourceEvents } from '../media.ts';
import type { RtmpIngest } from './ingest.ts';
import type { ConnectionEnd, RtmpPublisher } from './server-connection.ts';

export function openRtmpSource(ingest: RtmpIngest, spec: SpecOf<SourceSpec, 'rtmp'>, events: SourceEvents): Source {
  let allows = toAllowlist(spec.allowlist);
  let present: RtmpPublisher | undefined;
  const leave = ingest.open(spec.host, spec.port, {
    app: spec.app,
    key: spec.key,
    allows: (address) => allows(address),
    handlers: {
      opened: (publisher) => {
        present = publisher;
        events.connected(publisher);
      },
      tag: (tag) => events.data({ container: 'flv', tags: [tag], at: performance.now() * 1000 }),
      closed: (cause) => {
        present = undefined;
        events.disconnected(toIncident(cause));
      },
    },
    refused: (cause, { address, port }) => events.refused(toIncident(cause), { address, port }),
    failed: () => events.ended('port-unavailable'),
  });
  const hangUp = (): void => {
    const publisher = present;
    present = undefined;
    publisher?.close();
  };
  return {
    figures: () => present && noFigures,
    allow: (allowlist) => {
      allows = toAllowlist(allowlist);
      if (present && !allows(present.address)) hangUp();
    },
    hangUp,
    close: () => {
      leave();
      hangUp();
    },
  };
}

/** TCP loses nothing that it does not say, and measures nothing that we could ask for. */
const noFigures: EndFigures = { lost: 0, dropped: 0, acknowledged: 0 };

/** Endings that the contract has a word for; all others are the peer's breach of the protocol. */
const incidentOf: Partial<Record<ConnectionEnd, IncidentCode>> = {
  'stream-key-wrong': 'stream-key-wrong',
  'app-unknown': 'stream-key-wrong',
  'flow-stopped': 'flow-stopped',
  'already-in-use': 'already-in-use',
  'already-publishing': 'already-in-use',
  'address-not-allowed': 'address-not-allowed',
  'over-caller-limit': 'over-caller-limit',
  'handshake-timeout': 'handshake-failed',
  'publish-timeout': 'handshake-failed',
  'publisher-silent': 'peer-silent',
  unpublished: 'peer-closed',
  displaced: 'gave-way',
  'peer-closed': 'peer-closed',
  'connection-lost': 'connection-lost',
  'closed-by-relay': 'idle',
};

const toIncident = (cause: ConnectionEnd): IncidentCode => incidentOf[cause] ?? 'protocol-fault';
