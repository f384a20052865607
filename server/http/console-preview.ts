/** The preview of an input: a ticket for the page that asked, and the stream for whoever brings the ticket. */
import type { Hono } from 'hono';
import { z } from 'zod';
import { pipelines } from '../../relay/contract/settings.ts';
import { t } from '../../web/views/language.ts';
import { Refusal } from '../refusal.ts';
import { statusOf } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import { readForm } from './console-drafts.ts';
import { sayRefusal } from './console-refusals.ts';

const formSchema = z.object({ pipeline: z.enum(pipelines) });

export function mountPreview(app: Hono, { flows, previews }: Desk): void {
  app.post('/flows/:id/preview', async (c) => {
    const form = formSchema.safeParse(await readForm(c));
    if (!form.success) return c.json({ message: t('Say which pipeline: primary or backup.') }, 422);
    try {
      const ticket = previews.open(await flows.get(c.req.param('id')), form.data.pipeline);
      return c.json({ url: `/preview/${ticket}` });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return c.json({ message: sayRefusal(error) }, statusOf(error));
    }
  });
  app.get('/preview/:ticket', (c) =>
    c.body(previews.watch(c.req.param('ticket')), 200, { 'Content-Type': 'video/mp2t' }),
  );
}
