/**
 * The RTMP handshake, simple and with digests, both sides. Bytes in, bytes out.
 * Source: Adobe RTMP 1.0 §5.2 (simple). The digest form was never published by Adobe: it is what Flash Player 9 and
 * later send and librtmp, nginx-rtmp and ffmpeg describe; some servers take H.264 only after it.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { joined } from './bytes.ts';
import { RtmpFault } from './fault.ts';

export const handshakeBytes = 1536;

const version = 3;
const digestBytes = 32;
/** Where the four bytes lie that add up to the place of the digest: behind the version, or in the middle. */
const digestSchemes = [8, 772] as const;
const digestSpread = 728;

const secret = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex');
const clientName = Buffer.from('Genuine Adobe Flash Player 001');
const serverName = Buffer.from('Genuine Adobe Flash Media Server 001');

/** Versions that make the other side try the digest form: those of librtmp's Flash Player and of FMS 3.5. */
const clientVersion = [128, 0, 7, 2] as const;
const serverVersion = [4, 5, 0, 1] as const;

/** What a step of the handshake gives: bytes for the peer, and once `done` what came behind the handshake. */
export interface HandshakeStep {
  readonly send: Uint8Array;
  readonly done: boolean;
  readonly rest: Uint8Array;
}

export interface Handshake {
  /** Takes bytes cut anywhere. Throws `handshake-version` at the first byte when the peer does not speak plain RTMP. */
  push(bytes: Uint8Array): HandshakeStep;
}

/** Waits for C0 and C1, answers S0, S1 and S2 in the form the client chose, and takes any C2. */
export function serverHandshake(): Handshake {
  return twoSteps((hello) => {
    const c1 = hello.subarray(1);
    const digest = findDigest(c1, clientName);
    const s1 = greeting(digest === undefined ? undefined : { name: serverName, version: serverVersion });
    const s2 = digest === undefined ? c1 : digestReply(digest, joined([serverName, secret]));
    return joined([Uint8Array.of(version), s1, s2]);
  });
}

/** `hello` is C0 and C1, to be sent at once; the handshake then answers S1 with C2 and waits for S2. */
export function clientHandshake(): { readonly hello: Uint8Array; readonly handshake: Handshake } {
  const c1 = greeting({ name: clientName, version: clientVersion });
  const handshake = twoSteps((hello) => {
    const s1 = hello.subarray(1);
    const digest = findDigest(s1, serverName);
    return digest === undefined ? s1 : digestReply(digest, joined([clientName, secret]));
  });
  return { hello: joined([Uint8Array.of(version), c1]), handshake };
}

/** Both sides alike: one byte of version and a block, which `answer` answers, then a block that needs no check. */
function twoSteps(answer: (hello: Uint8Array) => Uint8Array): Handshake {
  let held: Uint8Array = new Uint8Array(0);
  let answered = false;
  const nothing = new Uint8Array(0);
  return {
    push(bytes) {
      held = joined([held, bytes]);
      if (!answered && held.length > 0 && held[0] !== version) {
        throw new RtmpFault('handshake-version', `The peer opened with ${held[0]} instead of RTMP's ${version}.`);
      }
      let send: Uint8Array = nothing;
      if (!answered && held.length > handshakeBytes) {
        send = answer(held.subarray(0, 1 + handshakeBytes));
        held = held.slice(1 + handshakeBytes);
        answered = true;
      }
      if (!answered || held.length < handshakeBytes) return { send, done: false, rest: nothing };
      return { send, done: true, rest: held.slice(handshakeBytes) };
    },
  };
}

/** C1 or S1: time 0, version, random bytes; with a digest put in where a name is given. */
function greeting(signed: { readonly name: Uint8Array; readonly version: readonly number[] } | undefined): Uint8Array {
  const block = new Uint8Array(randomBytes(handshakeBytes));
  block.fill(0, 0, 8);
  if (signed === undefined) return block;
  block.set(signed.version, 4);
  const at = digestPlace(block, digestSchemes[0]);
  block.set(digestAround(block, at, signed.name), at);
  return block;
}

/** The digest in a greeting signed with `name`, in whichever of the two places it is; undefined in the simple form. */
function findDigest(block: Uint8Array, name: Uint8Array): Uint8Array | undefined {
  for (const scheme of digestSchemes) {
    const at = digestPlace(block, scheme);
    const digest = block.subarray(at, at + digestBytes);
    if (timingSafeEqual(digest, digestAround(block, at, name))) return digest.slice();
  }
  return undefined;
}

const digestPlace = (block: Uint8Array, scheme: number): number =>
  scheme + 4 + (block.subarray(scheme, scheme + 4).reduce((sum, byte) => sum + byte, 0) % digestSpread);

/** HMAC-SHA256 over the block without the 32 bytes at `at`. */
const digestAround = (block: Uint8Array, at: number, key: Uint8Array): Uint8Array =>
  createHmac('sha256', key)
    .update(block.subarray(0, at))
    .update(block.subarray(at + digestBytes))
    .digest();

/** C2 or S2 in the digest form: random bytes, signed at the end with a key made from the peer's digest. */
function digestReply(digest: Uint8Array, key: Uint8Array): Uint8Array {
  const block = new Uint8Array(randomBytes(handshakeBytes));
  const at = handshakeBytes - digestBytes;
  const replyKey = createHmac('sha256', key).update(digest).digest();
  block.set(createHmac('sha256', replyKey).update(block.subarray(0, at)).digest(), at);
  return block;
}
