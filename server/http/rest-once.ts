/** The Idempotency-Key of creates: the same request again gets the first answer again, and makes nothing. */
import type { Context, MiddlewareHandler } from 'hono';
import type { Idempotency, KeptAnswer } from '../idempotency.ts';
import { callerOf, idempotencyKey } from './rest-answers.ts';

export interface OnceDeps {
  readonly idempotency: Idempotency;
}

/** Stands before a route's own checks; a key that is none is left to them to refuse. */
export const once =
  ({ idempotency }: OnceDeps): MiddlewareHandler =>
  async (c, next) => {
    const key = idempotencyKey.safeParse({ 'idempotency-key': c.req.header('idempotency-key') }).data?.[
      'idempotency-key'
    ];
    if (key === undefined) return next();
    const request = `${c.req.method} ${c.req.path}\n${await c.req.text()}`;
    const { answer, isAgain } = await idempotency.once({ caller: callerOf(c), key, request }, async () => {
      await next();
      return toKept(c);
    });
    if (!isAgain) return;
    const headers = { ...answer.headers, 'idempotency-replayed': 'true' };
    return new Response(answer.body, { status: answer.status, headers });
  };

const keptHeaders = ['content-type', 'location', 'etag'] as const;

async function toKept({ res }: Context): Promise<KeptAnswer> {
  const headers = keptHeaders.flatMap((name) => {
    const value = res.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status: res.status, headers: Object.fromEntries(headers), body: await res.clone().text() };
}
