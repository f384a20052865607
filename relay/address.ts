/** Addresses as peers have them. */

/** The address without the IPv6 clothes that a dual-stack socket puts on IPv4: one peer, one spelling. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
