/** The pages of webhooks: made, edited, tested, and what was sent to them. */
import type { Context, Hono } from 'hono';
import type { FormState } from '../../web/views/props.ts';
import {
  DeleteWebhookPage,
  Deliveries,
  NewWebhookPage,
  RenewSecretPage,
  SecretCard,
  WebhookForm,
  WebhookPage,
  WebhooksPage,
} from '../../web/views/webhooks.tsx';
import { alarmKinds, webhookDraftSchema, webhookEditSchema } from '../alarm-drafts.ts';
import { kindOf } from '../alarm-kinds.ts';
import { parseDraft } from '../drafts.ts';
import { Refusal } from '../refusal.ts';
import { freshForm, type Page, refusedForm, statusOf } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import { readForm, type Values } from './console-drafts.ts';
import { submit } from './console-forms.tsx';
import { alarmsLivePath } from './live-paths.ts';

const HOOKS = '/alarms/webhooks';
const kinds = alarmKinds.map((kind) => ({ kind, name: kindOf(kind).name }));

export function mountWebhookPages(app: Hono, desk: Desk): void {
  app.get(HOOKS, (c) =>
    desk.answer(c, { title: 'Webhooks', body: <WebhooksPage webhooks={desk.webhooks.list()} />, live: alarmsLivePath }),
  );
  mountNew(app, desk);
  mountOne(app, desk);
  mountQuestions(app, desk);
}

function mountNew(app: Hono, { webhooks, answer }: Desk): void {
  const page = (form: FormState): Page => {
    const props = { form, kinds };
    return { title: 'Create webhook', body: <NewWebhookPage {...props} />, fragment: <WebhookForm {...props} /> };
  };
  app.get(`${HOOKS}/new`, (c) => answer(c, page(freshForm({ name: '', url: '', enabled: 'on' }))));
  app.post(`${HOOKS}/new`, async (c) => {
    const typed = await readForm(c);
    try {
      const made = await webhooks.create(parseDraft(webhookDraftSchema, fieldsOf(typed)));
      // No redirect: the secret is in no address and in no second answer.
      return await answer(c, { title: 'Secret', body: <SecretCard {...made} /> });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return answer(c, { ...page(refusedForm(typed, error)), status: statusOf(error) });
    }
  });
}

function mountOne(app: Hono, desk: Desk): void {
  const { webhooks, answer } = desk;
  const page = async (id: string, form: FormState, refusal?: string): Promise<Page> => {
    const webhook = webhooks.get(id);
    const props = { form, kinds, webhook, refusal, deliveries: await webhooks.deliveries(id) };
    const fragment = <WebhookForm {...props} />;
    return { title: webhook.name, body: <WebhookPage {...props} />, fragment, live: alarmsLivePath };
  };
  app.get(`${HOOKS}/:id`, async (c) => {
    const id = c.req.param('id');
    return answer(c, await page(id, freshForm(valuesOf(webhooks.get(id)))));
  });
  app.get(`${HOOKS}/:id/deliveries`, async (c) => {
    const { id, name } = webhooks.get(c.req.param('id'));
    const body = <Deliveries webhookId={id} deliveries={await webhooks.deliveries(id)} />;
    return answer(c, { title: `Deliveries to ${name}`, body });
  });
  app.post(`${HOOKS}/:id`, (c) =>
    submit(c, desk, {
      act: async (form) => {
        await webhooks.edit(c.req.param('id'), parseDraft(webhookEditSchema, fieldsOf(form)));
        return `${HOOKS}/${c.req.param('id')}`;
      },
      again: (form) => page(c.req.param('id'), form),
    }),
  );
  app.post(`${HOOKS}/:id/test`, (c) =>
    submit(c, desk, {
      act: async () => {
        await webhooks.test(c.req.param('id'));
        return `${HOOKS}/${c.req.param('id')}#deliveries`;
      },
      again: ({ refusal }) => page(c.req.param('id'), freshForm(valuesOf(webhooks.get(c.req.param('id')))), refusal),
    }),
  );
}

function mountQuestions(app: Hono, desk: Desk): void {
  const { webhooks, answer } = desk;
  const askDelete = (c: Context, refusal?: string): Page => {
    const webhook = webhooks.get(c.req.param('id') ?? '');
    return { title: `Delete ${webhook.name}`, body: <DeleteWebhookPage webhook={webhook} refusal={refusal} /> };
  };
  app.get(`${HOOKS}/:id/delete`, (c) => answer(c, askDelete(c)));
  app.post(`${HOOKS}/:id/delete`, (c) =>
    submit(c, desk, {
      act: async () => {
        await webhooks.remove(c.req.param('id'));
        return HOOKS;
      },
      again: ({ refusal }) => askDelete(c, refusal),
    }),
  );
  app.get(`${HOOKS}/:id/secret`, (c) => {
    const webhook = webhooks.get(c.req.param('id'));
    return answer(c, { title: `New secret for ${webhook.name}`, body: <RenewSecretPage webhook={webhook} /> });
  });
  app.post(`${HOOKS}/:id/secret`, async (c) => {
    const id = c.req.param('id');
    const secret = await webhooks.renewSecret(id);
    return answer(c, { title: 'Secret', body: <SecretCard webhook={webhooks.get(id)} secret={secret} /> });
  });
}

/** None ticked, or all: every kind. */
function fieldsOf(form: Values) {
  const ticked = alarmKinds.filter((kind) => form[`kind.${kind}`] === 'on');
  const isAll = ticked.length === 0 || ticked.length === alarmKinds.length;
  return {
    name: form['name'] ?? '',
    url: (form['url'] ?? '').trim(),
    kinds: isAll ? null : ticked,
    enabled: form['enabled'] === 'on',
  };
}

const valuesOf = ({ name, url, kinds: told, enabled }: ReturnType<Desk['webhooks']['get']>): Values => ({
  name,
  url,
  enabled: enabled ? 'on' : 'off',
  ...Object.fromEntries((told ?? []).map((kind) => [`kind.${kind}`, 'on'])),
});
