/**
 * The server's side of one RTMP connection as a state machine: bytes in, replies and media out; no socket, no clock.
 * handshake → connecting → connected → publishing → ended. Source: Adobe RTMP 1.0 §5.2, §7.2.
 */

import { isAmfObject, numberField, textField, type AmfValue } from './amf.ts';
import { ChunkReader } from './chunk-reader.ts';
import { ChunkWriter } from './chunk-writer.ts';
import {
  fourCcs,
  isCommand,
  parseCommand,
  replyMessage,
  statusMessage,
  statusObject,
  type Command,
  type Status,
} from './command.ts';
import { RtmpFault } from './fault.ts';
import { serverHandshake } from './handshake.ts';
import { rtmpLimits, type RtmpLimits } from './limits.ts';
import {
  chunkStream,
  controlMessage,
  controlValue,
  mediaOf,
  messageType,
  peerBandwidthMessage,
  pongFor,
  userControl,
  userControlMessage,
  windowBytes,
  type RtmpMessage,
} from './message.ts';
import { refusals, type RefusalCause } from './refusal.ts';
import { spellings, type StreamName } from './stream-name.ts';
import type { FlvTag } from '../formats/flv-tag.ts';

export type SessionPhase = 'handshake' | 'connecting' | 'connected' | 'publishing' | 'ended';

/** What the session asks of whoever holds its connection. */
export interface SessionHost {
  send(bytes: Uint8Array): void;
  /** May this app be connected to? A cause refuses. */
  connecting(app: string): RefusalCause | undefined;
  /** May this stream be published? `names` are the readings of what the encoder sent, likeliest first, never none. */
  publishing(names: readonly StreamName[]): RefusalCause | undefined;
  /** Publish.Start has been sent: media follows. */
  published(): void;
  /** The tag's bytes belong to the receiver. */
  tag(tag: FlvTag): void;
  /** The session is over; what was sent shall still go out before the connection closes. Called once. */
  ended(end: SessionEnd): void;
}

export type SessionEnd =
  | { readonly kind: 'refused'; readonly cause: RefusalCause }
  /** The encoder took its stream back in the proper way. */
  | { readonly kind: 'unpublished' };

const ourChunkSize = 4096;
const publishStreamId = 1;

export class ServerSession {
  readonly #host: SessionHost;
  readonly #limits: RtmpLimits;
  readonly #handshake = serverHandshake();
  readonly #reader: ChunkReader;
  readonly #writer = new ChunkWriter();
  #phase: SessionPhase = 'handshake';
  #app = '';
  #encoder = '';
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  #ackWindowBytes = windowBytes;
  #publishedOn = 0;
  #awaitsOnFcPublish = false;

  constructor(host: SessionHost, limits: RtmpLimits = rtmpLimits) {
    this.#host = host;
    this.#limits = limits;
    this.#reader = new ChunkReader((message) => this.#take(message), limits);
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  /** What the encoder calls itself (flashVer), '' before connect. Foreign text: escape before showing. */
  get encoder(): string {
    return this.#encoder;
  }

  /** Takes bytes cut anywhere. Throws RtmpFault on bytes that are no RTMP or cost too much; then close the connection. */
  push(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length;
    if (this.#phase === 'handshake') this.#shakeHands(bytes);
    else if (this.#phase !== 'ended') this.#reader.push(bytes);
    this.#acknowledge();
    const isProven = this.#phase === 'publishing' || this.#phase === 'ended';
    if (!isProven && this.#receivedBytes > this.#limits.unprovenBytes) {
      throw new RtmpFault('too-much-before-publish', 'The peer sent too much before it published.');
    }
  }

  /** Tells a publisher that its stream is taken from it. */
  release(): void {
    if (this.#phase !== 'publishing') return;
    this.#phase = 'ended';
    const description = 'The stream has been released.';
    this.#tell('onStatus', { level: 'status', code: 'NetStream.Unpublish.Success', description }, this.#publishedOn);
  }

  #shakeHands(bytes: Uint8Array): void {
    const { send, done, rest } = this.#handshake.push(bytes);
    if (send.length > 0) this.#host.send(send);
    if (!done) return;
    this.#phase = 'connecting';
    this.#reader.push(rest);
  }

  /** Acknowledges at half the window: some encoders wait for it and stall (§5.4.3). The count is mod 2³². */
  #acknowledge(): void {
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#ackWindowBytes / 2) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    if (this.#phase === 'handshake') return;
    this.#send(chunkStream.control, controlMessage(messageType.acknowledgement, this.#receivedBytes % 2 ** 32));
  }

  #take(message: RtmpMessage): void {
    if (this.#phase === 'ended') return;
    if (isCommand(message)) {
      this.#obey(parseCommand(message), message.streamId);
    } else if (message.typeId === messageType.windowSize) {
      this.#ackWindowBytes = Math.max(1, controlValue(message));
    } else if (message.typeId === messageType.userControl) {
      const pong = pongFor(message);
      if (pong !== undefined) this.#send(chunkStream.control, pong);
    } else if (this.#phase === 'publishing') {
      const tag = mediaOf(message);
      if (tag !== undefined) this.#host.tag(tag);
    }
  }

  #obey(command: Command, streamId: number): void {
    if (command.name === 'connect') return this.#connect(command);
    if (this.#phase === 'connecting') {
      throw new RtmpFault('command-out-of-order', 'The first command was not connect.');
    }
    switch (command.name) {
      case 'createStream':
        return this.#reply(command, null, publishStreamId);
      case 'publish':
        return this.#publish(command, streamId);
      case 'play':
      case 'play2':
        return this.#refuse('play-not-offered', streamId);
      case 'getStreamLength':
        return this.#reply(command, null, 0);
      case 'FCPublish':
        this.#awaitsOnFcPublish = true;
        return this.#reply(command, null);
      case 'FCSubscribe':
      case 'releaseStream':
      case '_checkbw':
        return this.#reply(command, null);
      case 'FCUnpublish':
      case 'closeStream':
      case 'deleteStream':
        return this.#unpublish(command);
      default:
        // Answers to nothing we asked, and calls that only tell us something: no encoder waits for a reply.
        return;
    }
  }

  #connect(command: Command): void {
    if (this.#phase !== 'connecting') throw new RtmpFault('command-out-of-order', 'The peer sent connect twice.');
    this.#app = textField(command.object, 'app');
    this.#encoder = textField(command.object, 'flashVer');
    const cause = this.#host.connecting(this.#app);
    if (cause !== undefined) {
      const description = refusals[cause].words;
      const status = statusObject({ level: 'error', code: 'NetConnection.Connect.Rejected', description });
      this.#send(chunkStream.command, replyMessage('_error', command.transaction, null, status));
      this.#end({ kind: 'refused', cause });
      return;
    }
    this.#phase = 'connected';
    this.#send(chunkStream.control, controlMessage(messageType.windowSize, windowBytes));
    this.#send(chunkStream.control, peerBandwidthMessage(windowBytes));
    this.#host.send(this.#writer.setChunkSize(ourChunkSize));
    this.#reply(command, new Map<string, AmfValue>(serverProperties), connectInformation(command.object));
  }

  #publish(command: Command, streamId: number): void {
    if (this.#phase === 'publishing') return this.#refuse('already-publishing', streamId);
    const [name] = command.args;
    const names = spellings(this.#app, typeof name === 'string' ? name : '');
    const cause = names.length === 0 ? 'stream-key-wrong' : this.#host.publishing(names);
    if (cause !== undefined) return this.#refuse(cause, streamId);
    this.#phase = 'publishing';
    this.#publishedOn = streamId;
    this.#reader.trust();
    this.#send(chunkStream.control, userControlMessage(userControl.streamBegin, streamId));
    const start: Status = { level: 'status', code: 'NetStream.Publish.Start', description: 'Publishing.' };
    if (this.#awaitsOnFcPublish) this.#tell('onFCPublish', start, 0);
    this.#tell('onStatus', start, streamId);
    this.#host.published();
  }

  #refuse(cause: RefusalCause, streamId: number): void {
    const { code, words } = refusals[cause];
    this.#tell('onStatus', { level: 'error', code, description: words }, streamId);
    this.#end({ kind: 'refused', cause });
  }

  /** FCUnpublish, closeStream and deleteStream come together: the first one ends the stream. */
  #unpublish(command: Command): void {
    if (command.transaction > 0) this.#reply(command, null);
    if (this.#phase !== 'publishing') return;
    this.release();
    this.#host.ended({ kind: 'unpublished' });
  }

  #end(end: SessionEnd): void {
    this.#phase = 'ended';
    this.#host.ended(end);
  }

  #reply(command: Command, object: AmfValue, ...args: readonly AmfValue[]): void {
    this.#send(chunkStream.command, replyMessage('_result', command.transaction, object, ...args));
  }

  /** onFCPublish is what FMLE and its kind wait for; everybody else goes by onStatus. */
  #tell(name: 'onStatus' | 'onFCPublish', status: Status, streamId: number): void {
    this.#send(chunkStream.command, statusMessage(name, status, streamId));
  }

  #send(csid: number, message: RtmpMessage): void {
    this.#host.send(this.#writer.write(csid, message));
  }
}

/** `capabilities` 31 and this version are what FMS 3 says and encoders look for. */
const serverProperties: readonly (readonly [string, AmfValue])[] = [
  ['fmsVer', 'FMS/3,5,7,7009'],
  ['capabilities', 31],
  ['mode', 1],
];

/** "Can forward" (Enhanced RTMP v2, FourCcInfoMask). */
const canForward = 4;

/** The information object of connect's `_result`: codecs by fourCC are named to those who name theirs. */
function connectInformation(asked: AmfValue): AmfValue {
  const information = new Map<string, AmfValue>(
    Object.entries({
      level: 'status',
      code: 'NetConnection.Connect.Success',
      description: 'Connection succeeded.',
      objectEncoding: numberField(asked, 'objectEncoding') ?? 0,
    }),
  );
  const isEnhanced =
    isAmfObject(asked) && ['fourCcList', 'videoFourCcInfoMap', 'audioFourCcInfoMap'].some((field) => asked.has(field));
  if (isEnhanced) {
    const masks: AmfValue = new Map(fourCcs.map((fourCc) => [fourCc, canForward]));
    information.set('fourCcList', fourCcs);
    information.set('videoFourCcInfoMap', masks);
    information.set('audioFourCcInfoMap', masks);
  }
  return information;
}
