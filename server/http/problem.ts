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

const document = (status: number, code: string, title: string, { faults = [], revision }: ProblemMore) => ({
  type: `urn:streamlink:problem:${code}`,
  title,
  status,
  code,
  faults: [...faults],
  ...(revision !== undefined && { revision }),
});

export const problem = (
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  title: string,
  more: ProblemMore = {},
): Response =>
  c.body(JSON.stringify(document(status, code, title, more)), status, { 'content-type': 'application/problem+json' });

/** A refusal as a problem document: within an answer, where other things went well. */
export const problemOf = (refusal: Refusal) => document(statusOf[refusal.kind], refusal.code, refusal.message, refusal);

/** Where the flow has another revision than the caller expected, it is told, and given as ETag. */
export function refusalProblem(c: Context, refusal: Refusal): Response {
  if (refusal.revision !== undefined) c.header('etag', etagOf(refusal.revision));
  return problem(c, statusOf[refusal.kind], refusal.code, refusal.message, refusal);
}

/** The strong ETag of a flow: its revision. */
export const etagOf = (revision: number): string => `"${revision}"`;
