/** Where RTMP bytes leave: one push to one destination, beginning with headers and a key frame. */
import type { IncidentCode, SinkSpec, SpecOf } from '../contract/messages.ts';
import type { FlvTag } from '../formats/flv-tag.ts';
import type { EndFigures, Sink, SinkEvents } from '../media.ts';
import { dialRtmp, type RtmpPush } from './client.ts';
import type { DialCause } from './dial-fault.ts';

/** Tries once. The first batch that it is sent must be the headers in force. */
export function openRtmpSink(spec: SpecOf<SinkSpec, 'rtmp'>, events: SinkEvents): Sink {
  const { url, key } = spec;
  const start = new StartGate();
  const push = dialRtmp(
    { url, streamName: key },
    { publishing: () => events.connected(peerOf(url)), closed: ({ cause }) => events.ended(incidentOf[cause]) },
  );
  let refused = 0;
  /** A tag before the start is not this peer's loss: it counts as taken. */
  const takes = (tag: FlvTag): boolean => !start.admits(tag) || push.send(tag) === 'sent';
  return {
    send: (batch) => {
      if (batch.container !== 'flv') return 0;
      const taken = batch.tags.filter(takes).length;
      refused += batch.tags.length - taken;
      return taken;
    },
    figures: () => toFigures(push, refused),
    close: () => void push.close(),
  };
}

/** Lets headers through, and everything from the first key frame on; sound alone where no video was announced. */
class StartGate {
  #hasVideo = false;
  #open = false;

  admits(tag: FlvTag): boolean {
    if (tag.kind === 'video' && tag.sequenceHeader) this.#hasVideo = true;
    if (tag.sequenceHeader || tag.kind === 'data') return true;
    this.#open ||= tag.kind === 'video' ? tag.keyframe : !this.#hasVideo;
    return this.#open;
  }
}

/**
 * Few servers confirm more often than each 2.5 MB (Adobe RTMP 1.0 section 5.4.3), some never. Bytes that the system took
 * and that do not wait in our queue are as near to a proof as TCP lets us see: a server that stops reading fills it.
 */
function toFigures(push: RtmpPush, refused: number): EndFigures {
  const { droppedTags, sentBytes, waitingBytes, waitingMs } = push.figures();
  // Those that `send` refused are counted by whoever sent them: here are only those that were dropped while they waited.
  const dropped = Math.max(0, droppedTags - refused);
  return {
    lost: 0,
    dropped,
    acknowledged: Math.max(0, sentBytes - waitingBytes),
    queueMs: waitingMs,
    link: { side: 'send', dropped: droppedTags, queueMs: waitingMs },
  };
}

/** The host of an RTMP URL as it stands there, and its port or the one that is meant. */
export function peerOf(url: string): { address: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { address: hostname, port: Number(port) || (protocol === 'rtmps:' ? 443 : 1935) };
}

const incidentOf: Readonly<Record<DialCause, IncidentCode>> = {
  'url-invalid': 'cannot-dial',
  'dns-failed': 'name-not-found',
  'dns-timeout': 'name-not-found',
  'address-not-permitted': 'cannot-dial',
  'tcp-failed': 'unreachable',
  'tcp-timeout': 'no-answer',
  'tls-certificate': 'certificate-untrusted',
  'tls-failed': 'tls-failed',
  'tls-timeout': 'tls-failed',
  'handshake-failed': 'handshake-failed',
  'handshake-timeout': 'handshake-failed',
  'connect-refused': 'publish-refused',
  'publish-refused': 'publish-refused',
  'publish-timeout': 'no-answer',
  'closed-before-publish': 'publish-refused',
  'stopped-by-peer': 'peer-closed',
  'peer-closed': 'peer-closed',
  'connection-lost': 'connection-lost',
  'protocol-fault': 'protocol-fault',
  stalled: 'too-slow',
  'internal-error': 'protocol-fault',
  closed: 'peer-closed',
};
