/** Who may call: CIDR ranges, made once into a list that answers in about a microsecond. */
import { BlockList, isIPv4 } from 'node:net';

/** Ranges are those that the server has checked (server/cidr.ts). `address` is never IPv4 in IPv6 clothes. */
export function toAllowlist(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix = ''] = range.split('/');
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return (address) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
