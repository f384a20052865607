/** The kept health over the JSON API: figures of an endpoint or a track in a range, and what was measured in it. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { pipelines } from '../../relay/contract/settings.ts';
import type { Flows } from '../flows.ts';
import { type HealthDesk, healthFields } from '../health.ts';
import { always, missing, refused } from './rest-answers.ts';

const names = healthFields.map(({ name }) => name);
const time = z.coerce.number().int().describe('Epoch ms UTC');
const flowParam = z.object({ flowId: z.string().max(64) });
const range = z.object({ from: time, to: time });
const channel = z.object({
  pipeline: z.enum(pipelines),
  endpoint: z.string().max(64).describe('input, or the id of an output'),
  track: z.string().max(32).optional().describe('Such as "pid 256", "video" or "audio"; absent: the endpoint itself'),
});

const fieldList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(names)).min(1).max(names.length))
  .describe(`Names with commas between: ${names.join(', ')}`);

const seriesSchema = z
  .object({
    from: z.number(),
    stepMs: z.number().describe('Value i of a column is of the time from + i * stepMs'),
    columns: z.array(
      z.object({
        field: z.enum(names),
        unit: z.string(),
        values: z.array(z.number().nullable()).describe('null: not known'),
      }),
    ),
    resets: z.array(z.number()),
  })
  .openapi('HealthSeries');

const problems = {
  ...always,
  ...missing,
  422: refused('A parameter is wrong'),
  507: refused('The history cannot be read'),
};
const tags = ['Health'];
const json = <S extends z.ZodType>(schema: S) => ({
  200: { description: 'As kept', content: { 'application/json': { schema } } },
  ...problems,
});
const security = [{ basic: [] }];

const routes = {
  read: createRoute({
    method: 'get',
    path: '/flows/{flowId}/health',
    tags,
    summary: 'Read kept health at 1 s, or thinned to at most maxPoints; less than 24 hours at a time',
    security,
    request: {
      params: flowParam,
      query: range.extend(channel.shape).extend({
        fields: fieldList,
        maxPoints: z.coerce.number().int().min(1).max(86_400).optional(),
      }),
    },
    responses: json(seriesSchema),
  }),
  channels: createRoute({
    method: 'get',
    path: '/flows/{flowId}/health/channels',
    tags,
    summary: 'List the endpoints and tracks with something in a range',
    security,
    request: { params: flowParam, query: range },
    responses: json(z.object({ channels: z.array(channel) })),
  }),
};

/** Adds the routes to the API, behind its check of keys. */
export function mountHealth(app: OpenAPIHono, flows: Flows, desk: HealthDesk): void {
  app.openapi(routes.read, async (c) => {
    const { id: flowId } = await flows.get(c.req.valid('param').flowId);
    const { pipeline, endpoint, track, ...asked } = c.req.valid('query');
    const place = { flowId, pipeline, endpointId: endpoint, ...(track !== undefined && { track }) };
    const { from, stepMs, columns, marks } = await desk.read({ channel: place, ...asked });
    const shown = columns.map(({ field, values }) => ({
      field,
      unit: healthFields.find(({ name }) => name === field)?.unit ?? '',
      values: Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
    }));
    return c.json({ from, stepMs, columns: shown, resets: [...marks] }, 200);
  });
  app.openapi(routes.channels, async (c) => {
    const { id } = await flows.get(c.req.valid('param').flowId);
    const { from, to } = c.req.valid('query');
    const found = await desk.channels(id, from, to);
    const channels = found.map(({ pipeline, endpointId, track }) => ({ pipeline, endpoint: endpointId, track }));
    return c.json({ channels }, 200);
  });
}
