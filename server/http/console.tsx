/** The console: pages and htmx fragments. No rule is here; what may be done is said by flows, what is true by monitor. */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, setCookie } from 'hono/cookie';
import { StopPage, DeleteFlowPage } from '../../web/views/confirm.tsx';
import { FlowListPage } from '../../web/views/flow-list.tsx';
import { FlowDetailsPage, FlowHead, TabView } from '../../web/views/flow.tsx';
import { LoginPage } from '../../web/views/login.tsx';
import { type FlowPage, type Tab, tabs, tabUrl } from '../../web/views/props.ts';
import { Refusal } from '../refusal.ts';
import { createAnswer, moveOn, refusalPage, statusOf } from './console-answers.tsx';
import type { ConsoleDeps, Desk } from './console-desk.ts';
import { readForm } from './console-drafts.ts';
import { mountForms } from './console-forms.tsx';
import { cookieName, openSession, ownPath, pageHeaders, requireSession, sameOrigin } from './guard.ts';
import { flowLivePath, listLivePath } from './live-paths.ts';

const MAX_FORM_BYTES = 64 * 1024;

/** Only these paths are the console's: its guards must not stand before the doors of others. */
const guarded = ['/', '/flows', '/flows/*', '/logout'] as const;

export function createConsole(deps: ConsoleDeps): Hono {
  const desk: Desk = {
    ...deps,
    answer: createAnswer(deps.version),
    look: async (c) => deps.monitor.live(await deps.flows.get(c.req.param('id') ?? '')),
  };
  const app = new Hono();
  for (const path of [...guarded, '/login'])
    app.use(path, pageHeaders(deps.secureCookies), sameOrigin(), bodyLimit({ maxSize: MAX_FORM_BYTES }));
  for (const path of guarded) app.use(path, requireSession(deps));
  app.onError((error, c) => {
    if (error instanceof Refusal) return desk.answer(c, refusalPage(error));
    throw error;
  });
  mountDoor(app, desk);
  mountList(app, desk);
  mountForms(app, desk);
  mountDetails(app, desk);
  mountActions(app, desk);
  return app;
}

function mountDoor(app: Hono, desk: Desk): void {
  const { sessions, secureCookies } = desk;
  const cookie = cookieName(secureCookies);
  const attributes = { httpOnly: true, sameSite: 'Lax', path: '/', secure: secureCookies } as const;
  app.get('/login', async (c) => {
    const next = ownPath(c.req.query('next') ?? '/');
    if (await openSession(c, desk)) return c.redirect(next, 303);
    return desk.answer(c, { title: 'Log in', body: <LoginPage next={next} />, signedIn: false });
  });
  app.post('/login', async (c) => {
    const form = await readForm(c);
    const next = ownPath(form['next'] ?? '/');
    const result = await sessions.login(form['password'] ?? '', desk.addressOf(c));
    if (!result.ok) return refuseLogin(c, desk, next, result.retryAfterSeconds);
    setCookie(c, cookie, result.token, attributes);
    return c.redirect(next, 303);
  });
  app.post('/logout', async (c) => {
    const token = await openSession(c, desk);
    if (token) await sessions.logout(token);
    deleteCookie(c, cookie, attributes);
    return c.redirect('/login', 303);
  });
}

function refuseLogin(c: Context, desk: Desk, next: string, retryAfterSeconds?: number): Response | Promise<Response> {
  const message =
    retryAfterSeconds === undefined
      ? 'Wrong password.'
      : `Too many wrong passwords from your address. Try again in ${Math.ceil(retryAfterSeconds)} s.`;
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(Math.ceil(retryAfterSeconds)));
  const body = <LoginPage next={next} message={message} />;
  return desk.answer(c, {
    title: 'Log in',
    body,
    status: retryAfterSeconds === undefined ? 401 : 429,
    signedIn: false,
  });
}

function mountList(app: Hono, { flows, monitor, answer }: Desk): void {
  app.get('/', async (c) => {
    const views = (await flows.list()).map((flow) => monitor.live(flow));
    const regionId = c.req.query('region');
    const body = <FlowListPage flows={views} regions={flows.regions()} regionId={regionId} />;
    return answer(c, { title: 'Flows', body, live: listLivePath(regionId) });
  });
  app.get('/flows', (c) => c.redirect('/', 303));
}

function mountDetails(app: Hono, desk: Desk): void {
  for (const tab of tabs)
    app.get(tabUrl(':id', tab), async (c) => desk.answer(c, detailsPage(await pageOf(c, desk), tab)));
}

const detailsPage = (page: FlowPage, tab: Tab, refusal?: Refusal) => ({
  title: page.flow.name,
  body: <FlowDetailsPage page={page} tab={tab} refusal={refusal?.message} />,
  fragment: <TabView page={page} tab={tab} />,
  live: flowLivePath(page),
});

/** Start, stop and delete. Start answers htmx with the head of the page; the others are asked on a page first. */
function mountActions(app: Hono, desk: Desk): void {
  const { flows, answer } = desk;
  app.post('/flows/:id/start', async (c) => {
    const tab = tabOf((await readForm(c))['tab']);
    const refusal = await refusalOf(() => flows.start(c.req.param('id')));
    const page = await pageOf(c, desk);
    const fragment = <FlowHead page={page} tab={tab} refusal={refusal?.message} />;
    if (refusal) return answer(c, { ...detailsPage(page, tab, refusal), fragment, status: statusOf(refusal) });
    return c.req.header('HX-Request')
      ? answer(c, { title: page.flow.name, body: fragment })
      : c.redirect(tabUrl(page.flow.id, tab), 303);
  });
  app.get('/flows/:id/stop', async (c) => {
    const view = await desk.look(c);
    return answer(c, { title: `Stop ${view.flow.name}`, body: <StopPage view={view} /> });
  });
  app.post('/flows/:id/stop', async (c) => {
    const refusal = await refusalOf(() => flows.stop(c.req.param('id')));
    if (!refusal) return moveOn(c, tabUrl(c.req.param('id'), 'information'));
    const view = await desk.look(c);
    const body = <StopPage view={view} refusal={refusal.message} />;
    return answer(c, { title: `Stop ${view.flow.name}`, body, status: statusOf(refusal) });
  });
  app.get('/flows/:id/delete', async (c) => {
    const view = await desk.look(c);
    return answer(c, { title: `Delete ${view.flow.name}`, body: <DeleteFlowPage view={view} /> });
  });
  app.post('/flows/:id/delete', async (c) => {
    const refusal = await refusalOf(() => flows.delete(c.req.param('id')));
    if (!refusal) return moveOn(c, '/');
    const view = await desk.look(c);
    const body = <DeleteFlowPage view={view} refusal={refusal.message} />;
    return answer(c, { title: `Delete ${view.flow.name}`, body, status: statusOf(refusal) });
  });
}

async function pageOf(c: Context, desk: Desk): Promise<FlowPage> {
  return { ...(await desk.look(c)), publicHost: desk.publicHost, regions: desk.flows.regions() };
}

const tabOf = (value: string | undefined): Tab => tabs.find((tab) => tab === value) ?? 'information';

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
