/** Samples as one piece of bytes: how they go to the writer, and how they lie in the journal until they are sealed. */
import { ByteReader, ByteWriter } from './history-bytes.ts';
import { fieldOfName, quantise } from './history-fields.ts';
import type { HealthChannel, HealthSample } from './history-model.ts';

/** Raised when bytes of an older version would be misread. */
const VERSION = 1;

/** Hears each sample as it begins (the channel by its place in the batch, the second since 1970), then its values. */
export interface Visitor {
  sample(channel: number, second: number): void;
  value(field: number, steps: number): void;
}

/**
 * Version, channels, samples; a sample is its channel's place, its distance in seconds from the sample before, and its
 * values. Values that are not finite, and fields that are not in the registry, are left out.
 */
export function encodeBatch(samples: readonly HealthSample[]): Uint8Array {
  const places = new Map<string, number>();
  const head = new ByteWriter();
  const body = new ByteWriter();
  let last = 0;
  for (const { channel, at, values } of samples) {
    const second = Math.floor(at / 1000);
    body.unsigned(placeOf(channel, places, head));
    body.signed(second - last);
    encodeValues(values, body);
    last = second;
  }
  const whole = new ByteWriter();
  whole.byte(VERSION);
  whole.unsigned(places.size);
  whole.append(head.take());
  whole.unsigned(samples.length);
  whole.append(body.take());
  return whole.take();
}

/** Throws a RangeError where the bytes are not a batch. Returns the channels in their places, before any visit. */
export function decodeChannels(batch: Uint8Array): readonly HealthChannel[] {
  return readHead(new ByteReader(batch));
}

/** Throws a RangeError where the bytes are not a batch; what stood before the damage was visited. */
export function visitBatch(batch: Uint8Array, visitor: Visitor): void {
  const bytes = new ByteReader(batch);
  readHead(bytes);
  let second = 0;
  for (let left = bytes.unsigned(); left > 0; left--) {
    const channel = bytes.unsigned();
    second += bytes.signed();
    visitor.sample(channel, second);
    for (let field = bytes.unsigned(); field > 0; field = bytes.unsigned()) visitor.value(field - 1, bytes.signed());
  }
}

/** The same for the same channel, and for no other. */
export const keyOf = ({ flowId, pipeline, endpointId, track }: HealthChannel): string =>
  track === undefined ? `${flowId}\n${pipeline}\n${endpointId}` : `${flowId}\n${pipeline}\n${endpointId}\n${track}`;

function placeOf(channel: HealthChannel, places: Map<string, number>, head: ByteWriter): number {
  const key = keyOf(channel);
  const known = places.get(key);
  if (known !== undefined) return known;
  head.text(channel.flowId);
  head.byte(channel.pipeline === 'primary' ? 0 : 1);
  head.text(channel.endpointId);
  head.byte(channel.track === undefined ? 0 : 1);
  if (channel.track !== undefined) head.text(channel.track);
  places.set(key, places.size);
  return places.size - 1;
}

/** (number + 1, steps) for each, then 0. */
function encodeValues(values: HealthSample['values'], body: ByteWriter): void {
  for (const [name, value] of Object.entries(values)) {
    const known = fieldOfName(name);
    if (!known || !Number.isFinite(value)) continue;
    body.unsigned(known.number + 1);
    body.signed(quantise(known.field, value));
  }
  body.byte(0);
}

function readHead(bytes: ByteReader): readonly HealthChannel[] {
  if (bytes.byte() !== VERSION) throw new RangeError('This batch of samples is of another version.');
  const channels: HealthChannel[] = [];
  for (let left = bytes.unsigned(); left > 0; left--) channels.push(readChannel(bytes));
  return channels;
}

function readChannel(bytes: ByteReader): HealthChannel {
  const flowId = bytes.text();
  const pipeline = bytes.byte() === 0 ? 'primary' : 'backup';
  const endpointId = bytes.text();
  return bytes.byte() === 0 ? { flowId, pipeline, endpointId } : { flowId, pipeline, endpointId, track: bytes.text() };
}
