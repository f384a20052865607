/** What all parts of the bench agree on. */

/** A datagram of seven TS packets. */
export const MESSAGE_BYTES = 1316;
export const LINK = { host: '127.0.0.1', latencyMs: 120, maxBitrate: 40_000_000 } as const;

/** Every message carries its number in the payload of its first TS packet, so that a receiver finds each one missing. */
export const NUMBER_AT = 8;

export const numbersFrom = (text: string | undefined): number[] => (text ?? '').split(',').map(Number);
