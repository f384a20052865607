/** The console: pages and htmx fragments. No rule is here; what may be done is said by flows, what is true by monitor. */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deleteCookie, setCookie } from 'hono/cookie';
import { LoginPage } from '../../web/views/login.tsx';
import { t } from '../../web/views/language.ts';
import { Refusal } from '../refusal.ts';
import { mountActions } from './console-actions.tsx';
import { mountAlarmPages } from './console-alarms.tsx';
import { createAnswer, refusalPage } from './console-answers.tsx';
import type { ConsoleDeps, Desk } from './console-desk.ts';
import { mountDetails } from './console-details.tsx';
import { readForm } from './console-drafts.ts';
import { mountForms } from './console-forms.tsx';
import { mountHealthTab } from './console-health.tsx';
import { keepLanguage, speak } from './console-language.ts';
import { mountList } from './console-list.tsx';
import { mountLogTab } from './console-log.tsx';
import { mountKeys } from './console-keys.tsx';
import { mountSettings } from './console-settings.tsx';
import { mountPreview } from './console-preview.ts';
import { mountSelected } from './console-selected.tsx';
import { IMPORT_PATH, mountTransfer } from './console-transfer.tsx';
import { cookieName, openSession, ownPath, pageHeaders, requireSession, sameOrigin } from './guard.ts';

const MAX_FORM_BYTES = 64 * 1024;
/** A file of flows. */
const MAX_FILE_BYTES = 8_000_000;

const usual = bodyLimit({ maxSize: MAX_FORM_BYTES });
const ofFiles = bodyLimit({ maxSize: MAX_FILE_BYTES });
const limitOf = (path: string) => (path === IMPORT_PATH ? ofFiles : usual);

/** Only these paths are the console's: its guards must not stand before the doors of others. */
const guarded = [
  '/',
  '/flows',
  '/flows/*',
  '/preview/*',
  '/alarms',
  '/alarms/*',
  '/settings',
  '/settings/*',
  '/logout',
] as const;

export function createConsole(deps: ConsoleDeps): Hono {
  const desk: Desk = {
    ...deps,
    flows: deps.flows.by({ way: 'console' }),
    answer: createAnswer(deps.version, () => deps.alarms.firing().length),
    look: async (c) => deps.monitor.live(await deps.flows.get(c.req.param('id') ?? '')),
  };
  const app = new Hono();
  const headers = pageHeaders(deps.secureCookies);
  for (const path of [...guarded, '/login', '/language'])
    app.use(path, headers, sameOrigin(), speak(), (c, next) => limitOf(c.req.path)(c, next));
  for (const path of guarded) app.use(path, requireSession(deps));
  app.onError((error, c) => {
    if (error instanceof Refusal) return desk.answer(c, refusalPage(error));
    throw error;
  });
  mountDoor(app, desk);
  mountLanguage(app, desk);
  mountList(app, desk);
  mountSelected(app, desk);
  mountTransfer(app, desk);
  mountForms(app, desk);
  mountDetails(app, desk);
  mountHealthTab(app, desk);
  mountLogTab(app, desk);
  mountActions(app, desk);
  mountPreview(app, desk);
  mountSettings(app, desk);
  mountKeys(app, desk);
  mountAlarmPages(app, desk);
  return app;
}

function mountDoor(app: Hono, desk: Desk): void {
  const { sessions, secureCookies } = desk;
  const cookie = cookieName(secureCookies);
  const attributes = { httpOnly: true, sameSite: 'Lax', path: '/', secure: secureCookies } as const;
  app.get('/login', async (c) => {
    const next = ownPath(c.req.query('next') ?? '/');
    if (await openSession(c, desk)) return c.redirect(next, 303);
    return desk.answer(c, { title: t('Log in'), body: <LoginPage next={next} />, signedIn: false });
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

/** Back to the page that the choice was made on, which then speaks the other language. */
function mountLanguage(app: Hono, { secureCookies }: Desk): void {
  app.post('/language', async (c) => {
    keepLanguage(c, (await readForm(c))['language'], secureCookies);
    const from = c.req.header('Referer') ?? '';
    const { pathname, search } = URL.canParse(from) ? new URL(from) : { pathname: '/', search: '' };
    return c.redirect(ownPath(pathname + search), 303);
  });
}

function refuseLogin(c: Context, desk: Desk, next: string, retryAfterSeconds?: number): Response | Promise<Response> {
  const message =
    retryAfterSeconds === undefined
      ? t('Wrong password.')
      : t('Too many attempts. Try again in {seconds} s.', { seconds: Math.ceil(retryAfterSeconds) });
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(Math.ceil(retryAfterSeconds)));
  const body = <LoginPage next={next} message={message} />;
  return desk.answer(c, {
    title: t('Log in'),
    body,
    status: retryAfterSeconds === undefined ? 401 : 429,
    signedIn: false,
  });
}
