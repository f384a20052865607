import { describe, expect, it } from 'vitest';
import { cidrFault, isLoopback } from '../../server/cidr.ts';

describe('an address range', () => {
  it.each([
    '0.0.0.0/0',
    '203.0.113.0/24',
    '203.0.113.7/32',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '128.0.0.0/1',
    '::/0',
    '2001:db8::/32',
    '2001:db8::1/128',
    'fe80::/10',
    '::ffff:192.0.2.0/120',
    '2001:DB8::/32',
    '1::/16',
  ])('may be %s', (text) => {
    expect(cidrFault(text)).toBeUndefined();
  });

  it.each([
    ['no prefix', '203.0.113.7'],
    ['an empty prefix', '203.0.113.0/'],
    ['no address', '/24'],
    ['nothing', ''],
    ['a short form', '10/8'],
    ['another short form', '10.1/16'],
    ['octal', '010.0.0.0/8'],
    ['hexadecimal', '0x0a.0.0.0/8'],
    ['one number', '167772160/8'],
    ['a part beyond 255', '256.0.0.0/8'],
    ['a prefix beyond 32', '10.0.0.0/33'],
    ['a prefix beyond 128', '::/129'],
    ['a prefix with a leading zero', '10.0.0.0/08'],
    ['a negative prefix', '10.0.0.0/-1'],
    ['a prefix with a sign', '10.0.0.0/+8'],
    ['a prefix with a fraction', '10.0.0.0/8.0'],
    ['a prefix in exponents', '10.0.0.0/1e1'],
    ['a mask', '10.0.0.0/255.0.0.0'],
    ['two prefixes', '10.0.0.0/8/8'],
    ['a space', '10.0.0.0 /8'],
    ['a zone', 'fe80::%eth0/64'],
    ['brackets', '[2001:db8::]/32'],
    ['a host name', 'localhost/32'],
    ['digits of another script', '１０.0.0.0/8'],
    ['a line break', '10.0.0.0/8\n'],
  ])('may not have %s', (_, text) => {
    expect(cidrFault(text)).toBe('cidr-invalid');
  });

  it.each([
    '203.0.113.7/24',
    '10.0.0.1/31',
    '128.0.0.0/0',
    '10.128.0.0/8',
    '2001:db8::1/64',
    '2001:db8:8000::/32',
    '::1/0',
    '::ffff:192.0.2.1/120',
  ])('may not have bits beyond its prefix: %s', (text) => {
    expect(cidrFault(text)).toBe('cidr-host-bits');
  });
});

describe('this machine’s own loopback', () => {
  it.each([
    '127.0.0.1',
    '127.255.0.9',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    'localhost',
    'LocalHost',
  ])('is %s', (address) => {
    expect(isLoopback(address)).toBe(true);
  });

  it.each(['128.0.0.1', '10.0.0.1', '::2', 'fe80::1', 'localhost.example', '127.0.0.1.example'])(
    'is not %s',
    (address) => {
      expect(isLoopback(address)).toBe(false);
    },
  );

  // A finding: a socket that dials the unspecified address reaches this machine.
  it.each(['0.0.0.0', '::'])('is %s', (address) => {
    expect(isLoopback(address)).toBe(true);
  });
});
