/** Alarms, their rules, webhooks and scrape tokens over the JSON API. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  alarmKindSchema,
  ruleDraftSchema,
  ruleEditSchema,
  scrapeTokenDraftSchema,
  webhookDraftSchema,
  webhookEditSchema,
} from '../alarm-drafts.ts';
import { noted } from '../alarm-kinds.ts';
import type { AlarmRules } from '../alarm-rules.ts';
import { type AlarmDesk, LONGEST_ALARM_PAGE } from '../alarms.ts';
import type { ScrapeTokens } from '../scrape-tokens.ts';
import type { Webhooks } from '../webhooks.ts';
import { always, callerOf, json, refused, security } from './rest-answers.ts';

export interface RestAlarmsDeps {
  readonly alarms: AlarmDesk;
  readonly alarmRules: AlarmRules;
  readonly webhooks: Webhooks;
  readonly scrapeTokens: ScrapeTokens;
}

const time = z.int().describe('Epoch ms UTC');

const alarmSchema = z
  .object({
    id: z.string(),
    kind: alarmKindSchema,
    flowId: z.string().optional(),
    flowName: z.string().optional(),
    pipeline: z.string().optional(),
    endpointId: z.string().optional().describe('input, or the id of an output'),
    endpointName: z.string().optional(),
    relayId: z.string().optional(),
    value: z.number().optional().describe('What was measured when it fired'),
    threshold: z.number().optional(),
    since: time.describe('Epoch ms UTC: when it went wrong'),
    firedAt: time.describe('Epoch ms UTC: when it had lasted long enough'),
    clearedAt: time.optional(),
    clearedBy: z.enum(['recovered', 'stopped']).optional(),
    acknowledgedAt: time.optional(),
    acknowledgedBy: z.string().optional(),
    text: z.string().describe('One sentence for people'),
    place: z.string(),
  })
  .openapi('Alarm');

const ruleSchema = z
  .object({
    id: z.string(),
    kind: alarmKindSchema,
    flowId: z.string().optional(),
    enabled: z.boolean(),
    threshold: z.number().optional(),
    holdMs: z.int(),
    clearMs: z.int(),
    createdAt: time,
  })
  .openapi('AlarmRule');

const webhookSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    kinds: z.array(alarmKindSchema).nullable().describe('null: all'),
    enabled: z.boolean(),
    createdAt: time,
    waiting: z.int().describe('Messages on their way'),
  })
  .openapi('Webhook');

const secretSchema = z.string().describe('Shown in this answer only');

const deliverySchema = z
  .object({
    id: z.string(),
    type: z.enum(['alarm.fired', 'alarm.cleared', 'webhook.test']),
    alarmId: z.string().optional(),
    createdAt: time,
    attempts: z.int(),
    lastAt: time.optional(),
    lastAnswer: z.string().optional().describe('The status of the last attempt, or why there was none'),
    endedAt: time.optional(),
    end: z.enum(['delivered', 'expired', 'dropped', 'cancelled']).optional(),
  })
  .openapi('Delivery');

const tokenSchema = z.object({ id: z.string(), name: z.string(), createdAt: time }).openapi('ScrapeToken');

const problems = (...statuses: readonly number[]) => ({
  ...always,
  ...Object.fromEntries(statuses.map((status) => [status, refused('Refused')])),
});
const body = <S extends z.ZodType>(schema: S) => ({ required: true, content: { 'application/json': { schema } } });
/** What a body can meet: not JSON, too large, of another type, wrong, and no room. */
const bodied = [400, 413, 415, 422, 507];

const alarmParam = z.object({ alarmId: z.string().max(64) });
const ruleParam = z.object({ ruleId: z.string().max(64) });
const hookParam = z.object({ webhookId: z.string().max(64) });

const alarmRoutes = {
  list: createRoute({
    method: 'get',
    path: '/alarms',
    summary: 'List alarms: those that fire, oldest first; or those that are over, newest first and by pages',
    security,
    request: {
      query: z.object({
        state: z.enum(['firing', 'cleared']).default('firing'),
        flowId: z.string().max(64).optional(),
        cursor: z.string().max(64).optional().describe('The `next` of the page before'),
        limit: z.coerce.number().int().min(1).max(LONGEST_ALARM_PAGE).default(50),
      }),
    },
    responses: {
      200: json(z.object({ alarms: z.array(alarmSchema), next: z.string().optional() }), 'Alarms'),
      ...problems(422),
    },
  }),
  get: createRoute({
    method: 'get',
    path: '/alarms/{alarmId}',
    summary: 'Show an alarm',
    security,
    request: { params: alarmParam },
    responses: { 200: json(alarmSchema, 'The alarm'), ...problems(404, 422) },
  }),
  acknowledge: createRoute({
    method: 'post',
    path: '/alarms/{alarmId}/acknowledge',
    summary: 'Say that an alarm has been seen; it goes on firing',
    security,
    request: { params: alarmParam },
    responses: { 200: json(alarmSchema, 'Acknowledged'), ...problems(404, 413, 422) },
  }),
};

const ruleRoutes = {
  list: createRoute({
    method: 'get',
    path: '/alarm-rules',
    summary: 'List alarm rules',
    security,
    responses: { 200: json(z.object({ rules: z.array(ruleSchema) }), 'All'), ...problems() },
  }),
  create: createRoute({
    method: 'post',
    path: '/alarm-rules',
    summary: 'Create an alarm rule; one of a flow stands in the place of the one for all flows',
    security,
    request: { body: body(ruleDraftSchema) },
    responses: { 201: json(ruleSchema, 'Created'), ...problems(404, 409, ...bodied) },
  }),
  edit: createRoute({
    method: 'patch',
    path: '/alarm-rules/{ruleId}',
    summary: 'Edit an alarm rule',
    security,
    request: { params: ruleParam, body: body(ruleEditSchema) },
    responses: { 200: json(ruleSchema, 'Edited'), ...problems(404, ...bodied) },
  }),
  remove: createRoute({
    method: 'delete',
    path: '/alarm-rules/{ruleId}',
    summary: 'Delete an alarm rule; its alarms clear',
    security,
    request: { params: ruleParam },
    responses: { 204: { description: 'Deleted' }, ...problems(404, 413, 422, 507) },
  }),
};

const hookRoutes = {
  list: createRoute({
    method: 'get',
    path: '/webhooks',
    summary: 'List webhooks',
    security,
    responses: { 200: json(z.object({ webhooks: z.array(webhookSchema) }), 'All'), ...problems() },
  }),
  create: createRoute({
    method: 'post',
    path: '/webhooks',
    summary: 'Create a webhook; its secret is in the answer, and never again',
    security,
    request: { body: body(webhookDraftSchema) },
    responses: {
      201: json(z.object({ ...webhookSchema.shape, secret: secretSchema }), 'Created'),
      ...problems(409, ...bodied),
    },
  }),
  get: createRoute({
    method: 'get',
    path: '/webhooks/{webhookId}',
    summary: 'Show a webhook',
    security,
    request: { params: hookParam },
    responses: { 200: json(webhookSchema, 'The webhook'), ...problems(404, 422) },
  }),
  edit: createRoute({
    method: 'patch',
    path: '/webhooks/{webhookId}',
    summary: 'Edit a webhook; turned off, what waits is cancelled',
    security,
    request: { params: hookParam, body: body(webhookEditSchema) },
    responses: { 200: json(webhookSchema, 'Edited'), ...problems(404, ...bodied) },
  }),
  remove: createRoute({
    method: 'delete',
    path: '/webhooks/{webhookId}',
    summary: 'Delete a webhook and its log',
    security,
    request: { params: hookParam },
    responses: { 204: { description: 'Deleted' }, ...problems(404, 413, 422, 507) },
  }),
  secret: createRoute({
    method: 'post',
    path: '/webhooks/{webhookId}/secret',
    summary: 'Make another secret, which counts from now on',
    security,
    request: { params: hookParam },
    responses: { 200: json(z.object({ secret: secretSchema }), 'Made'), ...problems(404, 413, 422, 507) },
  }),
  test: createRoute({
    method: 'post',
    path: '/webhooks/{webhookId}/test',
    summary: 'Send a test, after all that waits',
    security,
    request: { params: hookParam },
    responses: { 202: json(z.object({ id: z.string() }), 'On its way'), ...problems(404, 409, 413, 422, 507) },
  }),
  deliveries: createRoute({
    method: 'get',
    path: '/webhooks/{webhookId}/deliveries',
    summary: 'List the newest deliveries to a webhook',
    security,
    request: { params: hookParam },
    responses: { 200: json(z.object({ deliveries: z.array(deliverySchema) }), 'Newest first'), ...problems(404, 422) },
  }),
};

const tokenRoutes = {
  list: createRoute({
    method: 'get',
    path: '/scrape-tokens',
    summary: 'List the tokens that open /metrics and nothing else',
    security,
    responses: { 200: json(z.object({ tokens: z.array(tokenSchema) }), 'All'), ...problems() },
  }),
  create: createRoute({
    method: 'post',
    path: '/scrape-tokens',
    summary: 'Create a scrape token; it is in the answer, and never again',
    security,
    request: { body: body(scrapeTokenDraftSchema) },
    responses: {
      201: json(z.object({ ...tokenSchema.shape, token: secretSchema }), 'Created'),
      ...problems(409, ...bodied),
    },
  }),
  remove: createRoute({
    method: 'delete',
    path: '/scrape-tokens/{tokenId}',
    summary: 'Delete a scrape token; it opens nothing from now on',
    security,
    request: { params: z.object({ tokenId: z.string().max(64) }) },
    responses: { 204: { description: 'Deleted' }, ...problems(404, 413, 422, 507) },
  }),
};

/** Adds the routes to the API, behind its check of keys. */
export function mountAlarms(app: OpenAPIHono, deps: RestAlarmsDeps): void {
  mountList(app, deps);
  mountRules(app, deps);
  mountWebhooks(app, deps);
  mountTokens(app, deps);
}

/** Who acknowledges: the API key's id. */

function mountList(app: OpenAPIHono, { alarms }: RestAlarmsDeps): void {
  app.openapi(alarmRoutes.list, async (c) => {
    const { state, flowId, cursor, limit } = c.req.valid('query');
    if (state === 'firing') {
      const firing = alarms.firing().filter((alarm) => flowId === undefined || alarm.flowId === flowId);
      return c.json({ alarms: firing.map(noted) }, 200);
    }
    const found = await alarms.history({ flowId, before: cursor, limit });
    const next = found.length === limit ? found.at(-1)?.id : undefined;
    return c.json({ alarms: found.map(noted), ...(next !== undefined && { next }) }, 200);
  });
  app.openapi(alarmRoutes.get, async (c) => c.json(noted(await alarms.get(c.req.valid('param').alarmId)), 200));
  app.openapi(alarmRoutes.acknowledge, async (c) =>
    c.json(noted(await alarms.acknowledge(c.req.valid('param').alarmId, callerOf(c))), 200),
  );
}

function mountRules(app: OpenAPIHono, { alarmRules, alarms }: RestAlarmsDeps): void {
  app.openapi(ruleRoutes.list, (c) => c.json({ rules: [...alarmRules.list()] }, 200));
  app.openapi(ruleRoutes.create, async (c) => {
    const rule = await alarmRules.create(c.req.valid('json'));
    alarms.look();
    return c.json(rule, 201);
  });
  app.openapi(ruleRoutes.edit, async (c) => {
    const rule = await alarmRules.edit(c.req.valid('param').ruleId, c.req.valid('json'));
    alarms.look();
    return c.json(rule, 200);
  });
  app.openapi(ruleRoutes.remove, async (c) => {
    await alarmRules.remove(c.req.valid('param').ruleId);
    alarms.look();
    return c.body(null, 204);
  });
}

function mountWebhooks(app: OpenAPIHono, { webhooks }: RestAlarmsDeps): void {
  const shown = ({ kinds, ...webhook }: ReturnType<Webhooks['get']>) => ({
    ...webhook,
    kinds: kinds ? [...kinds] : null,
  });
  app.openapi(hookRoutes.list, (c) => c.json({ webhooks: webhooks.list().map(shown) }, 200));
  app.openapi(hookRoutes.create, async (c) => {
    const { webhook, secret } = await webhooks.create(c.req.valid('json'));
    return c.json({ ...shown(webhook), secret }, 201);
  });
  app.openapi(hookRoutes.get, (c) => c.json(shown(webhooks.get(c.req.valid('param').webhookId)), 200));
  app.openapi(hookRoutes.edit, async (c) =>
    c.json(shown(await webhooks.edit(c.req.valid('param').webhookId, c.req.valid('json'))), 200),
  );
  app.openapi(hookRoutes.remove, async (c) => {
    await webhooks.remove(c.req.valid('param').webhookId);
    return c.body(null, 204);
  });
  app.openapi(hookRoutes.secret, async (c) =>
    c.json({ secret: await webhooks.renewSecret(c.req.valid('param').webhookId) }, 200),
  );
  app.openapi(hookRoutes.test, async (c) => c.json({ id: await webhooks.test(c.req.valid('param').webhookId) }, 202));
  app.openapi(hookRoutes.deliveries, async (c) => {
    const all = await webhooks.deliveries(c.req.valid('param').webhookId);
    return c.json({ deliveries: all.map(({ body: _body, number: _number, webhookId: _id, ...rest }) => rest) }, 200);
  });
}

function mountTokens(app: OpenAPIHono, { scrapeTokens }: RestAlarmsDeps): void {
  app.openapi(tokenRoutes.list, (c) => c.json({ tokens: [...scrapeTokens.list()] }, 200));
  app.openapi(tokenRoutes.create, async (c) => c.json(await scrapeTokens.create(c.req.valid('json').name), 201));
  app.openapi(tokenRoutes.remove, async (c) => {
    await scrapeTokens.remove(c.req.valid('param').tokenId);
    return c.body(null, 204);
  });
}
