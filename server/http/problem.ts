/** Errors of the JSON API as RFC 9457 problem documents. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { FieldFault, Refusal, RefusalKind } from '../refusal.ts';

/** The HTTP status of each kind of refusal, for every way in. */
export const statusOf = {
  invalid: 422,
  missing: 404,
  conflict: 409,
  outdated: 412,
  exhausted: 507,
} as const satisfies Record<RefusalKind, ContentfulStatusCode>;

interface ProblemMore {
  readonly faults?: readonly FieldFault[];
  readonly revision?: number | undefined;
}

export function problem(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  title: string,
  { faults = [], revision }: ProblemMore = {},
): Response {
  const body = { type: `urn:streamlink:problem:${code}`, title, status, code, faults, revision };
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}

/** Where the flow has another revision than the caller expected, it is told, and given as ETag. */
export function refusalProblem(c: Context, { kind, code, message, faults, revision }: Refusal): Response {
  if (revision !== undefined) c.header('etag', etagOf(revision));
  return problem(c, statusOf[kind], code, message, { faults, revision });
}

/** The strong ETag of a flow: its revision. */
export const etagOf = (revision: number): string => `"${revision}"`;
