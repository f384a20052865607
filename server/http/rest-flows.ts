/** Flows over the JSON API: list, create, show, edit, start, stop, switch, delete. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Flow } from '../../db/model.ts';
import { flowDraftSchema, flowEditSchema, inputEditSchema, switchSchema } from '../drafts.ts';
import type { Flows } from '../flows.ts';
import type { LiveFlow, Monitor } from '../monitor.ts';
import type { PublicPlaces } from '../addresses.ts';
import { pageOf } from '../paging.ts';
import { always, body, conflict, expectedOf, flowParam, hindered, idempotencyKey, ifMatch } from './rest-answers.ts';
import { actorOf, invalid, json, missing, refused, security, tag, tagged } from './rest-answers.ts';
import { flowExample } from './rest-examples.ts';
import { once, type OnceDeps } from './rest-once.ts';
import { flowSchema, flowStates, regionSchema, toFlowView } from './shapes.ts';

const listQuery = z
  .object({
    limit: z.coerce.number().int().min(1).max(500).default(100).describe('Flows a page'),
    cursor: z.string().max(200).optional().describe('`next` of the page before'),
    region: z.string().max(64).optional().describe('Only flows that come in in this region'),
    state: z.enum(flowStates).optional().describe('Only flows in this state'),
    text: z.string().max(64).optional().describe('Looked for in names, descriptions and ids, in any case'),
  })
  .strict();

const routes = {
  regions: createRoute({
    method: 'get',
    path: '/regions',
    tags: ['Regions and relays'],
    summary: 'List regions and the bandwidths on offer',
    security,
    responses: {
      200: json(z.object({ regions: z.array(regionSchema), bandwidths: z.array(z.int()) }), 'All'),
      ...always,
    },
  }),
  list: createRoute({
    method: 'get',
    path: '/flows',
    tags: ['Flows'],
    summary: 'List flows, page by page',
    security,
    request: { query: listQuery },
    responses: {
      200: json(
        z.object({
          flows: z.array(flowSchema),
          next: z.string().optional().describe('Cursor of the next page; absent at the end'),
        }),
        'A page of flows, oldest first',
      ),
      ...always,
      422: refused('A parameter is wrong'),
    },
  }),
  create: createRoute({
    method: 'post',
    path: '/flows',
    tags: ['Flows'],
    summary: 'Create a flow',
    security,
    request: { headers: idempotencyKey, body: body(flowDraftSchema, flowExample) },
    responses: { 201: tagged(flowSchema, 'Created'), ...always, ...invalid, 409: refused('See Idempotency-Key') },
  }),
  get: createRoute({
    method: 'get',
    path: '/flows/{flowId}',
    tags: ['Flows'],
    summary: 'Show a flow with its live state',
    security,
    request: { params: flowParam },
    responses: { 200: tagged(flowSchema, 'The flow'), ...always, ...missing },
  }),
  rename: createRoute({
    method: 'patch',
    path: '/flows/{flowId}',
    tags: ['Flows'],
    summary: 'Rename a flow',
    security,
    request: { params: flowParam, headers: ifMatch, body: body(flowEditSchema, { name: 'Evening news' }) },
    responses: { 200: tagged(flowSchema, 'Renamed'), ...always, ...missing, ...invalid },
  }),
  delete: createRoute({
    method: 'delete',
    path: '/flows/{flowId}',
    tags: ['Flows'],
    summary: 'Delete an idle flow',
    security,
    request: { params: flowParam, headers: ifMatch },
    responses: { 204: { description: 'Deleted' }, ...hindered, ...always, ...missing, ...conflict },
  }),
  start: createRoute({
    method: 'post',
    path: '/flows/{flowId}/start',
    tags: ['Flows'],
    summary: 'Start a flow; starting a started flow changes nothing',
    security,
    request: { params: flowParam, headers: ifMatch },
    responses: { 200: tagged(flowSchema, 'Running, or starting'), ...hindered, ...always, ...missing, ...conflict },
  }),
  stop: createRoute({
    method: 'post',
    path: '/flows/{flowId}/stop',
    tags: ['Flows'],
    summary: 'Stop a flow; stopping a stopped flow changes nothing',
    security,
    request: { params: flowParam, headers: ifMatch },
    responses: { 200: tagged(flowSchema, 'Idle, or stopping'), ...hindered, ...always, ...missing },
  }),
  switchTo: createRoute({
    method: 'post',
    path: '/flows/{flowId}/switch',
    tags: ['Flows'],
    summary: 'With failover: feed the outputs from this input now, and prefer it from now on',
    security,
    request: { params: flowParam, headers: ifMatch, body: body(switchSchema, { to: 'backup' }) },
    responses: { 200: tagged(flowSchema, 'Ordered'), ...always, ...missing, ...conflict, ...invalid },
  }),
  editInput: createRoute({
    method: 'patch',
    path: '/flows/{flowId}/input',
    tags: ['Flows'],
    summary: 'Edit the input',
    security,
    request: { params: flowParam, headers: ifMatch, body: body(inputEditSchema, { latencyMs: 500 }) },
    responses: { 200: tagged(flowSchema, 'Edited'), ...always, ...missing, ...conflict, ...invalid },
  }),
};

export interface RestFlowsDeps extends PublicPlaces, OnceDeps {
  readonly flows: Flows;
  readonly monitor: Monitor;
}

export function mountFlows(app: OpenAPIHono, deps: RestFlowsDeps): void {
  const { flows, monitor } = deps;
  const view = (flow: Flow) => toFlowView(monitor.live(flow), deps);

  app.openapi(routes.regions, (c) =>
    c.json({ regions: [...flows.regions()], bandwidths: [...flows.bandwidths()] }, 200),
  );
  app.openapi(routes.list, async (c) => {
    const { limit, cursor, ...wanted } = c.req.valid('query');
    const page = pageOf(await flows.list(), { limit, cursor }, (flow) =>
      isWanted(flow, wanted, () => monitor.live(flow).state),
    );
    return c.json({ flows: page.flows.map(view), ...(page.next !== undefined && { next: page.next }) }, 200);
  });
  app.openapi({ ...routes.create, middleware: [once(deps)] as const }, async (c) => {
    const flow = await flows.by(actorOf(c)).create(c.req.valid('json'));
    c.header('location', `/api/v1/flows/${flow.id}`);
    tag(c, flow.revision);
    return c.json(view(flow), 201);
  });
  app.openapi(routes.get, async (c) => {
    const flow = await flows.get(c.req.valid('param').flowId);
    tag(c, flow.revision);
    return c.json(view(flow), 200);
  });
  app.openapi(routes.rename, async (c) => {
    const expected = expectedOf(c.req.valid('header')['if-match']);
    const flow = await flows.by(actorOf(c)).rename(c.req.valid('param').flowId, c.req.valid('json'), expected);
    tag(c, flow.revision);
    return c.json(view(flow), 200);
  });
  app.openapi(routes.delete, async (c) => {
    await flows.by(actorOf(c)).delete(c.req.valid('param').flowId, expectedOf(c.req.valid('header')['if-match']));
    return c.body(null, 204);
  });
  app.openapi(routes.start, async (c) => {
    const flow = await flows
      .by(actorOf(c))
      .start(c.req.valid('param').flowId, expectedOf(c.req.valid('header')['if-match']));
    tag(c, flow.revision);
    return c.json(view(flow), 200);
  });
  app.openapi(routes.stop, async (c) => {
    const flow = await flows
      .by(actorOf(c))
      .stop(c.req.valid('param').flowId, expectedOf(c.req.valid('header')['if-match']));
    tag(c, flow.revision);
    return c.json(view(flow), 200);
  });
  app.openapi(routes.switchTo, async (c) => {
    const expected = expectedOf(c.req.valid('header')['if-match']);
    const flow = await flows.by(actorOf(c)).switchTo(c.req.valid('param').flowId, c.req.valid('json').to, expected);
    tag(c, flow.revision);
    return c.json(view(flow), 200);
  });
  app.openapi(routes.editInput, async (c) => {
    const expected = expectedOf(c.req.valid('header')['if-match']);
    const flow = await flows.by(actorOf(c)).editInput(c.req.valid('param').flowId, c.req.valid('json'), expected);
    tag(c, flow.revision);
    return c.json(view(flow), 200);
  });
}

interface Wanted {
  readonly region?: string | undefined;
  readonly state?: LiveFlow['state'] | undefined;
  readonly text?: string | undefined;
}

/** `stateOf` costs a look at what all relays report, and is asked last. */
function isWanted(flow: Flow, wanted: Wanted, stateOf: () => LiveFlow['state']): boolean {
  if (wanted.region !== undefined && flow.regionId !== wanted.region) return false;
  if (wanted.text !== undefined && !textOf(flow).includes(wanted.text.toLowerCase())) return false;
  return wanted.state === undefined || stateOf() === wanted.state;
}

const textOf = ({ id, name, input, outputs }: Flow): string =>
  [id, name, ...[input, ...outputs].flatMap((end) => [end.id, end.name, end.description])].join('\n').toLowerCase();
