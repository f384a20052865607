/**
 * Command messages: name, transaction, object, arguments.
 * Source: Adobe RTMP 1.0 §7.2; Enhanced RTMP v2, "Enhancing NetConnection connect command".
 */

import { decodeAmf, encodeAmf, type AmfObject, type AmfValue } from './amf.ts';
import { RtmpFault } from './fault.ts';
import { messageType, type RtmpMessage } from './message.ts';

export interface Command {
  readonly name: string;
  /** 0 when no answer is awaited. */
  readonly transaction: number;
  readonly object: AmfValue;
  readonly args: readonly AmfValue[];
}

/** Codecs by fourCC that pass through: `connect` names them to the other side. */
export const fourCcs = [
  'avc1',
  'hvc1',
  'av01',
  'vp09',
  'vp08',
  'mp4a',
  'Opus',
  'ac-3',
  'ec-3',
  'fLaC',
  '.mp3',
] as const;

export const isCommand = (message: RtmpMessage): boolean =>
  message.typeId === messageType.commandAmf0 || message.typeId === messageType.commandAmf3;

/**
 * The command in a message of type 20, or 17 whose lead byte is skipped: senders of AMF3 commands write AMF0 behind it.
 * Throws `command-invalid` without a name, and the faults of AMF.
 */
export function parseCommand(message: RtmpMessage): Command {
  const skipped = message.typeId === messageType.commandAmf3 ? 1 : 0;
  const [name, transaction, object, ...args] = decodeAmf(message.payload.subarray(skipped));
  if (typeof name !== 'string') throw new RtmpFault('command-invalid', 'A command has no name.');
  return { name, transaction: typeof transaction === 'number' ? transaction : 0, object, args };
}

export const commandMessage = (command: Command, streamId = 0): RtmpMessage => ({
  typeId: messageType.commandAmf0,
  streamId,
  timestampMs: 0,
  payload: encodeAmf(command.name, command.transaction, command.object, ...command.args),
});

/** `_result` or `_error` for the command that bore `transaction`. */
export const replyMessage = (
  name: '_result' | '_error',
  transaction: number,
  object: AmfValue,
  ...args: readonly AmfValue[]
): RtmpMessage => commandMessage({ name, transaction, object, args });

/** Status of a connection or a stream, as both sides name it (§7.2.2). */
export interface Status {
  readonly level: 'status' | 'error';
  readonly code: string;
  readonly description: string;
}

export const statusObject = (status: Status): AmfObject => new Map(Object.entries(status));

export const statusMessage = (name: 'onStatus' | 'onFCPublish', status: Status, streamId: number): RtmpMessage =>
  commandMessage({ name, transaction: 0, object: null, args: [statusObject(status)] }, streamId);
