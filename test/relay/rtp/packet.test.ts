import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRtcp, buildRtp, isTs, parseRtp } from '../../../relay/rtp/packet.ts';

const ts = (count: number): Uint8Array => {
  const bytes = new Uint8Array(count * 188);
  for (let at = 0; at < bytes.length; at += 188) bytes[at] = 0x47;
  return bytes;
};
const header = { sequence: 0xfffe, timestamp: 0xfffffffe, ssrc: 0x01020304 };

/** A datagram whose first byte is as given, with `more` between the header and the payload. */
function datagram(first: number, more: readonly number[] = [], tail: readonly number[] = []): Uint8Array {
  const plain = buildRtp(header, new Uint8Array(0));
  plain[0] = first;
  return Uint8Array.from([...plain, ...more, ...ts(1), ...tail]);
}

describe('an RTP packet', () => {
  it('reads as it was built', () => {
    expect(parseRtp(buildRtp(header, ts(7)))).toEqual({ ...header, marker: false, payload: ts(7) });
  });

  it.each([
    ['contributing sources', datagram(0x82, [9, 9, 9, 9, 9, 9, 9, 9])],
    ['an extension', datagram(0x90, [0xbe, 0xde, 0, 1, 1, 2, 3, 4])],
    ['padding', datagram(0xa0, [], [0, 0, 3])],
    ['a marker', datagram(0x80).fill(0xa1, 1, 2)],
  ])('with %s gives its TS alone', (_what, bytes) => {
    expect(parseRtp(bytes)).toMatchObject({ sequence: 0xfffe, payload: ts(1) });
  });

  it.each([
    ['a few bytes', Uint8Array.of(0x80, 33), 'rtp-short'],
    ['another version', datagram(0x40), 'rtp-version'],
    ['another payload type', datagram(0x80).fill(96, 1, 2), 'rtp-payload-type'],
    ['more sources than bytes', new Uint8Array(12).fill(0x8f, 0, 1).fill(33, 1, 2), 'rtp-short'],
    ['an extension past its end', datagram(0x90, [0, 0, 0xff, 0xff]), 'rtp-short'],
    ['more padding than bytes', datagram(0xa0, [], [255]), 'rtp-padding'],
    ['padding of no bytes', datagram(0xa0, [], [0]), 'rtp-padding'],
    ['no payload', buildRtp(header, new Uint8Array(0)), 'ts-misaligned'],
    ['a payload that is no TS', buildRtp(header, new Uint8Array(188)), 'ts-misaligned'],
    ['half a TS packet', buildRtp(header, ts(1).subarray(0, 100)), 'ts-misaligned'],
  ])('of %s is told by its fault', (_what, bytes, code) => {
    expect(parseRtp(bytes)).toBe(code);
  });

  it('of any bytes is whole TS or a fault, never an exception', () => {
    const first = fc.integer({ min: 0x80, max: 0xbf });
    fc.assert(
      fc.property(first, fc.uint8Array({ maxLength: 400 }), (byte, rest) => {
        const packet = parseRtp(Uint8Array.of(byte, 33, ...rest));
        expect(typeof packet === 'string' || isTs(packet.payload)).toBe(true);
      }),
    );
  });
});

describe('telling RTCP from RTP', () => {
  it.each([
    ['a sender report', [0x80, 200], true],
    ['a goodbye with one source', [0x81, 203], true],
    ['RTP with MPEG-TS', [0x80, 33], false],
    ['RTP with MPEG-TS and the marker', [0x80, 33 | 0x80], false],
    ['another version', [0x40, 200], false],
  ])('%s', (_, bytes, expected) => {
    expect(isRtcp(Uint8Array.from(bytes))).toBe(expected);
  });
});
