/** The kept health over the JSON API: figures of an endpoint or a track in a range, and what was measured in it. */
import { createRoute, type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { trackAboutSchema } from '../../relay/contract/health.ts';
import { pipelines } from '../../relay/contract/settings.ts';
import type { HealthChannel } from '../../db/history-model.ts';
import type { Flow } from '../../db/model.ts';
import type { Flows } from '../flows.ts';
import { Refusal } from '../refusal.ts';
import { type HealthDesk, healthFields } from '../health.ts';
import { inPieces } from './pieces.ts';
import { always, body, missing, refused, security } from './rest-answers.ts';

const names = healthFields.map(({ name }) => name);
const time = z.coerce.number().int().describe('Epoch ms UTC');
const flowParam = z.object({ flowId: z.string().max(64) });
const range = z.object({ from: time, to: time });
const channel = z.object({
  pipeline: z.enum(pipelines),
  endpoint: z.string().max(64).describe('input, or the id of an output'),
  track: z.string().max(32).optional().describe('Such as "pid 256", "video" or "audio"; absent: the endpoint itself'),
});

const kept = channel.extend({
  about: trackAboutSchema.optional().describe('Of a track: what the stream said of it at the end of the range'),
  since: z.number().optional().describe('From when on that held, epoch ms UTC'),
});

const nowSchema = z
  .object({
    pipeline: z.enum(pipelines),
    endpoint: z.string(),
    values: z.record(z.string(), z.number()).describe('Figures of the last second by name: docs/health.md'),
    tracks: z.array(trackAboutSchema.extend({ id: z.string(), values: z.record(z.string(), z.number()) })),
    latency: z
      .object({
        seconds: z.number().describe('Of so many of the last 300 s something is known'),
        advice: z
          .object({
            suggestedMs: z.number(),
            inForceMs: z.number().optional(),
            rttMs: z.number(),
            roundTrips: z.number(),
            meanLoss: z.number(),
            worstLoss: z.number(),
            dropped: z.number(),
            verdict: z.enum(['too-short', 'short', 'enough', 'enough-yet-dropped', 'unknown']),
          })
          .optional()
          .describe('Absent while less than a minute was measured'),
      })
      .optional()
      .describe('Of links of SRT alone'),
  })
  .openapi('EndNow');

const fieldList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(names)).min(1).max(names.length))
  .describe(`Names with commas between: ${names.join(', ')}`);

const list = z.array(z.number().nullable());

const seriesSchema = z
  .object({
    from: z.number(),
    stepMs: z.number().describe('Value i of a column is of the time from + i * stepMs'),
    columns: z.array(
      z.object({
        field: z.enum(names),
        unit: z.string(),
        values: list.describe('Of a thinned level the mean, of a count the sum; null: not known'),
        low: list.optional().describe('Of a thinned level: the lowest second of each point'),
        high: list.optional(),
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
/** Of an answer that is made as text elsewhere: its shape is told, and not checked by types. */
const asText = (responses: RouteConfig['responses']): RouteConfig['responses'] => responses;

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
    responses: asText(json(seriesSchema)),
  }),
  totals: createRoute({
    method: 'get',
    path: '/flows/{flowId}/health/totals',
    tags,
    summary: 'Sum up what an endpoint or a track has counted since its last reset',
    security,
    request: { params: flowParam, query: channel },
    responses: json(
      z.object({
        since: z.number().describe('Of the last reset, epoch ms UTC; 0: all that is kept'),
        sums: z.record(z.string(), z.number()).describe('By the name of the figure: docs/health.md'),
      }),
    ),
  }),
  reset: createRoute({
    method: 'post',
    path: '/flows/{flowId}/health/reset',
    tags,
    summary: 'Begin the totals of an endpoint or a track anew; nothing is deleted',
    security,
    request: { params: flowParam, body: body(channel, { pipeline: 'primary', endpoint: 'input' }) },
    responses: {
      ...json(z.object({ since: z.number().describe('Epoch ms UTC') })),
      400: refused('Not JSON'),
      413: refused('Larger than 64 kB'),
      415: refused('Not of type application/json'),
      422: refused('Some fields are wrong'),
      507: refused('The disk cannot be written'),
    },
  }),
  now: createRoute({
    method: 'get',
    path: '/flows/{flowId}/health/now',
    tags,
    summary: 'Tell what was measured of each endpoint just now; one that is absent is not known',
    security,
    request: { params: flowParam },
    responses: json(
      z.object({
        keptDays: z.number(),
        notKeptSince: z.number().optional().describe('Since then the disk takes nothing, epoch ms UTC'),
        ends: z.array(nowSchema),
      }),
    ),
  }),
  channels: createRoute({
    method: 'get',
    path: '/flows/{flowId}/health/channels',
    tags,
    summary: 'List the endpoints and tracks with something in a range',
    security,
    request: { params: flowParam, query: range },
    responses: json(z.object({ channels: z.array(kept) })),
  }),
};

/** Adds the routes to the API, behind its check of keys. */
export function mountHealth(app: OpenAPIHono, flows: Flows, desk: HealthDesk): void {
  app.openapi(routes.read, async (c) => {
    const { id: flowId } = await flows.get(c.req.valid('param').flowId);
    const { pipeline, endpoint, track, ...asked } = c.req.valid('query');
    const place = { flowId, pipeline, endpointId: endpoint, ...(track !== undefined && { track }) };
    // A day of every figure is two million numbers: they are text before they come here, and go out piece by piece.
    const text = await desk.readText({ channel: place, ...asked }, 'json');
    return c.body(inPieces(text), 200, { 'Content-Type': 'application/json' });
  });
  app.openapi(routes.totals, async (c) => {
    const place = placeOf(await flows.get(c.req.valid('param').flowId), c.req.valid('query'));
    const { since, sums } = await desk.totals(place);
    return c.json({ since, sums: { ...sums } }, 200);
  });
  app.openapi(routes.reset, async (c) => {
    const place = placeOf(await flows.get(c.req.valid('param').flowId), c.req.valid('json'));
    return c.json({ since: await desk.reset(place) }, 200);
  });
  app.openapi(routes.now, async (c) => {
    const { id } = await flows.get(c.req.valid('param').flowId);
    const ends = desk.now(id).map(({ pipeline, id: endpoint, values, tracks, latency }) => ({
      pipeline,
      endpoint,
      values,
      tracks,
      latency,
    }));
    return c.json({ keptDays: desk.retentionDays, notKeptSince: desk.failingSince(), ends }, 200);
  });
  app.openapi(routes.channels, async (c) => {
    const { id } = await flows.get(c.req.valid('param').flowId);
    const { from, to } = c.req.valid('query');
    const found = await desk.channels(id, from, to);
    const channels = found.map(({ pipeline, endpointId, track, about, since }) => ({
      pipeline,
      endpoint: endpointId,
      track,
      about,
      since,
    }));
    return c.json({ channels }, 200);
  });
}

/** A Refusal where the flow has no such endpoint: a mark of nothing would be kept for nobody. */
function placeOf({ id, outputs }: Flow, { pipeline, endpoint, track }: z.infer<typeof channel>): HealthChannel {
  if (endpoint !== 'input' && !outputs.some((output) => output.id === endpoint)) throw new Refusal('output-not-found');
  return { flowId: id, pipeline, endpointId: endpoint, ...(track !== undefined && { track }) };
}
