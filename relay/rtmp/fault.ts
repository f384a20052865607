/** What a peer can do wrong on the wire, as one typed error. */

export type RtmpFaultCode =
  | 'handshake-version'
  | 'chunk-without-header'
  | 'chunk-size-invalid'
  | 'too-many-chunk-streams'
  | 'message-too-long'
  | 'too-much-pending'
  | 'control-message-short'
  | 'aggregate-broken'
  | 'amf-truncated'
  | 'amf-too-deep'
  | 'amf-too-many'
  | 'amf-unknown-type'
  | 'command-invalid'
  | 'command-out-of-order'
  | 'too-much-before-publish'
  | 'replies-not-read';

/** Thrown by the parsers of this room, caught once per connection. The words never hold what the peer sent as a key. */
export class RtmpFault extends Error {
  readonly code: RtmpFaultCode;

  constructor(code: RtmpFaultCode, words: string) {
    super(words);
    this.name = 'RtmpFault';
    this.code = code;
  }
}
