/** The door of the vendor's clients: POST and GET at `/`. The answer is always HTTP 200; what went wrong stands within. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { act } from './actions.ts';
import type { VendorDeps } from './deps.ts';
import { isAction, VendorError } from './errors.ts';
import { createNonces, type Nonces, WINDOW_S } from './nonces.ts';
import { type Asked, isVendors, type RawRequest, readRequest } from './request.ts';

const VERSION = '2020-08-28';
const MOST_BODY_BYTES = 65_536;

/** Takes what is the vendor's, and leaves everything else at `/` to the doors behind. */
export function createVendorDoor(deps: VendorDeps): Hono {
  const nonces = createNonces();
  const app = new Hono();
  app.on(['GET', 'POST'], '/', limitBody, async (c, next) => {
    const request = await rawOf(c);
    if (!isVendors(request)) return next();
    return answer(
      c,
      async () => {
        const asked = readRequest(request);
        await authenticate(asked, nonces, deps);
        return act(toCall(asked), { ...deps, flows: deps.flows.by({ way: 'api', key: asked.keyId }) });
      },
      deps,
    );
  });
  return app;
}

/** Of whoever sends more it is not known whose it is; only the vendor's clients post here. */
const limitBody: MiddlewareHandler = bodyLimit({
  maxSize: MOST_BODY_BYTES,
  onError: (c) =>
    errorAnswer(
      c,
      crypto.randomUUID(),
      new VendorError('RequestSizeLimitExceeded', 'The request is larger than 64 kB.'),
    ),
});

async function rawOf(c: Context): Promise<RawRequest> {
  const body = c.req.method === 'POST' ? new Uint8Array(await c.req.arrayBuffer()) : new Uint8Array();
  return { method: c.req.method, url: c.req.url, header: (name) => c.req.header(name), body };
}

async function answer(c: Context, work: () => Promise<object>, { complain }: VendorDeps): Promise<Response> {
  const requestId = crypto.randomUUID();
  try {
    return c.json({ Response: { ...(await work()), RequestId: requestId } });
  } catch (error) {
    if (error instanceof VendorError) return errorAnswer(c, requestId, error);
    complain('request failed', { path: '/', requestId, error: error instanceof Error ? error.stack : String(error) });
    const words = `This is a fault of the server. Its log has the details, with ${requestId}.`;
    return errorAnswer(c, requestId, new VendorError('InternalError', words));
  }
}

const errorAnswer = (c: Context, requestId: string, { code, message }: VendorError): Response =>
  c.json({ Response: { Error: { Code: code, Message: message }, RequestId: requestId } });

/** Throws a VendorError unless it is signed with a key of this server, now, and for the first time. */
async function authenticate(asked: Asked, nonces: Nonces, { apiKeys, now }: VendorDeps): Promise<void> {
  const seconds = Math.floor(now() / 1000);
  if (Math.abs(seconds - asked.at) > WINDOW_S)
    throw new VendorError(
      'AuthFailure.SignatureExpire',
      `The timestamp is more than ${WINDOW_S} s away from this server's clock. Set the clocks right.`,
    );
  if (!/^[\w-]{1,64}$/.test(asked.keyId))
    throw new VendorError('AuthFailure.InvalidSecretId', 'The SecretId is none: it has letters, digits, _ and -.');
  const secret = apiKeys.secretOf(asked.keyId);
  if (secret === undefined)
    throw new VendorError('AuthFailure.SecretIdNotFound', 'There is no API key with this id on this server.');
  if (!(await asked.isSigned(secret)))
    throw new VendorError('AuthFailure.SignatureFailure', 'The signature is not that of this request and this key.');
  if (asked.token !== undefined)
    throw new VendorError('AuthFailure.TokenFailure', 'Temporary credentials are not offered here. Send no token.');
  if (asked.nonce !== undefined) takeNonce(nonces, asked.keyId, { nonce: asked.nonce, at: asked.at }, seconds);
}

function takeNonce(nonces: Nonces, keyId: string, request: { nonce: string; at: number }, now: number): void {
  const taken = nonces.take(keyId, request, now);
  if (taken === 'repeated')
    throw new VendorError(
      'AuthFailure.SignatureExpire',
      'A request with this Nonce and Timestamp was here before. Sign it anew.',
    );
  if (taken === 'too-many')
    throw new VendorError('RequestLimitExceeded', 'This key has sent too many requests in the last minutes.');
}

function toCall({ action, version, region, params }: Asked) {
  if (!isAction(action)) throw new VendorError('InvalidAction', `There is no action ${action.slice(0, 64)} here.`);
  if (version !== VERSION)
    throw new VendorError(
      'NoSuchVersion',
      `The version of this API is ${VERSION}, not ${version.slice(0, 32) || 'none'}.`,
    );
  return { action, region, params };
}
