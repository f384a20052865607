/** The same order to the flows that were ticked in the list: asked first, done, and told flow by flow. */
import type { Hono } from 'hono';
import { SelectedPage, SelectedResult, type SelectedVerb, selectedVerbs } from '../../web/views/selected.tsx';
import { t } from '../../web/views/language.ts';
import { runBatch } from '../batch.ts';
import type { LiveFlow } from '../monitor.ts';
import type { Desk } from './console-desk.ts';

/** Two pages of the list. */
const MOST_FLOWS = 200;

export function mountSelected(app: Hono, desk: Desk): void {
  app.get('/flows/selected', async (c) => {
    const verb = verbOf(c.req.query('do'));
    const views = await viewsOf(desk, c.req.queries('flow') ?? []);
    return desk.answer(c, { title: t('Selected flows'), body: <SelectedPage verb={verb} views={views} /> });
  });
  app.post('/flows/selected', async (c) => {
    const form = await c.req.formData();
    const verb = verbOf(textOf(form.get('do')));
    const ids = idsOf(form.getAll('flow').map(textOf));
    const names = new Map((await desk.flows.list()).map(({ id, name }) => [id, name]));
    const results = await runBatch(desk.flows, { action: verb, flows: ids.map((id) => ({ id })) });
    return desk.answer(c, {
      title: t('Selected flows'),
      body: (
        <SelectedResult
          verb={verb}
          results={results.map(({ id, refusal }) => ({ id, name: names.get(id), refusal: refusal?.message }))}
        />
      ),
    });
  });
}

/** In the order of the list that was asked from; those that are gone by now are left out. */
async function viewsOf({ flows, monitor }: Desk, asked: readonly string[]): Promise<readonly LiveFlow[]> {
  const all = new Map((await flows.list()).map((flow) => [flow.id, flow]));
  return idsOf(asked).flatMap((id) => {
    const flow = all.get(id);
    return flow ? [monitor.live(flow)] : [];
  });
}

const idsOf = (asked: readonly string[]): readonly string[] => [...new Set(asked)].slice(0, MOST_FLOWS);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What no button of ours says asks for nothing that destroys. */
const verbOf = (said: string | undefined): SelectedVerb => selectedVerbs.find((verb) => verb === said) ?? 'start';
