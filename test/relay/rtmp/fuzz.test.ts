/**
 * Mutated captures of real peers against both sessions: typed faults only, no long stall, bounded memory.
 * FUZZ_SECONDS (10) sets how long; FUZZ_SEED repeats a run.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ClientSession } from '../../../relay/rtmp/client-session.ts';
import { joined } from '../../../relay/rtmp/bytes.ts';
import { RtmpFault } from '../../../relay/rtmp/fault.ts';
import { handshakeBytes } from '../../../relay/rtmp/handshake.ts';
import { ServerSession } from '../../../relay/rtmp/server-session.ts';
import { parseDestination } from '../../../relay/rtmp/stream-name.ts';

const seconds = Number(process.env.FUZZ_SECONDS ?? '10');
const seed = Number(process.env.FUZZ_SEED ?? String(Date.now() % 1e9));
/** No input of a few kB may keep the loop busy for longer, in ms. */
const longestStallMs = 100;
/** What all inputs together may leave behind, in bytes. */
const mostGrowth = 150 * 1024 * 1024;

const capture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, 'captures', `${name}.bin`)));

describe(`mutated captures (seed ${seed})`, () => {
  it('of encoders bring typed faults from the server and nothing else', { timeout: seconds * 1_000 + 30_000 }, () => {
    const outcome = fuzz(['ffmpeg', 'gstreamer', 'librtmp'].map(capture), feedServer);
    console.info(`server: ${outcome}`);
  });

  it('of servers bring typed faults from the client and nothing else', { timeout: seconds * 1_000 + 30_000 }, () => {
    const outcome = fuzz(['server-nginx', 'server-ffmpeg'].map(capture), feedClient);
    console.info(`client: ${outcome}`);
  });
});

/** Half the time for each side. Returns a line with what happened. */
function fuzz(seeds: readonly Uint8Array[], feed: (bytes: Uint8Array, cut: () => number) => string): string {
  const random = randomFrom(seed);
  const outcomes = new Map<string, number>();
  const before = process.memoryUsage().rss;
  const end = performance.now() + seconds * 500;
  let runs = 0;
  let slowestMs = 0;
  for (const bytes of seeds) expect(feed(bytes, () => 1_460)).toBe('whole');
  while (performance.now() < end) {
    const input = mutated(seeds, random);
    const most = random() < 0.5 ? 40 : 4_000;
    const act = () => feed(input, () => 1 + below(random, most));
    const [outcome, firstMs] = timed(act);
    // What is slow must be so again: the machine is shared, and a pause of its own is not ours.
    const ms = firstMs < longestStallMs ? firstMs : Math.min(timed(act)[1], timed(act)[1]);
    slowestMs = Math.max(slowestMs, ms);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    runs += 1;
  }
  const growth = process.memoryUsage().rss - before;
  expect(slowestMs).toBeLessThan(longestStallMs);
  expect(growth).toBeLessThan(mostGrowth);
  const counts = [...outcomes].sort((a, b) => b[1] - a[1]).map(([outcome, count]) => `${outcome} ${count}`);
  return `${runs} inputs, slowest ${slowestMs.toFixed(1)} ms, RSS ${(growth / 1e6).toFixed(0)} MB, ${counts.join(', ')}`;
}

function timed(act: () => string): [outcome: string, ms: number] {
  const from = performance.now();
  return [act(), performance.now() - from];
}

/** What became of the session: 'whole' when media arrived and no fault, else the fault or 'quiet'. */
function feedServer(bytes: Uint8Array, cut: () => number): string {
  let tags = 0;
  const session = new ServerSession({
    send: () => {},
    connecting: () => undefined,
    publishing: () => undefined,
    published: () => {},
    tag: () => {
      tags += 1;
    },
    ended: () => {},
  });
  return faultOf(() => inPieces(bytes, cut, (piece) => session.push(piece))) ?? (tags > 0 ? 'whole' : 'quiet');
}

function feedClient(bytes: Uint8Array, cut: () => number): string {
  let isPublishing = false;
  const destination = parseDestination('rtmp://127.0.0.1/live/key');
  if (destination === undefined) throw new Error('The destination is a fixed one.');
  const host = {
    send: () => {},
    publishing: () => {
      isPublishing = true;
    },
    refused: () => {},
  };
  const session = new ClientSession(host, destination);
  session.start();
  return faultOf(() => inPieces(bytes, cut, (piece) => session.push(piece))) ?? (isPublishing ? 'whole' : 'quiet');
}

/** The fault's code; any other error passes and fails the test. */
function faultOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof RtmpFault) return error.code;
    throw error;
  }
}

function inPieces(bytes: Uint8Array, cut: () => number, take: (piece: Uint8Array) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const size = cut();
    take(bytes.subarray(at, at + size));
    at += size;
  }
}

type Random = () => number;

/** mulberry32: small, fast and the same everywhere. */
function randomFrom(start: number): Random {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

const telling = [0x00, 0x01, 0x02, 0x03, 0x05, 0x08, 0x0a, 0x11, 0x16, 0x3f, 0x40, 0x7f, 0x80, 0xc2, 0xc3, 0xff];

/** One of the seeds with one to six things done to it, seldom to its handshake. */
function mutated(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Uint8Array = (seeds[below(random, seeds.length)] ?? new Uint8Array(0)).slice();
  for (let i = 1 + below(random, 6); i > 0; i -= 1) {
    const start = random() < 0.02 ? 0 : Math.min(1 + 2 * handshakeBytes, bytes.length - 1);
    // Most of what can go wrong is in the commands at the front.
    const at = start + below(random, (bytes.length - start) * (random() < 0.7 ? 0.2 : 1));
    if (bytes.length > 1) bytes = changed(bytes, at, seeds, random);
  }
  return bytes;
}

function changed(bytes: Uint8Array, at: number, seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const value = random() < 0.5 ? (telling[below(random, telling.length)] ?? 0) : below(random, 256);
  const length = 1 + below(random, 24);
  switch (below(random, 7)) {
    case 0:
      return bytes.with(at, (bytes[at] ?? 0) ^ (1 << below(random, 8)));
    case 1:
      return bytes.with(at, value);
    case 2:
      return bytes.slice().fill(value, at, at + 1 + below(random, 4));
    case 3:
      return joined([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 4:
      return joined([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]);
    case 5:
      return bytes.slice(0, Math.max(1, at));
    default: {
      const other = seeds[below(random, seeds.length)] ?? bytes;
      const from = below(random, other.length);
      return joined([bytes.subarray(0, at), other.subarray(from, from + length * 8), bytes.subarray(at)]);
    }
  }
}
