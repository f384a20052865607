/** The JSON API: the same doings and watchings as the console, described by the schemas that check them. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { PublicPlaces } from '../addresses.ts';
import type { ApiKeys } from '../api-keys.ts';
import {
  faultsOf,
  flowDraftSchema,
  flowEditSchema,
  inputEditSchema,
  outputDraftSchema,
  outputEditSchema,
  switchSchema,
} from '../drafts.ts';
import type { Flows } from '../flows.ts';
import type { HealthDesk } from '../health.ts';
import type { Monitor } from '../monitor.ts';
import { Refusal } from '../refusal.ts';
import { basicCredentials } from './basic.ts';
import { problem, refusalProblem } from './problem.ts';
import { mountAlarms, type RestAlarmsDeps } from './rest-alarms.ts';
import { mountHealth } from './rest-health.ts';
import {
  eventViewSchema,
  flowSchema,
  outputSchema,
  problemSchema,
  regionSchema,
  toEventView,
  toFlowView,
  toOutputView,
} from './shapes.ts';

export interface RestDeps extends PublicPlaces, RestAlarmsDeps {
  readonly flows: Flows;
  readonly monitor: Monitor;
  readonly apiKeys: ApiKeys;
  readonly version: string;
  readonly health: HealthDesk;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
}

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const refused = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});
const body = <S extends z.ZodType>(schema: S) => ({ required: true, content: { 'application/json': { schema } } });

const unauthorized = { 401: refused('No valid API key'), 403: refused('Called by a page of another site') };
const missing = { 404: refused('No such flow or output') };
const conflict = { 409: refused('The state of the flow forbids it') };
const hindered = { 413: refused('Larger than 64 kB'), 507: refused('The database cannot be written') };
const invalid = {
  413: refused('Larger than 64 kB'),
  400: refused('Not JSON'),
  415: refused('Not of type application/json'),
  422: refused('Some fields are wrong'),
  507: refused('No port or no disk space left'),
};

const flowParam = z.object({ flowId: z.string() });
const outputParam = flowParam.extend({ outputId: z.string() });
const security = [{ basic: [] }];

const routes = {
  regions: createRoute({
    method: 'get',
    path: '/regions',
    summary: 'List regions and the bandwidths on offer',
    security,
    responses: {
      200: json(z.object({ regions: z.array(regionSchema), bandwidths: z.array(z.int()) }), 'All'),
      ...unauthorized,
    },
  }),
  list: createRoute({
    method: 'get',
    path: '/flows',
    summary: 'List flows',
    security,
    responses: { 200: json(z.object({ flows: z.array(flowSchema) }), 'All flows, oldest first'), ...unauthorized },
  }),
  create: createRoute({
    method: 'post',
    path: '/flows',
    summary: 'Create a flow',
    security,
    request: { body: body(flowDraftSchema) },
    responses: { 201: json(flowSchema, 'Created'), ...unauthorized, ...invalid },
  }),
  get: createRoute({
    method: 'get',
    path: '/flows/{flowId}',
    summary: 'Show a flow with its live state',
    security,
    request: { params: flowParam },
    responses: { 200: json(flowSchema, 'The flow'), ...unauthorized, ...missing },
  }),
  rename: createRoute({
    method: 'patch',
    path: '/flows/{flowId}',
    summary: 'Rename a flow',
    security,
    request: { params: flowParam, body: body(flowEditSchema) },
    responses: { 200: json(flowSchema, 'Renamed'), ...unauthorized, ...missing, ...invalid },
  }),
  delete: createRoute({
    method: 'delete',
    path: '/flows/{flowId}',
    summary: 'Delete an idle flow',
    security,
    request: { params: flowParam },
    responses: { 204: { description: 'Deleted' }, ...hindered, ...unauthorized, ...missing, ...conflict },
  }),
  start: createRoute({
    method: 'post',
    path: '/flows/{flowId}/start',
    summary: 'Start a flow; starting a started flow changes nothing',
    security,
    request: { params: flowParam },
    responses: { 200: json(flowSchema, 'Running, or starting'), ...hindered, ...unauthorized, ...missing, ...conflict },
  }),
  stop: createRoute({
    method: 'post',
    path: '/flows/{flowId}/stop',
    summary: 'Stop a flow; stopping a stopped flow changes nothing',
    security,
    request: { params: flowParam },
    responses: { 200: json(flowSchema, 'Idle, or stopping'), ...hindered, ...unauthorized, ...missing },
  }),
  switchTo: createRoute({
    method: 'post',
    path: '/flows/{flowId}/switch',
    summary: 'With failover: feed the outputs from this input now, and prefer it from now on',
    security,
    request: { params: flowParam, body: body(switchSchema) },
    responses: { 200: json(flowSchema, 'Ordered'), ...unauthorized, ...missing, ...conflict, ...invalid },
  }),
  events: createRoute({
    method: 'get',
    path: '/flows/{flowId}/events',
    summary: 'What happened to the media of a flow lately, newest first',
    security,
    request: { params: flowParam },
    responses: {
      200: json(z.object({ events: z.array(eventViewSchema) }), 'At most 200'),
      ...unauthorized,
      ...missing,
    },
  }),
  editInput: createRoute({
    method: 'patch',
    path: '/flows/{flowId}/input',
    summary: 'Edit the input',
    security,
    request: { params: flowParam, body: body(inputEditSchema) },
    responses: { 200: json(flowSchema, 'Edited'), ...unauthorized, ...missing, ...conflict, ...invalid },
  }),
  addOutput: createRoute({
    method: 'post',
    path: '/flows/{flowId}/outputs',
    summary: 'Create an output of an idle flow',
    security,
    request: { params: flowParam, body: body(outputDraftSchema) },
    responses: { 201: json(outputSchema, 'Created'), ...unauthorized, ...missing, ...conflict, ...invalid },
  }),
  editOutput: createRoute({
    method: 'patch',
    path: '/flows/{flowId}/outputs/{outputId}',
    summary: 'Edit an output of an idle flow',
    security,
    request: { params: outputParam, body: body(outputEditSchema) },
    responses: { 200: json(outputSchema, 'Edited'), ...unauthorized, ...missing, ...conflict, ...invalid },
  }),
  deleteOutput: createRoute({
    method: 'delete',
    path: '/flows/{flowId}/outputs/{outputId}',
    summary: 'Delete an output of an idle flow',
    security,
    request: { params: outputParam },
    responses: { 204: { description: 'Deleted' }, ...hindered, ...unauthorized, ...missing, ...conflict },
  }),
};

/** Mounted at /api/v1. The document at /openapi.json is open to all; everything else needs an API key. */
export function createRest(deps: RestDeps): OpenAPIHono {
  const { flows, monitor } = deps;
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw new Refusal('invalid-fields', faultsOf(result.error));
    },
  });
  app.onError((error, c) => {
    if (error instanceof Refusal) return refusalProblem(c, error);
    if (error instanceof HTTPException)
      return problem(c, error.status === 415 ? 415 : 400, 'not-json', 'The body is not JSON of type application/json.');
    deps.complain('request failed', { path: c.req.path, error: error.stack });
    return problem(c, 500, 'internal', 'This is a fault of the server. Its log has the details.');
  });
  app.notFound((c) => problem(c, 404, 'no-such-route', 'There is no such route. GET /api/v1/openapi.json lists them.'));
  app.openAPIRegistry.registerComponent('securitySchemes', 'basic', {
    type: 'http',
    scheme: 'basic',
    description: 'API key: id and secret',
  });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'StreamLink', version: deps.version },
    servers: [{ url: '/api/v1' }],
  });
  app.use(async (c, next) => {
    // A browser that knows the key would send it for another site's page too.
    if (c.req.header('sec-fetch-site') === 'cross-site')
      return problem(c, 403, 'cross-site', 'Pages of other sites may not call this API.');
    const key = basicCredentials(c.req.header('authorization'));
    if (key && deps.apiKeys.isValid(key.id, key.secret)) return next();
    c.header('www-authenticate', 'Basic realm="StreamLink API", charset="UTF-8"');
    return problem(c, 401, 'no-api-key', 'Send an API key by HTTP Basic: id as user, secret as password.');
  });

  const show = async (flowId: string) => toFlowView(monitor.live(await flows.get(flowId)), deps);
  const showOutput = async (flowId: string, outputId: string) => {
    const live = monitor.live(await flows.get(flowId));
    const output = live.flow.outputs.find(({ id }) => id === outputId);
    if (!output) throw new Refusal('output-not-found');
    return toOutputView(live, output);
  };

  app.openapi(routes.regions, (c) =>
    c.json({ regions: [...flows.regions()], bandwidths: [...flows.bandwidths()] }, 200),
  );
  app.openapi(routes.list, async (c) => {
    const all = await flows.list();
    return c.json({ flows: all.map((flow) => toFlowView(monitor.live(flow), deps)) }, 200);
  });
  app.openapi(routes.create, async (c) => {
    const flow = await flows.create(c.req.valid('json'));
    c.header('location', `/api/v1/flows/${flow.id}`);
    return c.json(await show(flow.id), 201);
  });
  app.openapi(routes.get, async (c) => c.json(await show(c.req.valid('param').flowId), 200));
  app.openapi(routes.rename, async (c) => {
    const { flowId } = c.req.valid('param');
    await flows.rename(flowId, c.req.valid('json'));
    return c.json(await show(flowId), 200);
  });
  app.openapi(routes.delete, async (c) => {
    await flows.delete(c.req.valid('param').flowId);
    return c.body(null, 204);
  });
  app.openapi(routes.start, async (c) => {
    const { flowId } = c.req.valid('param');
    await flows.start(flowId);
    return c.json(await show(flowId), 200);
  });
  app.openapi(routes.stop, async (c) => {
    const { flowId } = c.req.valid('param');
    await flows.stop(flowId);
    return c.json(await show(flowId), 200);
  });
  app.openapi(routes.switchTo, async (c) => {
    const { flowId } = c.req.valid('param');
    await flows.switchTo(flowId, c.req.valid('json').to);
    return c.json(await show(flowId), 200);
  });
  app.openapi(routes.events, async (c) => {
    const flow = await flows.get(c.req.valid('param').flowId);
    return c.json({ events: monitor.events(flow.id).map(toEventView) }, 200);
  });
  app.openapi(routes.editInput, async (c) => {
    const { flowId } = c.req.valid('param');
    await flows.editInput(flowId, c.req.valid('json'));
    return c.json(await show(flowId), 200);
  });
  app.openapi(routes.addOutput, async (c) => {
    const { flowId } = c.req.valid('param');
    const output = await flows.addOutput(flowId, c.req.valid('json'));
    return c.json(await showOutput(flowId, output.id), 201);
  });
  app.openapi(routes.editOutput, async (c) => {
    const { flowId, outputId } = c.req.valid('param');
    await flows.editOutput(flowId, outputId, c.req.valid('json'));
    return c.json(await showOutput(flowId, outputId), 200);
  });
  app.openapi(routes.deleteOutput, async (c) => {
    const { flowId, outputId } = c.req.valid('param');
    await flows.deleteOutput(flowId, outputId);
    return c.body(null, 204);
  });
  mountHealth(app, flows, deps.health);
  mountAlarms(app, deps);
  return app;
}
