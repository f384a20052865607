import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkReader } from '../../../relay/rtmp/chunk-reader.ts';
import { ChunkWriter } from '../../../relay/rtmp/chunk-writer.ts';
import { rtmpLimits } from '../../../relay/rtmp/limits.ts';
import type { RtmpMessage } from '../../../relay/rtmp/message.ts';
import { hex, readAll, writeAll } from './kit.ts';

const audio = (timestampMs: number, ...payload: number[]): RtmpMessage => ({
  typeId: 8,
  streamId: 1,
  timestampMs,
  payload: Uint8Array.from(payload),
});

const anyMessage = fc.record({
  csid: fc.constantFrom(3, 4, 5, 6),
  message: fc.record({
    typeId: fc.constantFrom(8, 9, 18, 20),
    streamId: fc.constantFrom(0, 1, 0x01020304),
    timestampMs: fc.oneof(
      fc.nat(100),
      fc.integer({ min: 0xfffff0, max: 0x1000010 }),
      fc.integer({ min: 0xfffffff0, max: 0xffffffff }),
    ),
    payload: fc.uint8Array({ maxLength: 600 }),
  }),
});

describe('the chunk stream', () => {
  it('gives back what was written, whatever the chunk size and wherever the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { maxLength: 8 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 200 }),
        (messages, chunkSize, step) => {
          expect(readAll(writeAll(messages, chunkSize), step)).toEqual(messages.map(({ message }) => message));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads the same from every place a stream can be cut in two', () => {
    const messages = [audio(0xfffffe, 1, 2, 3), audio(0x1000001, ...Array(40).keys())];
    const bytes = writeAll(
      messages.map((message) => ({ csid: 4, message })),
      7,
    );
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const heard: RtmpMessage[] = [];
      const reader = new ChunkReader((message) => heard.push(message));
      reader.push(bytes.subarray(0, cut));
      reader.push(bytes.subarray(cut));
      expect(heard).toEqual(messages);
    }
  });

  it.each([
    ['one byte (csid 5)', '05'],
    ['two bytes (csid 64)', '00 00'],
    ['two bytes (csid 319)', '00 ff'],
    ['three bytes (csid 65599)', '01 ff ff'],
  ])('takes a basic header of %s', (_form, basic) => {
    expect(readAll(hex(`${basic} 000010 000002 08 01000000 aabb`))).toEqual([audio(16, 0xaa, 0xbb)]);
  });

  it('keeps messages of interleaved chunk streams apart', () => {
    const bytes = hex(`04 000000 000082 08 01000000 ${'aa'.repeat(128)} 06 000000 000001 09 01000000 bb c4 aaaa`);
    expect(readAll(bytes).map(({ typeId, payload }) => [typeId, payload.length])).toEqual([
      [9, 1],
      [8, 130],
    ]);
  });

  it('forgets the message that ABORT names', () => {
    const half = `04 000000 000082 08 01000000 ${'aa'.repeat(128)}`;
    const abort = '02 000000 000004 02 00000000 00000004';
    expect(readAll(hex(`${half} ${abort} 04 000005 000001 08 01000000 cc`))).toEqual([audio(5, 0xcc)]);
  });

  it('obeys a chunk size that changes while a message is under way', () => {
    const half = `04 000000 000102 08 01000000 ${'aa'.repeat(128)}`;
    const size = '02 000000 000004 01 00000000 00001000';
    const [message] = readAll(hex(`${half} ${size} c4 ${'bb'.repeat(130)}`));
    expect(message?.payload).toEqual(Uint8Array.from(hex('aa'.repeat(128) + 'bb'.repeat(130))));
  });

  it('starts anew when a header of another size cuts into a message (CVE-2016-10191)', () => {
    const half = `04 000000 000082 08 01000000 ${'aa'.repeat(128)}`;
    expect(readAll(hex(`${half} 44 000001 000002 08 ccdd`))).toEqual([audio(1, 0xcc, 0xdd)]);
  });

  it('takes an aggregate apart and moves its times to the message time', () => {
    const inner = (type: string, ms: string, body: string) => `${type} 000001 ${ms} 00 000000 ${body} 0000000c`;
    const body = `${inner('08', '000064', 'aa')} ${inner('09', '000078', 'bb')}`;
    expect(readAll(hex(`04 0003e8 000020 16 01000000 ${body}`))).toEqual([
      audio(1000, 0xaa),
      { ...audio(1020, 0xbb), typeId: 9 },
    ]);
  });

  it('delivers a message of no bytes', () => {
    expect(readAll(hex('04 000007 000000 08 01000000'))).toEqual([audio(7)]);
  });
});

describe('time in the chunk stream', () => {
  const times = (bytes: string) => readAll(hex(bytes)).map(({ timestampMs }) => timestampMs);
  const full = (time: string) => `04 ${time} 000001 08 01000000`;

  it('steps by the delta of fmt 1, fmt 2 and, for a new message, fmt 3', () => {
    expect(times(`${full('0003e8')} aa 44 000014 000001 08 bb 84 000015 cc c4 dd`)).toEqual([1000, 1020, 1041, 1062]);
  });

  it('reads fmt 3 after fmt 0 as a step by the timestamp while that can be a frame interval, as ffmpeg means it', () => {
    expect(times(`${full('000017')} aa c4 bb`)).toEqual([23, 46]);
  });

  it('reads fmt 3 after fmt 0 as the same time where a step by the timestamp makes no sense, as librtmp means it', () => {
    expect(times(`${full('00ffff')} aa c4 bb`)).toEqual([65_535, 65_535]);
  });

  it('wraps at 2^32 ms', () => {
    expect(times(`${full('ffffff')} fffffff0 aa 44 000014 000001 08 bb`)).toEqual([0xfffffff0, 4]);
  });

  it('reads the extended timestamp again on each fmt 3 chunk of the message', () => {
    const bytes = hex(`04 ffffff 000082 08 01000000 01000000 ${'aa'.repeat(128)} c4 01000000 aaaa`);
    expect(readAll(bytes, 1)).toEqual([audio(0x1000000, ...hex('aa'.repeat(130)))]);
  });

  it('accepts senders that leave the extended timestamp out of fmt 3 chunks', () => {
    const bytes = hex(`04 ffffff 000082 08 01000000 01000000 ${'aa'.repeat(128)} c4 bbbb`);
    const [message] = readAll(bytes, 1);
    expect(message?.payload.slice(126)).toEqual(Uint8Array.of(0xaa, 0xaa, 0xbb, 0xbb));
  });

  it('accepts senders that repeat the absolute time behind an extended delta', () => {
    const step = `44 ffffff 000082 08 01000000 ${'aa'.repeat(128)} c4 01000017 bbbb`;
    const [, message] = readAll(hex(`${full('000017')} aa ${step}`));
    expect([message?.timestampMs, message?.payload.length]).toEqual([0x1000017, 130]);
  });

  it('takes the extended timestamp of a fmt 3 chunk that opens a message as absolute', () => {
    expect(times(`${full('ffffff')} 01000000 aa c4 01000014 bb`)).toEqual([0x1000000, 0x1000014]);
  });

  it('never writes an extended timestamp once a stream is under way, past 0xFFFFFF and 2^32 alike', () => {
    const writer = new ChunkWriter();
    writer.write(4, audio(0xfffff0, 1));
    expect(writer.write(4, audio(0x1000004, 1))[0]).toBe(0x44);
    expect(writer.write(4, audio(0x1000018, 1)).length).toBe(9);
  });

  it('writes a step back as a full header', () => {
    const writer = new ChunkWriter();
    writer.write(4, audio(100, 1));
    expect(writer.write(4, audio(90, 1))[0]).toBe(0x04);
  });
});

describe('the bounds of the chunk stream', () => {
  const untrusted = (bytes: Uint8Array, limits = rtmpLimits) => new ChunkReader(() => {}, limits).push(bytes);

  it.each([
    ['a fmt 3 chunk of an unknown stream', 'c4', 'chunk-without-header'],
    ['a chunk size of 0', '02 000000 000004 01 00000000 00000000', 'chunk-size-invalid'],
    ['a chunk size with the top bit set', '02 000000 000004 01 00000000 80000001', 'chunk-size-invalid'],
    ['a control message of two bytes', '02 000000 000002 01 00000000 0000', 'control-message-short'],
    ['an aggregate that passes its end', '04 000000 00000b 16 01000000 08 0000ff 000000 00 000000', 'aggregate-broken'],
    ['a long message before publish was accepted', '04 000000 010001 08 01000000', 'message-too-long'],
  ])('refuse %s', (_what, bytes, code) => {
    expect(() => untrusted(hex(bytes))).toThrow(expect.objectContaining({ code }));
  });

  it('refuse a message over 8 MB even of a publisher', () => {
    expect(() => readAll(hex('04 000000 800001 09 01000000'))).toThrow(
      expect.objectContaining({ code: 'message-too-long' }),
    );
  });

  const csid = (i: number) => `00 ${i.toString(16).padStart(2, '0')}`;
  const times = (count: number, make: (i: number) => string) =>
    Buffer.concat(Array.from({ length: count }, (_, i) => hex(make(i))));

  it('refuse the 65th chunk stream', () => {
    const empty = (i: number) => `${csid(i)} 000000 000000 08 01000000`;
    expect(() => untrusted(times(64, empty))).not.toThrow();
    expect(() => untrusted(times(65, empty))).toThrow(expect.objectContaining({ code: 'too-many-chunk-streams' }));
  });

  it('refuse to hold many half messages, and cost little for a claim alone', () => {
    const limits = { ...rtmpLimits, pendingBytes: 1024 * 1024 };
    const claim = (i: number) => `${csid(i)} 000000 7fffff 09 01000000 ${'aa'.repeat(128)}`;
    const read = (count: number) => () => readAll(times(count, claim), undefined, limits);
    expect(read(16)).not.toThrow();
    expect(read(17)).toThrow(expect.objectContaining({ code: 'too-much-pending' }));
  });
});
