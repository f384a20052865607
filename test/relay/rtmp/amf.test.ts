import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAmf, encodeAmf } from '../../../relay/rtmp/amf.ts';
import { anyAmf, hex } from './kit.ts';

describe('AMF0', () => {
  it('gives back every value that went in', () => {
    fc.assert(
      fc.property(fc.array(anyAmf, { maxLength: 4 }), (values) => {
        expect(decodeAmf(encodeAmf(...values))).toEqual(values);
      }),
      { numRuns: 500 },
    );
  });

  it('writes a command as the specification prints it', () => {
    const bytes = encodeAmf('connect', 1, new Map([['app', 'live']]), null);
    const text = '02 0007 636f6e6e656374 | 00 3ff0000000000000 | 03 0003 617070 02 0004 6c697665 0000 09 | 05';
    expect(Buffer.from(bytes)).toEqual(hex(text));
  });

  it('uses the long form for a string of 64 kB', () => {
    const text = 'x'.repeat(65_536);
    expect(encodeAmf(text)[0]).toBe(0x0c);
    expect(decodeAmf(encodeAmf(text))).toEqual([text]);
  });

  it('reads an ECMA array whose count is wrong', () => {
    expect(decodeAmf(hex('08 ffffffff 0001 61 00 0000000000000000 0000 09'))).toEqual([new Map([['a', 0]])]);
  });

  it('reads onMetaData that lacks its end marker', () => {
    expect(decodeAmf(hex('08 00000001 0001 61 01 01'))).toEqual([new Map([['a', true]])]);
  });

  it('drops the class name of a typed object', () => {
    expect(decodeAmf(hex('10 0001 43 0001 61 05 0000 09'))).toEqual([new Map([['a', null]])]);
  });

  it('ends the list at a value that switches to AMF3', () => {
    expect(decodeAmf(hex('05 11 0a 0b 01'))).toEqual([null, undefined]);
  });

  it('keeps a field named __proto__ a field', () => {
    const [object] = decodeAmf(hex('03 0009 5f5f70726f746f5f5f 01 01 0000 09'));
    expect(object).toEqual(new Map([['__proto__', true]]));
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it.each([
    ['a number cut short', '00 3ff0', 'amf-truncated'],
    ['a string that claims more than is there', '02 00ff 61', 'amf-truncated'],
    ['a long string of 4 GB', '0c ffffffff 61', 'amf-truncated'],
    ['an unknown marker', '42', 'amf-unknown-type'],
    ['objects in objects without end', '03 0001 61 '.repeat(100), 'amf-too-deep'],
    ['an array of a million nothings', `0a 000f4240 ${'05'.repeat(10_000)}`, 'amf-too-many'],
  ])('refuses %s', (_what, bytes, code) => {
    expect(() => decodeAmf(hex(bytes))).toThrow(expect.objectContaining({ code }));
  });
});
