/** Copies and files in the console: duplicate, export, import. Plain forms, which need no script. */
import type { Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { ExportPage, ImportedPage, ImportPage } from '../../web/views/transfer.tsx';
import { tabUrl } from '../../web/views/props.ts';
import { parseDraft } from '../drafts.ts';
import { Refusal } from '../refusal.ts';
import { exportFlows, exportSchema, importFlows, importSchema } from '../transfer.ts';
import { statusOf } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import { readForm, type Values } from './console-drafts.ts';

/** Where the console takes files in: larger than a form may be. */
export const IMPORT_PATH = '/flows/import';
const EXPORT_PATH = '/flows/export';

/** Before the pages of a flow, whose id could be any word. */
export function mountTransfer(app: Hono, desk: Desk): void {
  app.post('/flows/:id/duplicate', async (c) => {
    const { id } = await desk.flows.duplicate(c.req.param('id'));
    return c.redirect(tabUrl(id, 'information'), 303);
  });
  mountExport(app, desk);
  mountImport(app, desk);
}

function mountExport(app: Hono, desk: Desk): void {
  const ask = async (c: Context, refusal?: Refusal) => {
    const flow = c.req.param('id') === undefined ? undefined : (await desk.look(c)).flow;
    const action = flow ? `/flows/${flow.id}/export` : EXPORT_PATH;
    const words = refusal && (refusal.faults[0]?.message ?? refusal.message);
    const body = <ExportPage flow={flow} action={action} refusal={words} />;
    return desk.answer(c, { title: 'Export', body, status: refusal && statusOf(refusal) });
  };
  const give = async (c: Context) => {
    const typed = (await readForm(c))['passphrase'];
    const id = c.req.param('id');
    try {
      const wish = parseDraft(exportSchema, {
        ...(typed && { passphrase: typed }),
        ...(id !== undefined && { flowIds: [id] }),
      });
      const file = await exportFlows(desk.flows, wish, Date.now());
      const name = `streamlink-${id ?? 'flows'}-${new Date(file.exportedAt).toISOString().slice(0, 10)}.json`;
      return c.body(`${JSON.stringify(file, null, 2)}\n`, 200, {
        'content-type': 'application/json',
        'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`,
      });
    } catch (error) {
      if (error instanceof Refusal && error.kind !== 'missing') return ask(c, error);
      throw error;
    }
  };
  for (const path of [EXPORT_PATH, '/flows/:id/export']) {
    app.get(path, (c) => ask(c));
    app.post(path, give);
  }
}

function mountImport(app: Hono, desk: Desk): void {
  const ask = (c: Context, refusal?: Refusal) => {
    const body = <ImportPage action={IMPORT_PATH} refusal={refusal?.message} faults={refusal?.faults} />;
    return desk.answer(c, { title: 'Import', body, status: refusal && statusOf(refusal) });
  };
  app.get(IMPORT_PATH, (c) => ask(c));
  app.post(IMPORT_PATH, async (c) => {
    try {
      const { file, typed } = await readFileForm(c);
      const { passphrase, names, keepPorts, dryRun } = typed;
      const wish = parseDraft(importSchema, {
        file,
        ...(passphrase && { passphrase }),
        names,
        keepPorts: keepPorts === 'on',
        dryRun: dryRun === 'on',
      });
      const made = await importFlows(desk.flows, wish);
      const lines = made.map(({ name, flow, refusal, notes }) => ({
        name,
        notes,
        flowId: flow?.id,
        refusal: refusal?.message,
      }));
      return await desk.answer(c, { title: 'Import', body: <ImportedPage dryRun={wish.dryRun} lines={lines} /> });
    } catch (error) {
      if (error instanceof Refusal && error.kind !== 'missing') return ask(c, error);
      throw error;
    }
  });
}

/** What is no JSON is no file of ours, and the schema says so. */
async function readFileForm(c: Context): Promise<{ file: unknown; typed: Values }> {
  const form = await c.req.formData().catch(() => undefined);
  if (!form) throw new HTTPException(400, { message: 'This is no form.' });
  const sent = form.get('file');
  const typed = Object.fromEntries(
    [...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  return { file: jsonOf(sent instanceof File ? await sent.text() : ''), typed };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
