/** Errors of the JSON API as RFC 9457 problem documents. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { FieldFault, Refusal, RefusalKind } from '../refusal.ts';

/** The HTTP status of each kind of refusal, for every way in. */
export const statusOf = {
  invalid: 422,
  missing: 404,
  conflict: 409,
  exhausted: 507,
} as const satisfies Record<RefusalKind, ContentfulStatusCode>;

export function problem(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  title: string,
  faults: readonly FieldFault[] = [],
): Response {
  const body = { type: `urn:streamlink:problem:${code}`, title, status, code, faults };
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}

export const refusalProblem = (c: Context, refusal: Refusal): Response =>
  problem(c, statusOf[refusal.kind], refusal.code, refusal.message, refusal.faults);
