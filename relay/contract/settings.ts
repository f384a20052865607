/** Each field that a protocol has, once: its unit, range and default. Forms, checks, API and documents are made from it. */
import { z } from 'zod';

/** One of the two independent paths of a flow. */
export const pipelines = ['primary', 'backup'] as const;
export type Pipeline = (typeof pipelines)[number];

/** What can be chosen. A protocol joins this list on the day that it works. */
export const protocols = ['srt', 'rtmp', 'rtp'] as const;
export type Protocol = (typeof protocols)[number];

/** SRT latency in ms: the larger of both ends' wishes is used. Source: SRTO_RCVLATENCY, SRTO_PEERLATENCY. */
export const latency = { min: 20, max: 3000, initial: 120, unit: 'ms' } as const;

/** Length of an SRT passphrase in characters. Source: SRTO_PASSPHRASE. */
export const passphraseLength = { min: 10, max: 79 } as const;

/** AES key length in bits: SRTO_PBKEYLEN (16, 24 or 32 bytes). Of two ends' wishes the listener's counts (seen with libsrt 1.5.1). */
export const keyLengths = [128, 192, 256] as const;
export type KeyLength = (typeof keyLengths)[number];

/** Without a datagram for so many ms, an RTP source has ended. RTP has no other end. */
export const rtpIdle = { min: 1000, max: 10_000, initial: 2000, unit: 'ms' } as const;

/** Routers that an RTP datagram to a multicast group may pass. Source: RFC 1112 section 6.1. */
export const multicastTtl = { min: 1, max: 255, initial: 16 } as const;

const passphraseRule = `The key has ${passphraseLength.min} to ${passphraseLength.max} printable ASCII characters.`;

export const latencySchema = z
  .int('Latency is a whole number of ms.')
  .min(latency.min, `Latency is ${latency.min} ms or more.`)
  .max(latency.max, `Latency is ${latency.max} ms or less.`);

export const passphraseSchema = z
  .string()
  .regex(new RegExp(`^[\\x20-\\x7e]{${passphraseLength.min},${passphraseLength.max}}$`), passphraseRule);

export const keyLengthSchema = z.union(
  [z.literal(128), z.literal(192), z.literal(256)],
  'The key length is 128, 192 or 256 bits.',
);

export const encryptionSchema = z.object({ passphrase: passphraseSchema, keyLength: keyLengthSchema });
export type Encryption = z.infer<typeof encryptionSchema>;

/** What an SRT caller says of itself: a listener that has one lets in none but callers with it. Source: SRTO_STREAMID. */
export const streamIdSchema = z
  .string()
  .min(1, 'Enter the stream ID.')
  .max(512, 'A stream ID has 512 characters or fewer.')
  .regex(/^[\x21-\x7e]+$/, 'A stream ID has no spaces and only ASCII characters.');

export const rtpIdleSchema = z
  .int('The idle timeout is a whole number of ms.')
  .min(rtpIdle.min, `The idle timeout is ${rtpIdle.min} ms or more.`)
  .max(rtpIdle.max, `The idle timeout is ${rtpIdle.max} ms or less.`);

export const ttlSchema = z
  .int('TTL is a whole number.')
  .min(multicastTtl.min, `TTL is ${multicastTtl.min} or more.`)
  .max(multicastTtl.max, `TTL is ${multicastTtl.max} or less.`);

/** `rtmp[s]://host[:port]/app`: where a platform takes streams, without the key. */
export const rtmpUrlSchema = z
  .string()
  .trim()
  .max(512, 'A URL has 512 characters or fewer.')
  .regex(
    /^rtmps?:\/\/[^\s/?#@]+\/[^\s]+$/i,
    'Enter a URL such as rtmps://live.example.com/app, without the stream key.',
  );

/** A stream key with its query, as a platform shows it. */
export const streamKeySchema = z
  .string()
  .trim()
  .min(1, 'Enter the stream key.')
  .max(512, 'A stream key has 512 characters or fewer.')
  .regex(/^[\x21-\x7e]+$/, 'A stream key has no spaces and only ASCII characters.');
