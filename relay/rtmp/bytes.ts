/** Big-endian integers in byte arrays: the few that RTMP and AMF need. A read past the end gives zeros; callers check. */

export const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

export const u24 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) << 8) | (bytes[at + 2] ?? 0);

export const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 0x10000 + u16(bytes, at + 2);

/** Little-endian, for the message stream id alone (Adobe RTMP 1.0 §5.3.1.2.1). */
export const u32le = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)) + (bytes[at + 3] ?? 0) * 0x1000000;

export const putU16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
};

export const putU24 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 16;
  putU16(bytes, at + 1, value);
};

export const putU32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24;
  putU24(bytes, at + 1, value);
};

export const putU32le = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
};

/** `a - b` on a clock of 32 bits, as −2³¹ … 2³¹−1: right as long as the two are within 24 days. */
export const elapsed32 = (a: number, b: number): number => (a - b) | 0;

export const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
