/** The vendor's two ways of asking, read into one: JSON or a query with headers (TC3), or a form that carries everything. */
import { VendorError } from './errors.ts';
import { isFormMethod, isFormSigned, isTc3Signed, parseTc3Authorization } from './signature.ts';

/** A request as it came in. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly header: (name: string) => string | undefined;
  /** The very bytes. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What is asked, before anyone believes it. */
export interface Asked {
  readonly action: string;
  readonly version: string;
  /** Undefined where the client named none. */
  readonly region: string | undefined;
  /** Of temporary credentials. */
  readonly token: string | undefined;
  readonly keyId: string;
  /** Seconds since 1970. */
  readonly at: number;
  /** Of the form protocol alone. */
  readonly nonce: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  readonly isSigned: (secret: string) => Promise<boolean>;
}

/** Is this for the vendor's door? The console has the same path, and is asked without any of these. */
export function isVendors(request: RawRequest): boolean {
  const { header, url, method, body } = request;
  if (header('x-tc-action') !== undefined || header('authorization')?.startsWith('TC3-')) return true;
  const text = method === 'GET' ? new URL(url).search : isForm(request) ? textOf(body) : '';
  const params = new URLSearchParams(text);
  return params.has('Action') && (params.has('SecretId') || params.has('Signature'));
}

/** Throws a VendorError where it cannot be read. */
export const readRequest = (request: RawRequest): Asked =>
  request.header('x-tc-action') !== undefined || request.header('authorization')?.startsWith('TC3-')
    ? readTc3(request)
    : readForm(request);

function readTc3(request: RawRequest): Asked {
  const { method, header, body } = request;
  const authorization = parseTc3Authorization(header('authorization') ?? '');
  if (!authorization)
    throw new VendorError(
      'AuthFailure.InvalidAuthorization',
      'The header Authorization is not as TC3-HMAC-SHA256 has it, with content-type and host among the signed headers.',
    );
  const timestamp = header('x-tc-timestamp') ?? '';
  const at = toSeconds(timestamp);
  if (new Date(at * 1000).toISOString().slice(0, 10) !== authorization.date)
    throw new VendorError('AuthFailure.SignatureExpire', 'The date of the credential is not that of X-TC-Timestamp.');
  const query = new URL(request.url).search.slice(1);
  return {
    action: header('x-tc-action') ?? '',
    version: header('x-tc-version') ?? '',
    region: named(header('x-tc-region')),
    token: named(header('x-tc-token')),
    keyId: authorization.keyId,
    at,
    nonce: undefined,
    params: method === 'GET' ? toTree(pairsOf(query)) : parseJson(request),
    isSigned: (secret) => isTc3Signed(secret, { method, query, header, body }, authorization, timestamp),
  };
}

/** What carries the request itself; everything else is the action's. */
const formNames = [
  'Action',
  'Version',
  'Region',
  'Token',
  'SecretId',
  'Timestamp',
  'Nonce',
  'SignatureMethod',
  'Signature',
  'Language',
  'RequestClient',
] as const;

function readForm(request: RawRequest): Asked {
  const { method, url, header, body } = request;
  const all = pairsOf(method === 'GET' ? new URL(url).search.slice(1) : textOf(body));
  const own = new Map(formNames.map((name) => [name, all.get(name)]));
  const signature = own.get('Signature') ?? '';
  // The vendor's first protocol knew SHA-1 alone, and named it nowhere.
  const formMethod = own.get('SignatureMethod') ?? 'HmacSHA1';
  if (!isFormMethod(formMethod))
    throw new VendorError('AuthFailure.SignatureFailure', 'SignatureMethod is HmacSHA1 or HmacSHA256.');
  const nonce = own.get('Nonce') ?? '';
  if (!/^\d{1,20}$/.test(nonce)) throw new VendorError('MissingParameter', 'The parameter Nonce is a positive number.');
  const signed = new Map([...all].filter(([name]) => name !== 'Signature'));
  const isOwn = new Set<string>(formNames);
  return {
    action: own.get('Action') ?? '',
    version: own.get('Version') ?? '',
    region: named(own.get('Region')),
    token: named(own.get('Token')),
    keyId: own.get('SecretId') ?? '',
    at: toSeconds(own.get('Timestamp') ?? ''),
    nonce,
    params: toTree(new Map([...all].filter(([name]) => !isOwn.has(name)))),
    isSigned: (secret) =>
      isFormSigned(secret, { method, host: header('host') ?? '', params: signed }, formMethod, signature),
  };
}

const textOf = (body: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);

const isForm = ({ header }: RawRequest): boolean => mediaTypeOf(header) === 'application/x-www-form-urlencoded';

const mediaTypeOf = (header: RawRequest['header']): string =>
  (header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** Clients that were given none send the word null. */
const named = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || text === 'null' || text === 'undefined' ? undefined : text;

function toSeconds(text: string): number {
  if (!/^\d{1,11}$/.test(text))
    throw new VendorError('AuthFailure.SignatureExpire', 'The timestamp is not in seconds since 1970.');
  return Number(text);
}

/** Nulls are left out: the vendor's clients cannot send them. */
function parseJson({ header, body }: RawRequest): Readonly<Record<string, unknown>> {
  if (mediaTypeOf(header) !== 'application/json')
    throw new VendorError('InvalidParameter', 'A POST with TC3-HMAC-SHA256 is of type application/json.');
  try {
    const value: unknown = JSON.parse(textOf(body), (_, inner: unknown) => (inner === null ? undefined : inner));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Told just below, with what is no object.
  }
  throw new VendorError('InvalidParameter', 'The body is not a JSON object.');
}

function pairsOf(text: string): Map<string, string> {
  const pairs = [...new URLSearchParams(text)];
  const map = new Map(pairs);
  if (map.size < pairs.length) throw new VendorError('InvalidParameter', 'A parameter is given twice.');
  return map;
}

/** A value of a form, before its numbers are numbers. */
type Tree = string | Tree[] | { readonly [name: string]: Tree };
type Branch = Map<string, Branch | string>;

/** No parameter of the vendor lies deeper: `InputGroup.0.SRTSettings.SourceAddresses.0.Port`. */
const DEEPEST = 8;

/** `InputGroup.0.SRTSettings.Latency=120` and its like as what it stands for. */
function toTree(pairs: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> {
  const root: Branch = new Map();
  for (const [name, value] of pairs) plant(root, name, value);
  return Object.fromEntries([...root].map(([name, node]) => [name, grown(node)]));
}

function plant(root: Branch, name: string, value: string): void {
  const steps = name.split('.');
  const leaf = steps.pop() ?? '';
  let branch = root;
  for (const step of steps.slice(0, DEEPEST)) {
    const next = branch.get(step) ?? new Map<string, Branch | string>();
    if (typeof next === 'string') throw new VendorError('InvalidParameter', `${name} is a value and a group at once.`);
    branch.set(step, next);
    branch = next;
  }
  if (steps.length > DEEPEST || branch.has(leaf))
    throw new VendorError('InvalidParameter', `There is no parameter ${name} here.`);
  branch.set(leaf, value);
}

function grown(node: Branch | string): Tree {
  if (typeof node === 'string') return node;
  const isList = [...node.keys()].every((name, _, names) => /^\d{1,4}$/.test(name) && Number(name) < names.length);
  if (!isList) return Object.fromEntries([...node].map(([name, inner]) => [name, grown(inner)]));
  return [...node].sort(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => grown(inner));
}
