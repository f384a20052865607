/** Requests as the vendor's clients sign them, written anew after the vendor's description: no line of the server's is in it. */
import { createHash, createHmac } from 'node:crypto';
import { stringify } from 'node:querystring';

export interface Signer {
  readonly id: string;
  readonly secret: string;
  /** Seconds since 1970. */
  readonly at: number;
  /** As the client was told it, with its port. */
  readonly endpoint: string;
}

/** What goes over the wire. */
export interface Wire {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export type Way = 'tc3' | 'tc3-get' | 'form' | 'form-get' | 'sha1' | 'sha1-get';
export const ways: readonly Way[] = ['tc3', 'tc3-get', 'form', 'form-get', 'sha1', 'sha1-get'];

/** `more` are parameters or headers of the protocol itself, such as another Version. */
export function signed(
  way: Way,
  action: string,
  params: object,
  signer: Signer,
  more: Record<string, string> = {},
): Wire {
  const method = way.endsWith('-get') ? 'GET' : 'POST';
  if (way.startsWith('tc3')) return signTc3({ action, params, method, signer, more });
  const name = way.startsWith('sha1') ? 'HmacSHA1' : 'HmacSHA256';
  return signForm({ action, params, method, signer, more: { SignatureMethod: name, ...more } });
}

interface Unsigned {
  readonly action: string;
  readonly params: object;
  readonly method: 'GET' | 'POST';
  readonly signer: Signer;
  readonly more: Record<string, string>;
}

function signTc3({ action, params, method, signer, more }: Unsigned): Wire {
  const { id, secret, at, endpoint } = signer;
  const query = method === 'GET' ? stringify(flat(params)) : '';
  const body = method === 'POST' ? JSON.stringify(params) : '';
  const type = method === 'GET' ? 'application/x-www-form-urlencoded' : 'application/json';
  const date = new Date(at * 1000).toISOString().slice(0, 10);
  // The client signs the host without the port, and takes for a service whatever stands before the first dot.
  const service = endpoint.split('.')[0] ?? '';
  const host = endpoint.split(':')[0] ?? '';
  const names = 'content-type;host';
  const canonical = [method, '/', query, `content-type:${type}\nhost:${host}\n`, names, sha256(body)].join('\n');
  const scope = `${date}/${service}/tc3_request`;
  const text = ['TC3-HMAC-SHA256', at, scope, sha256(canonical)].join('\n');
  const key = [date, service, 'tc3_request'].reduce<string | Buffer>(
    (above, part) => createHmac('sha256', above).update(part).digest(),
    `TC3${secret}`,
  );
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const headers = {
    Host: endpoint,
    'X-TC-Action': action,
    'X-TC-Version': '2020-08-28',
    'X-TC-Timestamp': String(at),
    'X-TC-Region': 'null',
    'Content-Type': type,
    Authorization: `TC3-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    ...more,
  };
  return { method, url: `http://${endpoint}/${query && `?${query}`}`, headers, ...(method === 'POST' && { body }) };
}

let nextNonce = 1;

function signForm({ action, params, method, signer, more }: Unsigned): Wire {
  const { id, secret, at, endpoint } = signer;
  const own = {
    Action: action,
    Version: '2020-08-28',
    Nonce: String(nextNonce++),
    Timestamp: String(at),
    SecretId: id,
  };
  const all: Record<string, string> = { ...flat(params), ...own, Language: 'en-US', ...more };
  const text = Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]}`)
    .join('&');
  const hash = all['SignatureMethod'] === 'HmacSHA1' ? 'sha1' : 'sha256';
  const signature = createHmac(hash, secret).update(`${method}${endpoint}/?${text}`).digest('base64');
  const sent = stringify({ ...all, Signature: signature });
  const headers = { Host: endpoint, ...(method === 'POST' && { 'Content-Type': 'application/x-www-form-urlencoded' }) };
  return {
    method,
    url: `http://${endpoint}/${method === 'GET' ? `?${sent}` : ''}`,
    headers,
    ...(method === 'POST' && { body: sent }),
  };
}

/** `{Input: [{Port: 1}]}` as `Input.0.Port=1`. */
function flat(value: object, above = ''): Record<string, string> {
  return Object.entries(value).reduce<Record<string, string>>(
    (all, [name, inner]: [string, unknown]) =>
      typeof inner === 'object' && inner !== null
        ? { ...all, ...flat(inner, `${above}${name}.`) }
        : { ...all, [above + name]: String(inner) },
    {},
  );
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
