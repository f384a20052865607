/**
 * AMF0 values to bytes and back.
 * Source: Action Message Format AMF 0 (Adobe, 2007); section numbers below are its own.
 */

import { joined, putU16, putU32, u16, u32 } from './bytes.ts';
import { RtmpFault } from './fault.ts';
import { rtmpLimits } from './limits.ts';

/** Objects are maps, so that a field named `__proto__` is only a name. Order of fields is kept. */
export type AmfObject = ReadonlyMap<string, AmfValue>;
export type AmfValue = number | boolean | string | null | undefined | Date | AmfObject | readonly AmfValue[];

const marker = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  reference: 0x07,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xml: 0x0f,
  typedObject: 0x10,
  amf3: 0x11,
} as const;

const longestShortString = 0xffff;

/** The values one after another (§2.1), as a command message carries them. A map becomes an anonymous object. */
export function encodeAmf(...values: readonly AmfValue[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const value of values) encodeInto(parts, value);
  return joined(parts);
}

/**
 * All values of a message body, in order. ECMA arrays and typed objects come as maps (the class name is dropped),
 * XML as its text, references as null. A value that switches to AMF3 (§3.1) ends the list: the rest is not read.
 * Throws RtmpFault `amf-…` when the bytes are cut short, nest too deep, hold too many values or an unknown marker.
 */
export function decodeAmf(bytes: Uint8Array, limits: AmfLimits = rtmpLimits): AmfValue[] {
  const reader = new AmfReader(bytes, limits);
  const values: AmfValue[] = [];
  while (reader.more()) values.push(reader.value(0));
  return values;
}

export interface AmfLimits {
  readonly amfDepth: number;
  readonly amfElements: number;
}

export const isAmfObject = (value: AmfValue): value is AmfObject => value instanceof Map;

/** The field as text, or '' when it is absent or of another type. */
export const textField = (value: AmfValue, name: string): string => {
  const field = isAmfObject(value) ? value.get(name) : undefined;
  return typeof field === 'string' ? field : '';
};

/** The field as a number, or undefined when it is absent or of another type. */
export const numberField = (value: AmfValue, name: string): number | undefined => {
  const field = isAmfObject(value) ? value.get(name) : undefined;
  return typeof field === 'number' ? field : undefined;
};

function encodeInto(parts: Uint8Array[], value: AmfValue): void {
  if (value === null) parts.push(Uint8Array.of(marker.null));
  else if (value === undefined) parts.push(Uint8Array.of(marker.undefined));
  else if (typeof value === 'number') parts.push(encodedDouble(marker.number, value, 9));
  else if (typeof value === 'boolean') parts.push(Uint8Array.of(marker.boolean, value ? 1 : 0));
  else if (typeof value === 'string') parts.push(encodedString(value));
  else if (value instanceof Date) parts.push(encodedDouble(marker.date, value.getTime(), 11));
  else if (isAmfObject(value)) encodeObject(parts, value);
  else encodeStrictArray(parts, value);
}

/** Marker, IEEE 754 double, and zeros up to `size`: a number (§2.2), or a date with its unused time zone (§2.13). */
function encodedDouble(kind: number, value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes[0] = kind;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
}

/** Short (§2.4) or long (§2.14) as the length asks. */
function encodedString(text: string): Uint8Array {
  const utf8 = Buffer.from(text, 'utf8');
  const long = utf8.length > longestShortString;
  const bytes = new Uint8Array((long ? 5 : 3) + utf8.length);
  bytes[0] = long ? marker.longString : marker.string;
  if (long) putU32(bytes, 1, utf8.length);
  else putU16(bytes, 1, utf8.length);
  bytes.set(utf8, long ? 5 : 3);
  return bytes;
}

/** Fields as name and value, closed by an empty name and the end marker (§2.5). Names are under 64 kB: we only send our own. */
function encodeObject(parts: Uint8Array[], fields: AmfObject): void {
  parts.push(Uint8Array.of(marker.object));
  for (const [name, value] of fields) {
    parts.push(encodedString(name).subarray(1));
    encodeInto(parts, value);
  }
  parts.push(Uint8Array.of(0, 0, marker.objectEnd));
}

function encodeStrictArray(parts: Uint8Array[], values: readonly AmfValue[]): void {
  const head = new Uint8Array(5);
  head[0] = marker.strictArray;
  putU32(head, 1, values.length);
  parts.push(head);
  for (const value of values) encodeInto(parts, value);
}

/** Walks one message body; counts what it makes, so that a small body cannot become a large tree. */
class AmfReader {
  readonly #bytes: Uint8Array;
  readonly #limits: AmfLimits;
  #at = 0;
  #elements = 0;

  constructor(bytes: Uint8Array, limits: AmfLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  more(): boolean {
    return this.#at < this.#bytes.length;
  }

  value(depth: number): AmfValue {
    if (depth > this.#limits.amfDepth) throw new RtmpFault('amf-too-deep', 'The AMF value is nested too deep.');
    this.#count();
    const kind = this.#take(1)[0] ?? 0;
    switch (kind) {
      case marker.number:
        return this.#double();
      case marker.boolean:
        return this.#take(1)[0] !== 0;
      case marker.string:
        return this.#text(u16(this.#take(2), 0));
      case marker.longString:
      case marker.xml:
        return this.#text(u32(this.#take(4), 0));
      case marker.date:
        return this.#date();
      case marker.object:
        return this.#fields(depth);
      case marker.ecmaArray:
        this.#take(4);
        return this.#fields(depth);
      case marker.typedObject:
        this.#take(u16(this.#take(2), 0));
        return this.#fields(depth);
      case marker.strictArray:
        return this.#items(u32(this.#take(4), 0), depth);
      case marker.reference:
        this.#take(2);
        return null;
      case marker.amf3:
        this.#at = this.#bytes.length;
        return undefined;
      case marker.null:
        return null;
      case marker.undefined:
      case marker.unsupported:
        return undefined;
      default:
        throw new RtmpFault('amf-unknown-type', `The AMF value has the unknown type ${kind}.`);
    }
  }

  /**
   * Fields up to the end marker. The count of an ECMA array is a hint that encoders get wrong, so it is not used.
   * A body that ends between two fields counts as closed: some encoders leave the end marker of onMetaData out.
   */
  #fields(depth: number): AmfObject {
    const fields = new Map<string, AmfValue>();
    while (this.more()) {
      const name = this.#text(u16(this.#take(2), 0));
      if (name === '' && this.#bytes[this.#at] === marker.objectEnd) {
        this.#at += 1;
        break;
      }
      if (!this.more()) break;
      fields.set(name, this.value(depth + 1));
    }
    return fields;
  }

  #items(count: number, depth: number): AmfValue[] {
    const items: AmfValue[] = [];
    for (let i = 0; i < count && this.more(); i += 1) items.push(this.value(depth + 1));
    return items;
  }

  #double(): number {
    const bytes = this.#take(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0);
  }

  #date(): Date {
    const at = new Date(this.#double());
    this.#take(2);
    return at;
  }

  #text(length: number): string {
    const bytes = this.#take(length);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  }

  #count(): void {
    this.#elements += 1;
    if (this.#elements > this.#limits.amfElements)
      throw new RtmpFault('amf-too-many', 'The message has too many values.');
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RtmpFault('amf-truncated', 'The AMF value is cut short.');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}
