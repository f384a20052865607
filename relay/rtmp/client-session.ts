/**
 * The client's side of one RTMP push as a state machine: bytes in, requests out; no socket, no clock.
 * handshake → connecting → creating → publishing → ended. Source: Adobe RTMP 1.0 §5.2, §7.2; Enhanced RTMP v2.
 */

import { isAmfObject, textField, type AmfValue } from './amf.ts';
import { ChunkReader } from './chunk-reader.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { commandMessage, fourCcs, isCommand, parseCommand, type Command } from './command.ts';
import { clientHandshake } from './handshake.ts';
import {
  chunkStream,
  controlMessage,
  controlValue,
  messageOf,
  messageType,
  pongFor,
  windowBytes,
  type RtmpMessage,
} from './message.ts';
import { redacted, type RtmpDestination } from './stream-name.ts';
import type { FlvTag } from '../formats/flv-tag.ts';

export type ClientPhase = 'handshake' | 'connecting' | 'creating' | 'publishing' | 'ended';

/** What the server said no to. `code` and `words` are the server's own, cleaned of the stream name. */
export interface ServerNo {
  readonly cause: 'connect-refused' | 'publish-refused' | 'stopped-by-peer';
  readonly code: string;
  readonly words: string;
}

export interface ClientHost {
  send(bytes: Uint8Array): void;
  /** The server accepted the stream: media may be written. `fourCcs` are the codecs it named, none for a plain server. */
  publishing(server: { readonly fourCcs: readonly string[] }): void;
  refused(no: ServerNo): void;
}

/** Large enough that nearly every frame is one chunk; what ffmpeg sends, so every server has met it. */
const ourChunkSize = 60_000;

/** "Can forward" (Enhanced RTMP v2, FourCcInfoMask). */
const canForward = 4;

const transaction = {
  connect: 1,
  releaseStream: 2,
  fcPublish: 3,
  createStream: 4,
  publish: 5,
  fcUnpublish: 6,
} as const;

export class ClientSession {
  readonly #host: ClientHost;
  readonly #destination: RtmpDestination;
  readonly #reader = new ChunkReader((message) => this.#take(message));
  readonly #writer = new ChunkWriter();
  readonly #shake = clientHandshake();
  #phase: ClientPhase = 'handshake';
  #streamId = 0;
  #fourCcs: readonly string[] = [];
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  #ackWindowBytes = windowBytes;
  #peerHasBytes = 0;

  constructor(host: ClientHost, destination: RtmpDestination) {
    this.#host = host;
    this.#destination = destination;
  }

  get phase(): ClientPhase {
    return this.#phase;
  }

  /** What the server says it received, mod 2³²; 0 from a server that acknowledges nothing. */
  get peerHasBytes(): number {
    return this.#peerHasBytes;
  }

  /** Opens the handshake; the connection must be up. */
  start(): void {
    this.#host.send(this.#shake.hello);
  }

  /** Takes bytes cut anywhere. Throws RtmpFault on bytes that are no RTMP or cost too much; then close the connection. */
  push(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length;
    if (this.#phase === 'handshake') this.#shakeHands(bytes);
    else if (this.#phase !== 'ended') this.#reader.push(bytes);
    this.#acknowledge();
  }

  /** The tag as bytes of its own, ready to be sent in this order. Only while publishing. */
  encode(tag: FlvTag): Uint8Array {
    return this.#writer.write(chunkStream[tag.kind], messageOf(tag, this.#streamId));
  }

  /** Takes the stream back: FCUnpublish and deleteStream, if it was published. */
  finish(): void {
    const wasPublishing = this.#phase === 'publishing';
    this.#phase = 'ended';
    if (!wasPublishing) return;
    this.#call('FCUnpublish', transaction.fcUnpublish, null, this.#destination.name);
    this.#call('deleteStream', 0, null, this.#streamId);
  }

  #shakeHands(bytes: Uint8Array): void {
    const { send, done, rest } = this.#shake.handshake.push(bytes);
    if (send.length > 0) this.#host.send(send);
    if (!done) return;
    this.#phase = 'connecting';
    this.#host.send(this.#writer.setChunkSize(ourChunkSize));
    this.#call('connect', transaction.connect, connectObject(this.#destination));
    this.#reader.push(rest);
  }

  /** Acknowledges at half the window the server set (§5.4.3). The count is mod 2³². */
  #acknowledge(): void {
    if (this.#phase === 'handshake' || this.#receivedBytes - this.#acknowledgedBytes < this.#ackWindowBytes / 2) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    this.#send(controlMessage(messageType.acknowledgement, this.#receivedBytes % 2 ** 32));
  }

  #take(message: RtmpMessage): void {
    if (this.#phase === 'ended') return;
    if (isCommand(message)) {
      this.#hear(parseCommand(message));
    } else if (message.typeId === messageType.windowSize) {
      this.#ackWindowBytes = Math.max(1, controlValue(message));
    } else if (message.typeId === messageType.acknowledgement) {
      this.#peerHasBytes = controlValue(message);
    } else if (message.typeId === messageType.peerBandwidth) {
      this.#send(controlMessage(messageType.windowSize, controlValue(message)));
    } else if (message.typeId === messageType.userControl) {
      const pong = pongFor(message);
      if (pong !== undefined) this.#send(pong);
    }
  }

  #hear(command: Command): void {
    switch (command.name) {
      case '_result':
        return this.#heardResult(command);
      case '_error':
        return this.#heardError(command);
      case 'onStatus':
        return this.#heardStatus(command.args[0]);
      case 'close':
        return this.#heardNo(command.args[0]);
      default:
        // onBWDone, onFCPublish and the like tell nothing that is needed.
        return;
    }
  }

  #heardResult(command: Command): void {
    if (command.transaction === transaction.connect && this.#phase === 'connecting') {
      this.#fourCcs = namedFourCcs(command.args[0]);
      this.#phase = 'creating';
      const { name } = this.#destination;
      this.#call('releaseStream', transaction.releaseStream, null, name);
      this.#call('FCPublish', transaction.fcPublish, null, name);
      this.#call('createStream', transaction.createStream, null);
    } else if (command.transaction === transaction.createStream && this.#phase === 'creating') {
      const [streamId] = command.args;
      this.#streamId = typeof streamId === 'number' ? streamId >>> 0 : 1;
      const publish: Command = {
        name: 'publish',
        transaction: transaction.publish,
        object: null,
        args: [this.#destination.name, 'live'],
      };
      this.#send(commandMessage(publish, this.#streamId), chunkStream.command);
    }
  }

  /** Many servers know no releaseStream or FCPublish and say so: only an error to what we need ends the push. */
  #heardError(command: Command): void {
    const needed: readonly number[] = [transaction.connect, transaction.createStream, transaction.publish];
    if (needed.includes(command.transaction)) this.#heardNo(command.args[0] ?? command.object);
  }

  #heardStatus(status: AmfValue): void {
    if (textField(status, 'level') === 'error') return this.#heardNo(status);
    const code = textField(status, 'code');
    if (code === 'NetStream.Publish.Start' && this.#phase === 'creating') {
      this.#phase = 'publishing';
      this.#host.publishing({ fourCcs: this.#fourCcs });
    } else if (code === 'NetStream.Unpublish.Success' && this.#phase === 'publishing') {
      this.#heardNo(status);
    }
  }

  #heardNo(status: AmfValue): void {
    const { name } = this.#destination;
    const cause = noCauses[this.#phase];
    this.#phase = 'ended';
    const words = textField(status, 'description');
    this.#host.refused({ cause, code: redacted(textField(status, 'code'), name), words: redacted(words, name) });
  }

  #call(name: string, id: number, object: AmfValue, ...args: readonly AmfValue[]): void {
    this.#send(commandMessage({ name, transaction: id, object, args }), chunkStream.command);
  }

  #send(message: RtmpMessage, csid: number = chunkStream.control): void {
    this.#host.send(this.#writer.write(csid, message));
  }
}

const noCauses: Record<ClientPhase, ServerNo['cause']> = {
  handshake: 'connect-refused',
  connecting: 'connect-refused',
  creating: 'publish-refused',
  publishing: 'stopped-by-peer',
  ended: 'stopped-by-peer',
};

/** What connect says of us. `flashVer` in the form of FMLE, which servers and platforms expect of an encoder. */
function connectObject({ app, tcUrl }: RtmpDestination): AmfValue {
  const masks: AmfValue = new Map(fourCcs.map((fourCc) => [fourCc, canForward]));
  return new Map<string, AmfValue>([
    ['app', app],
    ['type', 'nonprivate'],
    ['flashVer', 'FMLE/3.0 (compatible; StreamLink)'],
    ['tcUrl', tcUrl],
    ['fourCcList', fourCcs],
    ['videoFourCcInfoMap', masks],
    ['audioFourCcInfoMap', masks],
  ]);
}

/** The codecs a server names in connect's result: as a list (v1) or as the names of its maps (v2). */
function namedFourCcs(information: AmfValue): string[] {
  if (!isAmfObject(information)) return [];
  const list = information.get('fourCcList');
  const listed = Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
  const maps = ['videoFourCcInfoMap', 'audioFourCcInfoMap'].map((field) => information.get(field));
  return [...new Set([...listed, ...maps.flatMap((map) => (isAmfObject(map) ? [...map.keys()] : []))])];
}
