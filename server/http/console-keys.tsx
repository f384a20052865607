/** API keys and scrape tokens in the console: listed, created with the secret shown once, removed after a yes. */
import type { Context, Hono } from 'hono';
import {
  keyKinds,
  type KeyKind,
  KeysPage,
  keysTitle,
  keysUrl,
  MadeKey,
  NewKeyForm,
  NewKeyPage,
  RemoveKeyPage,
} from '../../web/views/keys.tsx';
import { t } from '../../web/views/language.ts';
import type { FormState } from '../../web/views/props.ts';
import { scrapeTokenDraftSchema } from '../alarm-drafts.ts';
import { keyDraftSchema, parseDraft } from '../drafts.ts';
import { Refusal } from '../refusal.ts';
import { freshForm, moveOn, orRefusal, refusedForm, statusOf } from './console-answers.tsx';
import type { Desk } from './console-desk.ts';
import { readForm } from './console-drafts.ts';

interface Made {
  readonly name: string;
  readonly id?: string;
  readonly secret: string;
}

/** What the two kinds have in common. */
interface Keys {
  list(): readonly { readonly id: string; readonly name: string; readonly createdAt: number }[];
  create(typed: unknown): Promise<Made>;
  remove(id: string): Promise<void>;
  readonly missing: 'api-key-not-found' | 'scrape-token-not-found';
}

const keysOf = ({ apiKeys, scrapeTokens }: Desk, kind: KeyKind): Keys =>
  kind === 'api-keys'
    ? {
        list: () => apiKeys.list(),
        create: (typed) => apiKeys.create(parseDraft(keyDraftSchema, typed).name, Date.now()),
        remove: (id) => apiKeys.remove(id),
        missing: 'api-key-not-found',
      }
    : {
        list: () => scrapeTokens.list(),
        create: async (typed) => {
          const { name, token } = await scrapeTokens.create(parseDraft(scrapeTokenDraftSchema, typed).name);
          return { name, secret: token };
        },
        remove: (id) => scrapeTokens.remove(id),
        missing: 'scrape-token-not-found',
      };

export function mountKeys(app: Hono, desk: Desk): void {
  for (const kind of keyKinds) mountKind(app, desk, kind);
}

function mountKind(app: Hono, desk: Desk, kind: KeyKind): void {
  const keys = keysOf(desk, kind);
  const url = keysUrl(kind);
  app.get(url, (c) => desk.answer(c, { title: keysTitle(kind), body: <KeysPage kind={kind} keys={keys.list()} /> }));
  const form = (c: Context, state: FormState, refusal?: Refusal) =>
    desk.answer(c, {
      title: keysTitle(kind),
      body: <NewKeyPage kind={kind} form={state} />,
      fragment: <NewKeyForm kind={kind} form={state} />,
      status: refusal && statusOf(refusal),
    });
  app.get(`${url}/new`, (c) => form(c, freshForm({ name: '' })));
  app.post(`${url}/new`, async (c) => {
    const { name = '' } = await readForm(c);
    const made = await orRefusal(() => keys.create({ name }));
    if (made instanceof Refusal) return form(c, refusedForm({ name }, made), made);
    const { id, secret } = made;
    return desk.answer(c, {
      title: keysTitle(kind),
      body: <MadeKey kind={kind} name={name} id={id} secret={secret} />,
    });
  });
  const ask = (c: Context, refusal?: Refusal) => {
    const of = keys.list().find(({ id }) => id === c.req.param('key'));
    if (!of) throw new Refusal(keys.missing);
    const body = <RemoveKeyPage kind={kind} of={of} refusal={refusal?.message} />;
    return desk.answer(c, { title: t('Remove'), body, status: refusal && statusOf(refusal) });
  };
  app.get(`${url}/:key/remove`, (c) => ask(c));
  app.post(`${url}/:key/remove`, async (c) => {
    const done = await orRefusal(() => keys.remove(c.req.param('key')));
    return done instanceof Refusal ? ask(c, done) : moveOn(c, url);
  });
}
