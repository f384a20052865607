/** Where SRT bytes leave: one call to one destination. */
import type { SinkSpec, SpecOf } from '../contract/messages.ts';
import { type EndFigures, EndpointFault, type Sink, type SinkEvents } from '../media.ts';
import { toIncident } from './incident.ts';
import type { Srt, SrtSession } from './socket.ts';

/** Tries once. Throws an EndpointFault `cannot-dial` where the system refuses even the attempt. */
export function openSrtSink(
  srt: Pick<Srt, 'dial'>,
  spec: SpecOf<SinkSpec, 'srt'>,
  maxBitrate: number,
  events: SinkEvents,
): Sink {
  const session = dial(srt, spec, maxBitrate, events);
  let refused = 0;
  return {
    send: (batch) => {
      if (batch.container !== 'ts') return 0;
      const taken = session.send(batch);
      refused += batch.lengths.length - taken;
      return taken;
    },
    figures: () => sendFigures(session, refused),
    close: () => session.close(),
  };
}

function dial(
  srt: Pick<Srt, 'dial'>,
  spec: SpecOf<SinkSpec, 'srt'>,
  maxBitrate: number,
  events: SinkEvents,
): SrtSession {
  const { host, port, latencyMs, encryption, streamId } = spec;
  try {
    return srt.dial(
      { host, port, latencyMs, encryption, streamId, maxBitrate },
      { connected: ({ peer }) => events.connected(peer), closed: (_, cause) => events.ended(toIncident(cause)) },
    );
  } catch (error) {
    throw new EndpointFault('cannot-dial', error);
  }
}

/**
 * Each ACK that the peer sends says that media arrived there: pktRecvACK. `dropped` is what came too late to be sent; the
 * link's is that and what a full buffer refused, which whoever sent it counts as well.
 */
function sendFigures(session: SrtSession, refused: number): EndFigures | undefined {
  const stats = session.stats();
  const link = session.link();
  if (!stats || !link) return undefined;
  const { sent, rttMs } = stats;
  return {
    lost: 0,
    dropped: sent.dropped,
    acknowledged: sent.acks,
    rttMs,
    latencyMs: link.latencyMs,
    keyLength: link.keyLength,
    link: {
      side: 'send',
      packets: sent.packets,
      unique: sent.unique,
      retransmitted: sent.retransmitted,
      dropped: sent.dropped + refused,
      rttMs,
      latencyMs: link.latencyMs,
      bufferMs: sent.bufferMs,
      linkBandwidth: stats.bandwidth,
    },
  };
}
