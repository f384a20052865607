/** Who may call the JSON API, and the relays that do the work. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ApiKeys } from '../api-keys.ts';
import { keyDraftSchema } from '../drafts.ts';
import type { RelayView } from '../relay-view.ts';
import { always, body, callerOf, json, refused, security } from './rest-answers.ts';

const keyFields = {
  id: z.string(),
  name: z.string().describe('Who uses it, in your words'),
  createdAt: z.number().describe('Epoch ms UTC'),
  current: z.boolean().describe('This request came with it'),
};
const keySchema = z.object(keyFields).openapi('ApiKey');
const newKeySchema = z.object({ ...keyFields, secret: z.string() }).openapi('NewApiKey');

const relaySchema = z
  .object({
    id: z.string(),
    state: z
      .enum(['reporting', 'lost', 'off'])
      .describe('lost: needed, or running flows when last heard, and silent now; off: not needed and not running'),
    needed: z.boolean().describe('A running flow needs it'),
    heard: z.boolean().describe('It has reported since this server started'),
    process: z
      .object({
        startedAt: z.number().describe('Epoch ms UTC'),
        cpuSeconds: z.number(),
        residentBytes: z.number(),
        heapBytes: z.number(),
      })
      .loose()
      .optional()
      .describe('How its process is; absent unless it reports'),
    load: z
      .object({
        flows: z.int(),
        endpoints: z.int(),
        bitrateIn: z.number().describe('Media in bit/s over the last second'),
        bitrateOut: z.number().describe('Media in bit/s over the last second, to other relays too'),
      })
      .optional()
      .describe('Absent unless it reports'),
  })
  .openapi('Relay');

const tags = ['API keys'];
const changing = { 413: refused('Larger than 64 kB'), 507: refused('The disk cannot be written') };

const routes = {
  relays: createRoute({
    method: 'get',
    path: '/relays',
    tags: ['Regions and relays'],
    summary: 'List relays with their state and load',
    security,
    responses: {
      200: json(z.object({ relays: z.array(relaySchema) }), 'All that are needed or were heard'),
      ...always,
    },
  }),
  list: createRoute({
    method: 'get',
    path: '/api-keys',
    tags,
    summary: 'List API keys, without their secrets',
    security,
    responses: { 200: json(z.object({ apiKeys: z.array(keySchema) }), 'All, oldest first'), ...always },
  }),
  create: createRoute({
    method: 'post',
    path: '/api-keys',
    tags,
    summary: 'Create an API key; its secret is shown in this answer only',
    security,
    request: { body: body(keyDraftSchema, { name: 'Playout scripts' }) },
    responses: {
      201: json(newKeySchema, 'Created'),
      ...always,
      ...changing,
      400: refused('Not JSON'),
      409: refused('There are too many'),
      415: refused('Not of type application/json'),
      422: refused('Some fields are wrong'),
    },
  }),
  remove: createRoute({
    method: 'delete',
    path: '/api-keys/{keyId}',
    tags,
    summary: 'Remove an API key: it is refused at once, and its open streams end',
    security,
    request: { params: z.object({ keyId: z.string() }) },
    responses: {
      204: { description: 'Removed' },
      ...always,
      ...changing,
      404: refused('No such key'),
      409: refused('It is the last one'),
    },
  }),
};

export interface RestAccessDeps {
  readonly apiKeys: ApiKeys;
  readonly fleet: { relays(): readonly RelayView[] };
  /** Epoch ms. */
  readonly now: () => number;
}

export function mountAccess(app: OpenAPIHono, { apiKeys, fleet, now }: RestAccessDeps): void {
  app.openapi(routes.relays, (c) =>
    c.json(
      {
        relays: fleet
          .relays()
          .map(({ isNeeded, isHeard, ...shown }) => ({ ...shown, needed: isNeeded, heard: isHeard })),
      },
      200,
    ),
  );
  app.openapi(routes.list, (c) => {
    const caller = callerOf(c);
    return c.json({ apiKeys: apiKeys.list().map((key) => ({ ...key, current: key.id === caller })) }, 200);
  });
  app.openapi(routes.create, async (c) => {
    const createdAt = now();
    const { id, name, secret } = await apiKeys.create(c.req.valid('json').name, createdAt);
    c.header('location', `/api/v1/api-keys/${id}`);
    return c.json({ id, name, createdAt, current: false, secret }, 201);
  });
  app.openapi(routes.remove, async (c) => {
    await apiKeys.remove(c.req.valid('param').keyId);
    return c.body(null, 204);
  });
}
