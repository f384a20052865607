/** The kept log over the JSON API: events of a flow in a range, page by page, or all of them as a file. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Flows } from '../flows.ts';
import { type LogDesk, type LogEvent, type LogQuestion, logTypes } from '../log-desk.ts';
import { sendLogFile } from './log-file.ts';
import { always, flowParam, json, missing, refused, security } from './rest-answers.ts';
import { eventSchema, toEventView } from './shapes.ts';

export interface RestLogDeps {
  readonly flows: Flows;
  readonly log: LogDesk;
  /** The words of an event. */
  readonly sentenceOf: (event: LogEvent) => string;
}

const HOUR_MS = 3_600_000;
const LONGEST_PAGE = 500;

const time = z.coerce.number().int().optional();
const typeList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(logTypes)))
  .describe(`Names with commas between: ${logTypes.join(', ')}. Absent: all`);

const filters = z.object({
  from: time.describe('Epoch ms UTC; absent: an hour before `to`'),
  to: time.describe('Epoch ms UTC, not included; absent: now. Less than 24 hours after `from`'),
  types: typeList.optional(),
  text: z.string().max(200).optional().describe('Looked for in code, name, peer and facts, in any case'),
  order: z.enum(['newest-first', 'oldest-first']).default('newest-first'),
});
const pages = filters.extend({
  cursor: z.string().max(64).optional().describe('`next` of the page before, with the same other values'),
  limit: z.coerce.number().int().min(1).max(LONGEST_PAGE).default(100),
});

const problems = {
  ...always,
  ...missing,
  422: refused('A parameter is wrong'),
  507: refused('The log cannot be read'),
};
const tags = ['Log'];

const routes = {
  read: createRoute({
    method: 'get',
    path: '/flows/{flowId}/log',
    tags,
    summary: 'Read the log of a flow, page by page; less than 24 hours at a time',
    security,
    request: { params: flowParam, query: pages },
    responses: {
      200: json(
        z.object({
          events: z.array(eventSchema),
          next: z.string().optional().describe('The cursor of the following page; absent at the end'),
        }),
        'One page',
      ),
      ...problems,
    },
  }),
  file: createRoute({
    method: 'get',
    path: '/flows/{flowId}/log.csv',
    tags,
    summary: 'Read the log of a flow as one CSV file; less than 24 hours at a time',
    security,
    request: { params: flowParam, query: filters },
    responses: {
      200: {
        description: 'UTF-8, RFC 4180, with a head',
        content: { 'text/csv': { schema: z.string() } },
      },
      ...problems,
    },
  }),
};

/** Adds the routes to the API, behind its check of keys. */
export function mountLog(app: OpenAPIHono, { flows, log, sentenceOf }: RestLogDeps): void {
  app.openapi(routes.read, async (c) => {
    const { id } = await flows.get(c.req.valid('param').flowId);
    const { events, next } = await log.read(questionOf(id, c.req.valid('query')));
    return c.json(
      { events: events.map((event) => toEventView(event, sentenceOf)), ...(next !== undefined && { next }) },
      200,
    );
  });
  app.openapi(routes.file, async (c) => {
    const { id, name } = await flows.get(c.req.valid('param').flowId);
    return sendLogFile(c, name, { log, question: questionOf(id, c.req.valid('query')), sentenceOf });
  });
}

type Asked = Omit<LogQuestion, 'flowId' | 'from' | 'to'> & { readonly from?: number; readonly to?: number };

function questionOf(flowId: string, { from, to, ...asked }: Asked): LogQuestion {
  const end = to ?? Date.now();
  return { ...asked, flowId, from: from ?? end - HOUR_MS, to: end };
}
