/** Many flows at once over the JSON API: orders, copies, files. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Flow } from '../../db/model.ts';
import type { PublicPlaces } from '../addresses.ts';
import { batchSchema, runBatch } from '../batch.ts';
import { duplicateSchema } from '../drafts.ts';
import type { Flows } from '../flows.ts';
import type { Monitor } from '../monitor.ts';
import type { Refusal } from '../refusal.ts';
import { exportFlows, exportSchema, importFlows, importSchema } from '../transfer.ts';
import { fileSchema } from '../transfer-file.ts';
import { problemOf } from './problem.ts';
import { always, body, conflict, flowParam, idempotencyKey, invalid, json, missing, refused } from './rest-answers.ts';
import { actorOf, security, tag, tagged } from './rest-answers.ts';
import { once, type OnceDeps } from './rest-once.ts';
import { flowSchema, problemSchema, toFlowView } from './shapes.ts';

const tags = ['Many flows'];
const { 412: _outdated, ...invalidAnew } = invalid;

const batchResultSchema = z
  .object({
    id: z.string(),
    flow: flowSchema.optional().describe('As it is then; absent where it was refused, or is deleted'),
    problem: problemSchema.optional().describe('Why it was refused'),
  })
  .openapi('BatchResult');

const importedSchema = z
  .object({
    name: z.string(),
    flow: flowSchema.optional().describe('Absent in a dry run, and where it was refused'),
    problem: problemSchema.optional().describe('Why it was refused after all: no port was left, or no disk'),
    notes: z.array(z.string()).describe('What is not as it was where the file comes from'),
  })
  .openapi('ImportedFlow');

const routes = {
  batch: createRoute({
    method: 'post',
    path: '/batch',
    tags,
    summary: 'Start, stop or delete many flows, with a result for each',
    security,
    request: {
      body: body(batchSchema, { action: 'start', flows: [{ id: 'FLOW_ID' }, { id: 'FLOW_ID', revision: 3 }] }),
    },
    responses: {
      200: json(z.object({ results: z.array(batchResultSchema) }), 'In the order of the request'),
      ...always,
      ...invalidAnew,
    },
  }),
  duplicate: createRoute({
    method: 'post',
    path: '/flows/{flowId}/duplicate',
    tags,
    summary: 'Make another flow with the same settings and secrets, on ports of its own',
    security,
    request: {
      params: flowParam,
      headers: idempotencyKey,
      body: body(duplicateSchema, { name: 'News, second channel' }),
    },
    responses: { 201: tagged(flowSchema, 'Created, idle'), ...always, ...missing, ...conflict, ...invalidAnew },
  }),
  export: createRoute({
    method: 'post',
    path: '/export',
    tags,
    summary: 'Export flows as one file; secrets are in it only under a passphrase',
    security,
    request: { body: body(exportSchema, { passphrase: 'a passphrase for this file' }) },
    responses: {
      200: json(fileSchema, 'The file'),
      ...always,
      ...missing,
      ...invalidAnew,
      409: refused('There is no flow'),
    },
  }),
  import: createRoute({
    method: 'post',
    path: '/import',
    tags,
    summary: 'Import flows from a file, after all of it was looked at; 8 MB at most',
    security,
    request: {
      headers: idempotencyKey,
      body: body(importSchema, {
        file: {
          format: 'streamlink-flows',
          version: 1,
          exportedAt: 1_700_000_000_000,
          flows: [
            {
              name: 'News',
              regionId: 'europe',
              maxBitrate: 10_000_000,
              input: { name: 'Camera 1', protocol: 'srt', latencyMs: 120 },
              outputs: [],
            },
          ],
        },
        dryRun: true,
        names: 'rename',
      }),
    },
    responses: {
      200: json(
        z.object({ dryRun: z.boolean(), flows: z.array(importedSchema) }),
        'A result for each flow of the file',
      ),
      ...always,
      ...invalidAnew,
      409: refused('See Idempotency-Key'),
      413: refused('Larger than 8 MB'),
    },
  }),
};

export interface RestTransferDeps extends PublicPlaces, OnceDeps {
  readonly flows: Flows;
  readonly monitor: Monitor;
  /** Epoch ms. */
  readonly now: () => number;
}

export function mountTransfer(app: OpenAPIHono, deps: RestTransferDeps): void {
  const { flows, monitor, now } = deps;
  const shown = ({ flow, refusal }: { readonly flow?: Flow; readonly refusal?: Refusal }) => ({
    ...(flow && { flow: toFlowView(monitor.live(flow), deps) }),
    ...(refusal && { problem: problemOf(refusal) }),
  });
  app.openapi(routes.batch, async (c) => {
    const results = await runBatch(flows.by(actorOf(c)), c.req.valid('json'));
    return c.json({ results: results.map((result) => ({ id: result.id, ...shown(result) })) }, 200);
  });
  app.openapi({ ...routes.duplicate, middleware: [once(deps)] as const }, async (c) => {
    const flow = await flows.by(actorOf(c)).duplicate(c.req.valid('param').flowId, c.req.valid('json').name);
    c.header('location', `/api/v1/flows/${flow.id}`);
    tag(c, flow.revision);
    return c.json(toFlowView(monitor.live(flow), deps), 201);
  });
  app.openapi(routes.export, async (c) => c.json(await exportFlows(flows, c.req.valid('json'), now()), 200));
  app.openapi({ ...routes.import, middleware: [once(deps)] as const }, async (c) => {
    const wish = c.req.valid('json');
    const made = await importFlows(flows.by(actorOf(c)), wish);
    const results = made.map((result) => ({ name: result.name, notes: [...result.notes], ...shown(result) }));
    return c.json({ dryRun: wish.dryRun, flows: results }, 200);
  });
}
