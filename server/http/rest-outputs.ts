/** Outputs over the JSON API. The revision is that of their flow. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { outputDraftSchema, outputEditSchema } from '../drafts.ts';
import type { Flows } from '../flows.ts';
import type { Monitor } from '../monitor.ts';
import { Refusal } from '../refusal.ts';
import { always, body, conflict, expectedOf, flowParam, hindered, idempotencyKey, ifMatch } from './rest-answers.ts';
import { actorOf, invalid, missing, outputParam, security, tag, tagged } from './rest-answers.ts';
import { outputExample } from './rest-examples.ts';
import { once, type OnceDeps } from './rest-once.ts';
import { outputSchema, toOutputView } from './shapes.ts';

const tags = ['Outputs'];

const routes = {
  add: createRoute({
    method: 'post',
    path: '/flows/{flowId}/outputs',
    tags,
    summary: 'Create an output of an idle flow',
    security,
    request: {
      params: flowParam,
      headers: idempotencyKey.extend(ifMatch.shape),
      body: body(outputDraftSchema, outputExample),
    },
    responses: { 201: tagged(outputSchema, 'Created'), ...always, ...missing, ...conflict, ...invalid },
  }),
  get: createRoute({
    method: 'get',
    path: '/flows/{flowId}/outputs/{outputId}',
    tags,
    summary: 'Show an output with its live state',
    security,
    request: { params: outputParam },
    responses: { 200: tagged(outputSchema, 'The output'), ...always, ...missing },
  }),
  edit: createRoute({
    method: 'patch',
    path: '/flows/{flowId}/outputs/{outputId}',
    tags,
    summary: 'Edit an output of an idle flow',
    security,
    request: { params: outputParam, headers: ifMatch, body: body(outputEditSchema, { name: 'Tower' }) },
    responses: { 200: tagged(outputSchema, 'Edited'), ...always, ...missing, ...conflict, ...invalid },
  }),
  delete: createRoute({
    method: 'delete',
    path: '/flows/{flowId}/outputs/{outputId}',
    tags,
    summary: 'Delete an output of an idle flow',
    security,
    request: { params: outputParam, headers: ifMatch },
    responses: { 204: { description: 'Deleted' }, ...hindered, ...always, ...missing, ...conflict },
  }),
};

export interface RestOutputsDeps extends OnceDeps {
  readonly flows: Flows;
  readonly monitor: Monitor;
}

export function mountOutputs(app: OpenAPIHono, deps: RestOutputsDeps): void {
  const { flows, monitor } = deps;
  const look = async (flowId: string, outputId: string) => {
    const live = monitor.live(await flows.get(flowId));
    const output = live.flow.outputs.find(({ id }) => id === outputId);
    if (!output) throw new Refusal('output-not-found');
    return { revision: live.flow.revision, view: toOutputView(live, output) };
  };
  app.openapi({ ...routes.add, middleware: [once(deps)] as const }, async (c) => {
    const { flowId } = c.req.valid('param');
    const { id } = await flows
      .by(actorOf(c))
      .addOutput(flowId, c.req.valid('json'), expectedOf(c.req.valid('header')['if-match']));
    const { revision, view } = await look(flowId, id);
    c.header('location', `/api/v1/flows/${flowId}/outputs/${id}`);
    tag(c, revision);
    return c.json(view, 201);
  });
  app.openapi(routes.get, async (c) => {
    const { flowId, outputId } = c.req.valid('param');
    const { revision, view } = await look(flowId, outputId);
    tag(c, revision);
    return c.json(view, 200);
  });
  app.openapi(routes.edit, async (c) => {
    const { flowId, outputId } = c.req.valid('param');
    const expected = expectedOf(c.req.valid('header')['if-match']);
    await flows.by(actorOf(c)).editOutput(flowId, outputId, c.req.valid('json'), expected);
    const { revision, view } = await look(flowId, outputId);
    tag(c, revision);
    return c.json(view, 200);
  });
  app.openapi(routes.delete, async (c) => {
    const { flowId, outputId } = c.req.valid('param');
    await flows.by(actorOf(c)).deleteOutput(flowId, outputId, expectedOf(c.req.valid('header')['if-match']));
    return c.body(null, 204);
  });
}
