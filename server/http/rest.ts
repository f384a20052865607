/** The JSON API: the same doings and watchings as the console, described by the schemas that check them. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { faultsOf } from '../drafts.ts';
import type { HealthDesk } from '../health.ts';
import { Refusal } from '../refusal.ts';
import { basicCredentials } from './basic.ts';
import { problem, refusalProblem } from './problem.ts';
import { mountAlarms, type RestAlarmsDeps } from './rest-alarms.ts';
import { mountAccess, type RestAccessDeps } from './rest-access.ts';
import { mountEvents, type RestEventsDeps } from './rest-events.ts';
import { mountFlows, type RestFlowsDeps } from './rest-flows.ts';
import { mountHealth } from './rest-health.ts';
import { mountLog } from './rest-log.ts';
import { mountOutputs, type RestOutputsDeps } from './rest-outputs.ts';
import { mountTransfer } from './rest-transfer.ts';

export interface RestDeps extends RestFlowsDeps, RestOutputsDeps, RestEventsDeps, RestAccessDeps, RestAlarmsDeps {
  readonly apiKeys: RestAccessDeps['apiKeys'];
  readonly version: string;
  readonly health: HealthDesk;
  readonly complain: (what: string, detail: Record<string, unknown>) => void;
}

/** Mounted at /api/v1. The document at /openapi.json is open to all; everything else needs an API key. */
export function createRest(deps: RestDeps): OpenAPIHono {
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
  nameSecurity(app);
  // Made once, when all is mounted: anybody may ask for it.
  let document: ReturnType<typeof apiDocument> | undefined;
  app.get('/openapi.json', (c) => c.json((document ??= apiDocument(app, deps.version))));
  app.use(async (c, next) => {
    // A browser that knows the key would send it for another site's page too.
    if (c.req.header('sec-fetch-site') === 'cross-site')
      return problem(c, 403, 'cross-site', 'Pages of other sites may not call this API.');
    const key = basicCredentials(c.req.header('authorization'));
    if (key && deps.apiKeys.isValid(key.id, key.secret)) return next();
    c.header('www-authenticate', 'Basic realm="StreamLink API", charset="UTF-8"');
    return problem(c, 401, 'no-api-key', 'Send an API key by HTTP Basic: id as user, secret as password.');
  });
  mountFlows(app, deps);
  mountOutputs(app, deps);
  mountEvents(app, deps);
  mountHealth(app, deps.flows, deps.health);
  mountLog(app, deps);
  mountTransfer(app, deps);
  mountAccess(app, deps);
  mountAlarms(app, deps);
  // Behind all routes. Not `notFound`, which an app that is mounted in another one is never asked for.
  const methods = methodsByPath(app);
  app.all('*', (c) => noSuchRoute(c, methods));
  return app;
}

/** The OpenAPI document of all that is mounted. */
export function apiDocument(app: OpenAPIHono, version: string) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'StreamLink',
      version,
      description:
        'Times are epoch ms UTC, bit rates bit/s. Every refusal is a problem document (RFC 9457): `code` is for ' +
        'programs, `title` says how to mend it, and `faults` names the fields.',
    },
    servers: [{ url: '/api/v1' }],
  });
}

function nameSecurity(app: OpenAPIHono): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'basic', {
    type: 'http',
    scheme: 'basic',
    description: 'API key: id as user, secret as password',
  });
}

interface PathMethods {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
}

function methodsByPath(app: OpenAPIHono): readonly PathMethods[] {
  const byPath = new Map<string, string[]>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { path, method } = definition.route;
    byPath.set(path, [...(byPath.get(path) ?? []), method.toUpperCase(), ...(method === 'get' ? ['HEAD'] : [])]);
  }
  return [...byPath].map(([path, methods]) => ({
    pattern: new RegExp(`${path.replace(/\{\w+\}/g, '[^/]+')}$`),
    methods,
  }));
}

function noSuchRoute(c: Context, routes: readonly PathMethods[]): Response {
  const path = c.req.path.replace(/^\/api\/v1(?=\/)/, '');
  const methods = routes.find(({ pattern }) => path.match(pattern)?.index === 0)?.methods;
  if (!methods) return problem(c, 404, 'no-such-route', 'There is no such route. GET /api/v1/openapi.json lists them.');
  c.header('allow', methods.join(', '));
  return problem(c, 405, 'no-such-method', `This route takes ${methods.join(', ')}.`);
}
