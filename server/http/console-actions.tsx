/** What is done to a flow: start, stop, delete, switch. Start answers htmx with the head of the page; the others ask first. */
import type { Context, Hono } from 'hono';
import { DeleteFlowPage, StopPage, SwitchPage } from '../../web/views/confirm.tsx';
import { FlowHead } from '../../web/views/flow.tsx';
import { tabUrl } from '../../web/views/props.ts';
import { t } from '../../web/views/language.ts';
import { parseDraft, switchSchema } from '../drafts.ts';
import { Refusal } from '../refusal.ts';
import { moveOn, statusOf } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import { detailsPage, pageOf, tabOf } from './console-details.tsx';
import { expectedOf, readForm } from './console-drafts.ts';
import { sayRefusal } from './console-refusals.ts';

export function mountActions(app: Hono, desk: Desk): void {
  mountStart(app, desk);
  mountStop(app, desk);
  mountDelete(app, desk);
  mountSwitch(app, desk);
}

function mountStart(app: Hono, desk: Desk): void {
  const { flows, answer } = desk;
  app.post('/flows/:id/start', async (c) => {
    const tab = tabOf((await readForm(c))['tab']);
    const refusal = await refusalOf(() => flows.start(c.req.param('id')));
    const page = await pageOf(c, desk);
    const fragment = <FlowHead page={page} tab={tab} refusal={refusal && sayRefusal(refusal)} />;
    if (refusal) return answer(c, { ...detailsPage(page, tab, refusal), fragment, status: statusOf(refusal) });
    return c.req.header('HX-Request')
      ? answer(c, { title: page.flow.name, body: fragment })
      : c.redirect(tabUrl(page.flow.id, tab), 303);
  });
}

function mountStop(app: Hono, desk: Desk): void {
  const ask = async (c: Context, refusal?: Refusal) => {
    const view = await desk.look(c);
    const body = <StopPage view={view} refusal={refusal && sayRefusal(refusal)} />;
    return desk.answer(c, {
      title: t('Stop {name}', { name: view.flow.name }),
      body,
      status: refusal && statusOf(refusal),
    });
  };
  app.get('/flows/:id/stop', (c) => ask(c));
  app.post('/flows/:id/stop', async (c) => {
    const refusal = await refusalOf(() => desk.flows.stop(c.req.param('id')));
    return refusal ? ask(c, refusal) : moveOn(c, tabUrl(c.req.param('id'), 'information'));
  });
}

function mountDelete(app: Hono, desk: Desk): void {
  const ask = async (c: Context, refusal?: Refusal) => {
    const view = await desk.look(c);
    const body = <DeleteFlowPage view={view} refusal={refusal && sayRefusal(refusal)} />;
    return desk.answer(c, {
      title: t('Delete {name}', { name: view.flow.name }),
      body,
      status: refusal && statusOf(refusal),
    });
  };
  app.get('/flows/:id/delete', (c) => ask(c));
  app.post('/flows/:id/delete', async (c) => {
    const expected = expectedOf(await readForm(c));
    const refusal = await refusalOf(() => desk.flows.delete(c.req.param('id'), expected));
    return refusal ? ask(c, refusal) : moveOn(c, '/');
  });
}

function mountSwitch(app: Hono, desk: Desk): void {
  const ask = async (c: Context, sent: unknown, refusal?: Refusal) => {
    const { to } = parseDraft(switchSchema, { to: sent });
    const view = await desk.look(c);
    const body = <SwitchPage view={view} to={to} refusal={refusal && sayRefusal(refusal)} />;
    return desk.answer(c, {
      title: t('Switch {name}', { name: view.flow.name }),
      body,
      status: refusal && statusOf(refusal),
    });
  };
  app.get('/flows/:id/switch', (c) => ask(c, c.req.query('to')));
  app.post('/flows/:id/switch', async (c) => {
    const sent = (await readForm(c))['to'];
    const { to } = parseDraft(switchSchema, { to: sent });
    const refusal = await refusalOf(() => desk.flows.switchTo(c.req.param('id'), to));
    return refusal ? ask(c, to, refusal) : moveOn(c, tabUrl(c.req.param('id'), 'input'));
  });
}

/** The Refusal that an action met, if any. A missing flow is not one that its page could show. */
async function refusalOf(action: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal && error.kind !== 'missing') return error;
    throw error;
  }
}
