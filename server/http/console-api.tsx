/** The reference of the JSON API at /api. It shows no data, so that it needs no login. */
import { Hono } from 'hono';
import { ReferencePage } from '../../web/views/reference.tsx';
import type { AlarmDesk } from '../alarms.ts';
import type { ApiDocument } from './api-document.ts';
import { createAnswer } from './console-answers.tsx';
import { speak } from './console-language.ts';
import { referenceOf } from './console-reference.ts';
import { openSession, pageHeaders, type SessionGuard } from './guard.ts';

export interface ApiPageDeps extends SessionGuard {
  readonly document: ApiDocument;
  /** The console's URL where a proxy stands before it. */
  readonly publicUrl: string | undefined;
  readonly alarms: Pick<AlarmDesk, 'firing'>;
  /** Stands in the URLs of static files. */
  readonly assets: string;
}

export function createApiPage(deps: ApiPageDeps): Hono {
  const answer = createAnswer(deps.assets, () => deps.alarms.firing().length);
  const app = new Hono();
  app.use('/api', pageHeaders(deps.secureCookies), speak());
  app.get('/api', async (c) => {
    const origin = new URL(deps.publicUrl ?? c.req.url).origin;
    return answer(c, {
      title: 'API',
      body: <ReferencePage {...referenceOf(deps.document, origin)} />,
      signedIn: (await openSession(c, deps)) !== undefined,
    });
  });
  return app;
}
