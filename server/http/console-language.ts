/** The language of an answer: chosen once by its reader, or asked for by the browser. */
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { chooseLanguage, inLanguage, type Language } from '../../web/views/language.ts';

const COOKIE = 'language';

/** The language that the caller chose, or that the browser asks for. */
export const languageOf = (c: Context): Language =>
  chooseLanguage(getCookie(c, COOKIE), c.req.header('Accept-Language'));

/** Everything that is said in the answer is said in the caller's language. */
export const speak = (): MiddlewareHandler => (c, next) => inLanguage(languageOf(c), next);

/** Keeps the choice for a year. It is no secret. */
export function keepLanguage(c: Context, chosen: string | undefined, secure: boolean): void {
  const attributes = { path: '/', sameSite: 'Lax', httpOnly: true, secure, maxAge: 31_536_000 } as const;
  setCookie(c, COOKIE, chooseLanguage(chosen), attributes);
}
