/** Every bound of the RTMP room in one place: what a peer may cost us, and for how long. */

export interface RtmpLimits {
  /** Longest message after publish was accepted, in bytes. An 8 MB key frame is 64 Mbit; no encoder in the field comes near. */
  readonly messageBytes: number;
  /** Longest message before publish was accepted, in bytes. A `connect` with every field set is under 2 kB. */
  readonly unprovenMessageBytes: number;
  /** All bytes a peer may send, or make us set aside, before publish was accepted. */
  readonly unprovenBytes: number;
  /** Memory for half-received messages over all chunk streams of a publisher, in bytes. */
  readonly pendingBytes: number;
  /** Chunk streams a peer may open. Encoders use 3 to 6. */
  readonly chunkStreams: number;
  /** Nesting of AMF values. */
  readonly amfDepth: number;
  /** AMF values in one message, keys included. */
  readonly amfElements: number;
  /** Messages inside one aggregate message. */
  readonly aggregateMessages: number;
  /** From accept to the last handshake byte, in ms. */
  readonly handshakeMs: number;
  /** From accept to an accepted publish, in ms. */
  readonly publishMs: number;
  /** A publisher that sends no byte for this long is let go, in ms. */
  readonly idleMs: number;
  /** A publisher that delivered no media for this long gives way to a new one, in ms. */
  readonly yieldMs: number;
  /** Connections from one address at a time. */
  readonly connectionsPerAddress: number;
  /** Connections of one server at a time. */
  readonly connections: number;
  /** Replies a peer may leave unread, in bytes. */
  readonly unreadReplyBytes: number;
  /** How long a closing socket may take to hand over its last bytes, in ms. */
  readonly lingerMs: number;
}

export const rtmpLimits: RtmpLimits = {
  messageBytes: 8 * 1024 * 1024,
  unprovenMessageBytes: 64 * 1024,
  unprovenBytes: 256 * 1024,
  pendingBytes: 16 * 1024 * 1024,
  chunkStreams: 64,
  amfDepth: 16,
  amfElements: 4096,
  aggregateMessages: 4096,
  handshakeMs: 5_000,
  publishMs: 10_000,
  idleMs: 30_000,
  yieldMs: 1_000,
  connectionsPerAddress: 64,
  connections: 1_024,
  unreadReplyBytes: 256 * 1024,
  lingerMs: 1_000,
};

export interface DialLimits {
  /** From the first look-up to an open TCP connection, in ms. */
  readonly connectMs: number;
  /** TLS handshake, in ms. */
  readonly tlsMs: number;
  /** RTMP handshake, in ms. */
  readonly handshakeMs: number;
  /** From the end of the handshake to NetStream.Publish.Start, in ms. */
  readonly publishMs: number;
  /** A peer that takes no byte for this long while media waits is given up, in ms. */
  readonly stallMs: number;
  /** How long `close` may take to hand over what waits, in ms. */
  readonly lingerMs: number;
  /** Media that may wait for a slow peer, in bytes. */
  readonly queueBytes: number;
  /** Media that may wait for a slow peer, in ms of media time. */
  readonly queueMs: number;
}

export const dialLimits: DialLimits = {
  connectMs: 5_000,
  tlsMs: 5_000,
  handshakeMs: 5_000,
  publishMs: 10_000,
  stallMs: 10_000,
  lingerMs: 1_000,
  queueBytes: 4 * 1024 * 1024,
  queueMs: 2_000,
};
