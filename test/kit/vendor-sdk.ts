/** The vendor's own client, unmodified, pointed at a server of ours. */
import { createRequire } from 'node:module';
import { z } from 'zod';

/** In its own words; without `sign` it is what the client does by itself. */
export interface VendorSettings {
  readonly url: string;
  readonly id: string;
  readonly secret: string;
  readonly sign?: 'TC3-HMAC-SHA256' | 'HmacSHA256' | 'HmacSHA1';
  readonly method?: 'POST' | 'GET';
  readonly region?: string;
  readonly token?: string;
}

/** Calls an action and answers with what the client made of the response; rejects with a VendorFailure. */
export type VendorClient = (action: string, params?: object) => Promise<Record<string, unknown>>;

export class VendorFailure extends Error {
  readonly code: string | undefined;
  readonly requestId: string | undefined;

  constructor({ code, message, requestId }: z.infer<typeof failureSchema>) {
    super(message);
    this.code = code;
    this.requestId = requestId;
  }
}

const failureSchema = z.object({ code: z.string().optional(), message: z.string(), requestId: z.string().optional() });

type Make<T> = new (...settings: unknown[]) => T;
interface Sdk {
  readonly Credential: Make<object>;
  readonly HttpProfile: Make<object>;
  readonly ClientProfile: Make<object>;
  readonly Client: Make<Record<string, (request: object, done: (fault: unknown, answer: object) => void) => void>>;
  readonly Models: Record<string, Make<{ from_json_string(text: string): void }>>;
}

const load = createRequire(import.meta.url);
const isSdk = (value: object): value is Sdk => 'Client' in value && 'Models' in value && 'HttpProfile' in value;

function loadSdk(): Sdk {
  // It would send even what goes to loopback through a proxy.
  delete process.env['http_proxy'];
  const root = 'tencentcloud-sdk-nodejs-intl-en/tencentcloud';
  const part = (path: string): unknown => load(`${root}/${path}`);
  const mdc = z.object({ v20200828: z.looseObject({}) }).parse(part('mdc'));
  const sdk = {
    ...mdc.v20200828,
    Credential: part('common/credential'),
    HttpProfile: part('common/profile/http_profile'),
    ClientProfile: part('common/profile/client_profile'),
  };
  if (!isSdk(sdk)) throw new Error('The SDK is another one.');
  return sdk;
}

export function vendorClient(settings: VendorSettings): VendorClient {
  const { Client, ClientProfile, Credential, HttpProfile, Models } = loadSdk();
  const { url, id, secret, sign, method = 'POST', region = null, token = null } = settings;
  const http = new HttpProfile('http://', new URL(url).host, method, 10);
  const client = new Client(new Credential(id, secret, token), region, new ClientProfile(sign, http));
  return (action, params = {}) => {
    const Request = Models[`${action}Request`];
    if (!Request) throw new Error(`The SDK has no ${action}.`);
    const request = new Request();
    request.from_json_string(JSON.stringify(params));
    return new Promise((resolve, reject) => {
      client[action]?.(request, (fault, answer) => {
        if (fault) reject(new VendorFailure(failureSchema.parse(fault)));
        else resolve({ ...answer });
      });
    });
  };
}
