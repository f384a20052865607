/** One attempt to deliver a message: an HTTP POST to an address that may be called, with an end that is always told. */
import { lookup as resolveName } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Name, connection, request and answer together. */
const TIMEOUT_MS = 10_000;

/** `answer` is what the delivery log shows: a status, or why there was none. */
export interface Sent {
  readonly ok: boolean;
  readonly answer: string;
}

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the attempt at once. */
  readonly signal?: AbortSignal;
}

/**
 * Never called: a server in a cloud answers with its own secrets there (169.254.169.254 and the like), and nobody's
 * webhook lives there. Loopback and private networks may be called, since the receiver of a self-hosted service is often
 * next to it. Sources: RFC 3927, RFC 4291, RFC 5771; the metadata addresses of AWS, Alibaba and Azure.
 */
const refused = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['224.0.0.0', 3],
] as const)
  refused.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::254', 128],
  // NAT64 and 6to4 of link-local: they would lead to the same place.
  ['64:ff9b::a9fe:0', 112],
  ['2002:a9fe::', 32],
] as const)
  refused.addSubnet(network, prefix, 'ipv6');

/** True where an address, written as digits, is never called. */
export const isRefusedAddress = (address: string): boolean => {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const version = isIP(bare);
  return version !== 0 && refused.check(bare, version === 4 ? 'ipv4' : 'ipv6');
};

class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** Never rejects. Redirects are not followed: an answer of 3xx is a failure like any other. */
export function post({ url, headers, body, signal }: Post): Promise<Sent> {
  const target = new URL(url);
  if (isRefusedAddress(target.hostname)) return Promise.resolve({ ok: false, answer: 'address refused' });
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const sending = new Promise<Sent>((resolve) => {
    const ends = [AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])];
    const length = String(Buffer.byteLength(body));
    const request = send(target, {
      method: 'POST',
      headers: { ...headers, 'content-length': length, 'user-agent': 'StreamLink-Webhook' },
      agent: false,
      lookup: checkedLookup,
      signal: AbortSignal.any(ends),
    });
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      resolve({ ok: status >= 200 && status < 300, answer: String(status) });
      // What it says besides is not read.
      response.destroy();
    });
    request.on('error', (error) => resolve({ ok: false, answer: wordsOf(error) }));
    request.end(body);
  });
  // What Node would not even try is one more way of not being answered.
  return sending.catch((error: unknown) => ({ ok: false, answer: error instanceof Error ? wordsOf(error) : 'failed' }));
}

/** The name is looked up once, and the connection is made to the very addresses that were looked at. */
const checkedLookup: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => isRefusedAddress(address)))
      return callback(new AddressRefused('address refused'), []);
    if (options.all) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};

/** Short and without the URL, which may hold a secret of the receiver's. */
function wordsOf(error: Error & { code?: string }): string {
  if (error instanceof AddressRefused) return 'address refused';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in 10 s';
  return error.code ?? error.name;
}
