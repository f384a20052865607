/** What keeps the console to its own pages: the check against foreign forms, the headers, the session. */
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import type { Sessions } from '../sessions.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** `__Host-` ties the cookie to this very host, which browsers grant only over TLS. */
export const cookieName = (secureCookies: boolean): string => (secureCookies ? '__Host-sid' : 'sid');

/** htmx asks for a fragment. A page from its history asks for the whole, though htmx asks for it too. */
export const wantsFragment = (c: Context): boolean => c.req.header('HX-Request-Type') === 'partial';

/** True when the browser names this very host as the origin. `Origin: null` names nobody. */
export function isOwnOrigin(c: Context): boolean {
  const origin = c.req.header('Origin');
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === c.req.header('Host');
}

/**
 * Refuses what another site's page may have sent in the operator's name.
 * Browsers leave out Sec-Fetch-Site on plain http, so that Origin decides there; with neither, nothing is trusted.
 */
export const sameOrigin = (): MiddlewareHandler => async (c, next) => {
  if (safeMethods.has(c.req.method)) return next();
  const site = c.req.header('Sec-Fetch-Site');
  if (site === undefined ? isOwnOrigin(c) : site === 'same-origin') return next();
  return c.text('This request did not come from a page of this console. Open the console and try again.', 403);
};

/** A strict policy: nothing inline, nothing foreign. Pages are never cached, and differ for htmx. */
export const pageHeaders = (secureCookies: boolean): MiddlewareHandler => {
  const secure = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      mediaSrc: ["'self'", 'blob:'],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'same-origin',
    strictTransportSecurity: secureCookies,
  });
  return async (c, next) => {
    await secure(c, next);
    c.header('Cache-Control', 'no-store');
    c.header('Vary', 'HX-Request-Type, Accept-Language, Cookie');
  };
};

export interface SessionGuard {
  readonly sessions: Sessions;
  readonly secureCookies: boolean;
}

/** The caller's session token, if it is open. */
export async function openSession(c: Context, { sessions, secureCookies }: SessionGuard): Promise<string | undefined> {
  const token = getCookie(c, cookieName(secureCookies));
  return token && (await sessions.isOpen(token)) ? token : undefined;
}

/** Lets in who has logged in; sends everybody else to the door, and afterwards back to where they were. */
export const requireSession =
  (guard: SessionGuard): MiddlewareHandler =>
  async (c, next) => {
    if (await openSession(c, guard)) return next();
    const login = `/login?next=${encodeURIComponent(pageOf(c))}`;
    return c.req.header('HX-Request') ? c.body(null, 401, { 'HX-Redirect': login }) : c.redirect(login, 303);
  };

/** A path of this console, or its front page: never a way to another site. Browsers read `\` as `/`. */
export const ownPath = (path: string): string => (/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(path) ? path : '/');

/** The page that the operator sees, by its path: htmx names it, since its own request may be for a part. */
function pageOf(c: Context): string {
  const seen = c.req.header('HX-Current-URL') ?? (c.req.method === 'GET' ? c.req.url : undefined);
  if (seen === undefined || !URL.canParse(seen)) return '/';
  const { pathname, search } = new URL(seen);
  return ownPath(pathname + search);
}
