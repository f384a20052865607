/** What all routes of the JSON API share: how answers and refusals are described, and how a caller is known. */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Actor } from '../flows.ts';
import type { Expected } from '../rules.ts';
import { basicCredentials } from './basic.ts';
import { etagOf } from './problem.ts';
import { problemSchema } from './shapes.ts';

export const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** The answer carries the revision of the flow as a strong ETag. */
export const tagged = <S extends z.ZodType>(schema: S, description: string) => ({
  ...json(schema, description),
  headers: { ETag: { description: 'The revision of the flow, for If-Match', schema: { type: 'string' as const } } },
});

export const refused = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

/** `example` is what the reference page shows. */
export const body = <S extends z.ZodType>(schema: S, example: unknown) => ({
  required: true,
  content: { 'application/json': { schema, example } },
});

export const security = [{ basic: [] }];

/** What any route may answer. */
export const always = {
  401: refused('No valid API key'),
  403: refused('Called by a page of another site'),
  500: refused('A fault of the server; its log has the details'),
};
export const missing = { 404: refused('No such flow or output') };
export const conflict = { 409: refused('The state of the flow forbids it') };
/** For changes without a body. */
export const hindered = {
  412: refused('The flow has another revision than If-Match names; the answer has the one that it has now'),
  413: refused('Larger than 64 kB'),
  422: refused('Some fields are wrong'),
  507: refused('No port is left, or the disk cannot be written'),
};
/** For changes with a body. */
export const invalid = {
  ...hindered,
  400: refused('Not JSON'),
  415: refused('Not of type application/json'),
};

export const flowParam = z.object({ flowId: z.string().describe('Id of the flow') });
export const outputParam = flowParam.extend({ outputId: z.string().describe('Id of the output') });

export const ifMatch = z.object({
  'if-match': z
    .string()
    .max(512)
    .optional()
    .describe('ETag of the flow as it was read: with another revision nothing is done, and the answer is 412'),
});

export const idempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'An Idempotency-Key has 1 to 255 printable ASCII characters, and no spaces.')
    .optional()
    .describe('Any text of your own: the same request with the same key within 24 h gets the first answer again'),
});

/** RFC 9110 section 13.1.1. A tag that is weak or none of ours is no revision, and matches nothing. */
export function expectedOf(header: string | undefined): Expected {
  if (header === undefined || header.trim() === '*') return {};
  const tags = header.split(',').map((tag) => /^"(\d{1,15})"$/.exec(tag.trim())?.[1]);
  return { expectedRevision: tags.filter((tag) => tag !== undefined).map(Number) };
}

/** The answer of a changed or shown flow carries its revision. */
export const tag = (c: Context, revision: number): void => c.header('etag', etagOf(revision));

/** The id of the API key that a request came with: its check stands before every route. */
export const callerOf = (c: Context): string => basicCredentials(c.req.header('authorization'))?.id ?? '';

/** What is done is done in the name of the key that was sent. */
export const actorOf = (c: Context): Actor => ({ way: 'api', key: callerOf(c) });
