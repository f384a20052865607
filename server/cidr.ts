/** Address ranges (CIDR), spelled strictly: every program reads the same range out of an accepted text. RFC 4632, RFC 4291. */
import { BlockList, isIP } from 'node:net';

export type CidrFault = 'cidr-invalid' | 'cidr-host-bits';

/** What is wrong with a range, or undefined. node:net refuses leading zeros and short forms, which others read as octal. */
export function cidrFault(text: string): CidrFault | undefined {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const family = isIP(address);
  if (rest.length > 0 || family === 0 || address.includes('%') || !/^(0|[1-9]\d{0,2})$/.test(prefix))
    return 'cidr-invalid';
  const bits = Number(prefix);
  if (bits > (family === 4 ? 32 : 128)) return 'cidr-invalid';
  return isNetworkAddress(address, bits, family) ? undefined : 'cidr-host-bits';
}

/** Are all bits beyond the prefix zero? The range that starts one bit wider must not begin elsewhere. */
function isNetworkAddress(address: string, bits: number, family: number): boolean {
  const bytes = family === 4 ? address.split('.').map(Number) : toBytes6(address);
  return bytes.every((byte, index) => {
    const kept = Math.min(Math.max(bits - index * 8, 0), 8);
    return (byte & (0xff >> kept)) === 0;
  });
}

function toBytes6(address: string): number[] {
  const host = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = host.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const groups = host.includes('::')
    ? [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
    : left;
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}

/** The range of this one address, as an allowlist has it; undefined where it is no address. An IPv4 one mapped into IPv6 is itself. */
export function rangeOf(address: string): string | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const family = isIP(plain);
  return family === 0 ? undefined : `${plain}/${family === 4 ? 32 : 128}`;
}

/** Is `address` this machine's own loopback, in any spelling? */
export function isLoopback(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return address.toLowerCase() === 'localhost';
  const own = new BlockList();
  own.addSubnet('127.0.0.0', 8, 'ipv4');
  own.addAddress('::1', 'ipv6');
  // Dialled, the unspecified address is this machine.
  own.addAddress('0.0.0.0', 'ipv4');
  own.addAddress('::', 'ipv6');
  return own.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
