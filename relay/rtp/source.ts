/** Where RTP bytes enter: a UDP port that takes MPEG-TS from the addresses that may send. */
import { toAllowlist } from '../allowlist.ts';
import type { SourceSpec, SpecOf } from '../contract/messages.ts';
import type { EndFigures, Peer, Source, SourceEvents } from '../media.ts';
import { openRtpReceiver, type RtpReceiver } from './receiver.ts';

export function openRtpSource(spec: SpecOf<SourceSpec, 'rtp'>, events: SourceEvents): Source {
  let allows = toAllowlist(spec.allowlist);
  let receiver: RtpReceiver | undefined;
  let isClosed = false;
  const peers = new PeerWatch(events);
  const open = async (): Promise<void> => {
    receiver = await openRtpReceiver(
      {
        host: spec.host,
        port: spec.port,
        bareTs: spec.bareTs,
        allows: (address) => allows(address),
        limits: spec.idleMs === undefined ? {} : { idleMs: spec.idleMs },
      },
      {
        batch: (batch) => events.data(batch),
        began: ({ address, port }) => peers.began({ address, port }),
        idle: () => peers.gone(),
        refused: ({ cause, address, port }) => events.refused(cause, { address, port }),
        failed: () => events.ended('port-unavailable'),
      },
    );
    if (isClosed) await receiver.close();
  };
  open().catch(() => events.ended('port-unavailable'));
  return {
    figures: () => receiver && toFigures(receiver),
    allow: (allowlist) => {
      allows = toAllowlist(allowlist);
    },
    hangUp: () => peers.forget(),
    close: () => {
      isClosed = true;
      void receiver?.close();
    },
  };
}

/** RTP has no connections: a source that begins is a session, and one that fell silent has ended it. */
class PeerWatch {
  readonly #events: SourceEvents;
  #present = false;

  constructor(events: SourceEvents) {
    this.#events = events;
  }

  began(peer: Peer): void {
    if (this.#present) this.#events.disconnected('gave-way');
    this.#present = true;
    this.#events.connected(peer);
  }

  gone(): void {
    this.#present = false;
    this.#events.disconnected('idle');
  }

  forget(): void {
    this.#present = false;
  }
}

function toFigures(receiver: RtpReceiver): EndFigures {
  const { lost, reordered, delivered, malformed } = receiver.figures();
  return {
    lost,
    dropped: 0,
    acknowledged: 0,
    // Nothing repeats a packet here: what is missing was lost by the network and is missing at every output.
    link: { side: 'receive', packets: delivered, unique: delivered, dropped: lost, gaps: lost, reordered },
    malformed: [...malformed.values()].reduce((sum, count) => sum + count, 0),
  };
}
