/** Big-endian numbers in bytes. A read past the end gives zero, so that a truncated field can never throw. */

export const u8 = (data: Uint8Array, at: number): number => data[at] ?? 0;

export const u16 = (data: Uint8Array, at: number): number => (u8(data, at) << 8) | u8(data, at + 1);

export const u24 = (data: Uint8Array, at: number): number => (u16(data, at) << 8) | u8(data, at + 2);

/** Unsigned, unlike `<<`. */
export const u32 = (data: Uint8Array, at: number): number => u16(data, at) * 0x10000 + u16(data, at + 2);

/** A 24-bit two's complement number (FLV composition time). */
export const i24 = (data: Uint8Array, at: number): number => (u24(data, at) << 8) >> 8;

export const put16 = (data: Uint8Array, at: number, value: number): void => {
  data[at] = value >>> 8;
  data[at + 1] = value;
};

/** Writes the low 24 bits, so a negative value becomes two's complement. */
export const put24 = (data: Uint8Array, at: number, value: number): void => {
  data[at] = value >>> 16;
  put16(data, at + 1, value);
};

export const put32 = (data: Uint8Array, at: number, value: number): void => {
  put16(data, at, value >>> 16);
  put16(data, at + 2, value);
};

/** Writes Latin-1 text, one byte a character. */
export const putText = (data: Uint8Array, at: number, text: string): void => {
  for (let i = 0; i < text.length; i++) data[at + i] = text.charCodeAt(i);
};

/** `length` bytes as Latin-1 text; shorter where the data ends. */
export const textAt = (data: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...data.subarray(at, at + length));

export const totalBytes = (parts: readonly Uint8Array[]): number =>
  parts.reduce((total, part) => total + part.length, 0);

/** Fresh memory holding all parts in order. */
export const concat = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(totalBytes(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
