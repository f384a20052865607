/** The vendor's two kinds of signature, from what was sent and a key's secret. Pure but for the platform's own HMAC. */

const encoder = new TextEncoder();

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** What a TC3 signature is computed over, as it was sent. */
export interface Tc3Request {
  readonly method: string;
  /** Without its question mark, as it stands in the URL. */
  readonly query: string;
  readonly header: (name: string) => string | undefined;
  /** The very bytes. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The parts of `TC3-HMAC-SHA256 Credential=<id>/<date>/<service>/tc3_request, SignedHeaders=<names>, Signature=<hex>`. */
export interface Tc3Authorization {
  readonly keyId: string;
  readonly date: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

export const TC3 = 'TC3-HMAC-SHA256';

/** Undefined where the header is none of this kind, or does not sign the content type and the host. */
export function parseTc3Authorization(header: string): Tc3Authorization | undefined {
  const [, keyId, date, service, names, signature] =
    /^TC3-HMAC-SHA256 Credential=([^/\s,]*)\/(\d{4}-\d\d-\d\d)\/([^/\s,]{1,253})\/tc3_request,\s*SignedHeaders=([a-z0-9;-]{1,512}),\s*Signature=([0-9a-f]{64})$/.exec(
      header,
    ) ?? [];
  if (keyId === undefined || !date || !service || !names || !signature) return undefined;
  const signedHeaders = names.split(';');
  if (!signedHeaders.includes('content-type') || !signedHeaders.includes('host')) return undefined;
  return { keyId, date, service, signedHeaders, signature };
}

/**
 * Is it this secret's? The vendor's clients for Node sign the host without its port and send it with, and leave values as
 * they are where the vendor's page says lower case: each of these is let in. `timestamp` is as it stands in its header.
 */
export async function isTc3Signed(
  secret: string,
  request: Tc3Request,
  authorization: Tc3Authorization,
  timestamp: string,
): Promise<boolean> {
  const { date, service, signature } = authorization;
  const key = await tc3Key(secret, date, service);
  const digests = await Promise.all(
    canonicalHeaders(request, authorization.signedHeaders).map((headers) =>
      tc3Digest(request, headers, authorization.signedHeaders),
    ),
  );
  const scope = `${date}/${service}/tc3_request`;
  const matches = await Promise.all(
    digests.map((digest) => verify(key, fromHex(signature), [TC3, timestamp, scope, digest].join('\n'))),
  );
  return matches.includes(true);
}

/** Each way in which clients write the signed headers of one request. */
function canonicalHeaders({ header }: Tc3Request, names: readonly string[]): readonly string[] {
  const written = (name: string, withPort: boolean): string => {
    const value = (header(name) ?? '').trim();
    return name === 'host' && !withPort ? value.replace(/:\d+$/, '') : value;
  };
  const ways = [true, false].map((withPort) => names.map((name) => ({ name, value: written(name, withPort) })));
  const texts = ways.flatMap((headers) => [
    headers.map(({ name, value }) => `${name}:${value}\n`).join(''),
    headers.map(({ name, value }) => `${name}:${value.toLowerCase()}\n`).join(''),
  ]);
  return [...new Set(texts)];
}

async function tc3Digest({ method, query, body }: Tc3Request, headers: string, names: readonly string[]) {
  const canonical = [method, '/', query, headers, names.join(';'), await sha256(body)].join('\n');
  return sha256(encoder.encode(canonical));
}

async function tc3Key(secret: string, date: string, service: string): Promise<Key> {
  const day = await hmac(await importKey(encoder.encode(`TC3${secret}`), 'SHA-256'), date);
  const ofService = await hmac(await importKey(day, 'SHA-256'), service);
  return importKey(await hmac(await importKey(ofService, 'SHA-256'), 'tc3_request'), 'SHA-256');
}

/** What a form signature is computed over. `params` are all that were sent, but for Signature. */
export interface FormRequest {
  readonly method: string;
  /** With its port. */
  readonly host: string;
  readonly params: ReadonlyMap<string, string>;
}

/** The platform's names of what the vendor calls HmacSHA1 and HmacSHA256. */
const formHashes = { HmacSHA1: 'SHA-1', HmacSHA256: 'SHA-256' } as const;
export type FormMethod = keyof typeof formHashes;
export const isFormMethod = (name: string): name is FormMethod => Object.hasOwn(formHashes, name);

/** Is it this secret's? `signature` is base64, written in the one way that it has. */
export async function isFormSigned(
  secret: string,
  { method, host, params }: FormRequest,
  formMethod: FormMethod,
  signature: string,
): Promise<boolean> {
  const given = fromBase64(signature);
  if (!given) return false;
  // By code units, as the vendor's clients sort.
  const sorted = [...params].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = sorted.map(([name, value]) => `${name}=${value}`).join('&');
  const key = await importKey(encoder.encode(secret), formHashes[formMethod]);
  const hosts = new Set([host, host.replace(/:\d+$/, '')]);
  const matches = await Promise.all([...hosts].map((one) => verify(key, given, `${method}${one}/?${text}`)));
  return matches.includes(true);
}

const importKey = (bytes: Uint8Array<ArrayBuffer>, hash: string): Promise<Key> =>
  crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash }, false, ['sign', 'verify']);

const hmac = async (key: Key, text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));

/** Takes the same time wherever the two differ. */
const verify = (key: Key, signature: Uint8Array<ArrayBuffer>, text: string): Promise<boolean> =>
  crypto.subtle.verify('HMAC', key, signature, encoder.encode(text));

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = atob(text);
    // Base64 has bits to spare at its end: only one spelling is the client's.
    return btoa(bytes) === text ? Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)) : undefined;
  } catch {
    // Not base64: nobody's signature.
    return undefined;
  }
}
