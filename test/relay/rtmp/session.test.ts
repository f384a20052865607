import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeAmf, type AmfValue } from '../../../relay/rtmp/amf.ts';
import { ChunkReader } from '../../../relay/rtmp/chunk-reader.ts';
import { ChunkWriter } from '../../../relay/rtmp/chunk-writer.ts';
import { ClientSession } from '../../../relay/rtmp/client-session.ts';
import { RtmpFault } from '../../../relay/rtmp/fault.ts';
import { handshakeBytes } from '../../../relay/rtmp/handshake.ts';
import { ServerSession } from '../../../relay/rtmp/server-session.ts';
import { parseDestination, type StreamName } from '../../../relay/rtmp/stream-name.ts';
import type { RtmpMessage } from '../../../relay/rtmp/message.ts';
import type { FlvTag } from '../../../relay/formats/flv-tag.ts';
import { anyAmf, tag } from './kit.ts';

/** A server session that accepts all, and what it did. */
function openServer() {
  const sent: Uint8Array[] = [];
  const tags: FlvTag[] = [];
  const names: StreamName[] = [];
  const ends: string[] = [];
  const session = new ServerSession({
    send: (bytes) => sent.push(bytes),
    connecting: () => undefined,
    publishing: ([name]) => {
      if (name !== undefined) names.push(name);
      return undefined;
    },
    published: () => {},
    tag: (one) => tags.push(one),
    ended: (end) => ends.push(end.kind),
  });
  return { session, sent, tags, names, ends };
}

/** A push into that server without a socket: bytes go to and fro until both are quiet. */
function openPair(step: number) {
  const server = openServer();
  const up: Uint8Array[] = [];
  let isPublishing = false;
  const destination = parseDestination('rtmp://a.example/live/key?q=1');
  if (destination === undefined) throw new Error('The destination is a fixed one.');
  const client = new ClientSession(
    {
      send: (bytes) => up.push(bytes),
      publishing: () => {
        isPublishing = true;
      },
      refused: () => {},
    },
    destination,
  );
  const settle = () => {
    while (up.length > 0 || server.sent.length > 0) {
      for (const bytes of up.splice(0)) inSteps(bytes, step, (piece) => server.session.push(piece));
      for (const bytes of server.sent.splice(0)) inSteps(bytes, step, (piece) => client.push(piece));
    }
  };
  return { server, client, up, settle, isPublishing: () => isPublishing };
}

function inSteps(bytes: Uint8Array, step: number, take: (piece: Uint8Array) => void): void {
  for (let at = 0; at < bytes.length; at += step) take(bytes.subarray(at, at + step));
}

describe('the two RTMP sessions', () => {
  it.each([1, 2, 3, 13, 1_460, 1e6])('agree when bytes come %i at a time', (step) => {
    const { server, client, up, settle, isPublishing } = openPair(step);
    client.start();
    settle();
    expect([isPublishing(), server.names]).toEqual([true, [{ app: 'live', key: 'key', query: 'q=1' }]]);
    const media = [
      tag('metadata', 0),
      tag('videoHeader', 0),
      tag('keyframe', 0xffffffff - 10, 70_000),
      tag('frame', 29, 300),
    ];
    for (const one of media) up.push(client.encode(one));
    settle();
    expect(server.tags).toEqual(media);
    client.finish();
    settle();
    expect([server.ends, server.session.phase]).toEqual([['unpublished'], 'ended']);
  });

  it('acknowledge by count of bytes, at half the window and again', () => {
    const { server, client, up, settle } = openPair(4_096);
    client.start();
    settle();
    const heard: RtmpMessage[] = [];
    for (let i = 0; i < 40; i += 1) up.push(client.encode(tag('keyframe', i * 40, 100_000)));
    for (const bytes of up.splice(0)) inSteps(bytes, 4_096, (piece) => server.session.push(piece));
    const reader = new ChunkReader((message) => heard.push(message));
    for (const bytes of server.sent) reader.push(bytes);
    const counts = heard.filter(({ typeId }) => typeId === 3).map(({ payload }) => Buffer.from(payload).readUInt32BE());
    expect(counts).toHaveLength(3);
    expect(counts[0]).toBeGreaterThanOrEqual(1_250_000);
    expect(counts[0]).toBeLessThan(1_260_000);
  });
});

describe('the server session', () => {
  const greeting = new Uint8Array(1 + 2 * handshakeBytes);
  greeting[0] = 3;

  it('answers or faults, but never fails, whatever the commands hold', () => {
    const name = fc.constantFrom('connect', 'createStream', 'publish', 'play', 'FCPublish', 'deleteStream', 'x');
    const command = fc.tuple(fc.oneof(name, anyAmf), fc.array(anyAmf, { maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(command, { maxLength: 6 }), fc.boolean(), (commands, isConnected) => {
        const { session } = openServer();
        const writer = new ChunkWriter();
        const say = (...values: AmfValue[]) =>
          session.push(writer.write(3, { typeId: 20, streamId: 1, timestampMs: 0, payload: encodeAmf(...values) }));
        session.push(greeting);
        const act = () => {
          if (isConnected) say('connect', 1, new Map([['app', 'live']]));
          for (const [word, values] of commands) say(word, ...values);
        };
        expect(errorOf(act) ?? new RtmpFault('command-invalid', '')).toBeInstanceOf(RtmpFault);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a recorded encoder', () => {
  it.each(['ffmpeg', 'gstreamer', 'librtmp'])('%s is understood the same wherever its bytes are cut', (name) => {
    const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, 'captures', `${name}.bin`)));
    const whole = openServer();
    whole.session.push(bytes);
    expect(whole.tags.length).toBeGreaterThan(20);
    expect(whole.tags.slice(0, 3).some(({ sequenceHeader }) => sequenceHeader)).toBe(true);
    for (const step of [1, 7, 100]) {
      const cut = openServer();
      inSteps(bytes, step, (piece) => cut.session.push(piece));
      expect(cut.tags).toEqual(whole.tags);
    }
    // Behind the handshake every place in the commands and the first media.
    for (let at = 3_073; at < 4_300; at += 1) {
      const cut = openServer();
      cut.session.push(bytes.subarray(0, at));
      cut.session.push(bytes.subarray(at));
      expect(cut.tags.length).toBe(whole.tags.length);
    }
  });
});

function errorOf(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
