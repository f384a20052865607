/** Where SRT bytes enter: a port that waits for one caller at a time. */
import type { SourceSpec, SpecOf } from '../contract/messages.ts';
import { type EndFigures, EndpointFault, type Source, type SourceEvents } from '../media.ts';
import { toIncident } from './incident.ts';
import type { Srt, SrtSession } from './socket.ts';

/** A caller that delivered nothing for this long gives way to a new one that passes every check. */
const GIVE_WAY_MS = 1000;

/** Throws an EndpointFault `port-unavailable`. */
export function openSrtSource(
  srt: Srt,
  spec: SpecOf<SourceSpec, 'srt'>,
  maxBitrate: number,
  events: SourceEvents,
): Source {
  const { host, port, latencyMs, encryption, streamId, allowlist } = spec;
  let present: SrtSession | undefined;
  const listener = listen();

  function listen() {
    try {
      return srt.listen(
        { host, port, latencyMs, encryption, streamId, allowlist, maxBitrate, giveWayMs: GIVE_WAY_MS },
        {
          accepted: (session) => {
            if (isOtherKeyLength(session)) return refuse(session);
            present = session;
            events.connected(session.peer);
          },
          data: (session, batch) => session === present && events.data(batch),
          closed: (session, cause) => {
            // The one that gave way is already followed by the next.
            if (session !== present) return;
            present = undefined;
            events.disconnected(toIncident(cause));
          },
          refused: (peer, cause) => events.refused(cause, peer),
        },
      );
    } catch (error) {
      throw new EndpointFault('port-unavailable', error);
    }
  }

  /** A caller that sends chooses the length where it says that it is the sender, as ffmpeg does: libsrt lets it in. */
  function isOtherKeyLength(session: SrtSession): boolean {
    const link = session.link();
    return encryption !== undefined && link !== undefined && link.keyLength !== encryption.keyLength;
  }

  function refuse(session: SrtSession): void {
    session.close();
    events.refused('key-length-wrong', session.peer);
  }

  return {
    figures: () => present && receiveFigures(present),
    allow: (ranges) => listener.setAllowlist(ranges),
    hangUp: () => {
      const session = present;
      present = undefined;
      session?.close();
    },
    close: () => {
      present = undefined;
      listener.close();
    },
  };
}

/** `lost` is what libsrt gave up on: pktRcvDrop, missing at the receiver whatever its cause. */
function receiveFigures(session: SrtSession): EndFigures | undefined {
  const stats = session.stats();
  const link = session.link();
  if (!stats || !link) return undefined;
  const { received, rttMs } = stats;
  return {
    lost: received.dropped,
    dropped: 0,
    acknowledged: 0,
    rttMs,
    latencyMs: link.latencyMs,
    keyLength: link.keyLength,
    link: {
      side: 'receive',
      packets: received.packets,
      unique: received.unique,
      retransmitted: received.retransmitted,
      belated: received.belated,
      dropped: received.dropped,
      gaps: received.lost,
      rttMs,
      latencyMs: link.latencyMs,
      bufferMs: received.bufferMs,
      linkBandwidth: stats.bandwidth,
    },
  };
}
