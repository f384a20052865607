/** The same order to the flows that were ticked in the list: asked first, done, and told flow by flow. */
import type { Hono } from 'hono';
import { SelectedPage, SelectedResult, type SelectedVerb, selectedVerbs } from '../../web/views/selected.tsx';
import { t } from '../../web/views/language.ts';
import type { Flows } from '../flows.ts';
import type { LiveFlow } from '../monitor.ts';
import { Refusal } from '../refusal.ts';
import { orRefusal } from './console-answers.tsx';
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
    const results = await runAll(desk.flows, verb, ids);
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

interface Done {
  readonly id: string;
  readonly refusal?: Refusal;
}

/** One that is refused does not hold up the others. Rules run in turn; it is the waiting for relays that goes on side by side. */
const runAll = (flows: Flows, verb: SelectedVerb, ids: readonly string[]): Promise<Done[]> =>
  Promise.all(
    ids.map(async (id) => {
      const answer = await orRefusal<unknown>(() => flows[verb](id));
      return answer instanceof Refusal ? { id, refusal: answer } : { id };
    }),
  );

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
