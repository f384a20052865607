/** API keys and scrape tokens: which there are, a new one whose secret is shown once, and the end of one. */
import { Confirm, dialogLink } from './confirm.tsx';
import { FormFrame, TextField } from './fields.tsx';
import { t } from './language.ts';
import { Copyable, Crumbs, Notice, Time } from './layout.tsx';
import type { FormState } from './props.ts';

/** `api-keys` open the whole API, `scrape-tokens` the metrics alone. */
export const keyKinds = ['api-keys', 'scrape-tokens'] as const;
export type KeyKind = (typeof keyKinds)[number];

/** A key as it may be shown. `createdAt` is epoch ms. */
export interface KeyShown {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

export const keysUrl = (kind: KeyKind): string => `/settings/${kind}`;

const titles = { 'api-keys': 'API keys', 'scrape-tokens': 'Scrape tokens' } as const;
const abouts = {
  'api-keys': 'A program sends id and secret by HTTP Basic, or signs with them, and may then do what an operator may.',
  'scrape-tokens': 'A monitoring system sends one as Bearer and may read the metrics, and nothing else.',
} as const;

export const keysTitle = (kind: KeyKind): string => t(titles[kind]);

const Trail = ({ kind }: { kind?: KeyKind }) => (
  <Crumbs
    trail={[
      { href: '/settings', name: t('Settings') },
      ...(kind ? [{ href: keysUrl(kind), name: keysTitle(kind) }] : []),
    ]}
  />
);

export const KeysPage = ({ kind, keys }: { kind: KeyKind; keys: readonly KeyShown[] }) => (
  <>
    <Trail />
    <div class="head">
      <div>
        <h1>{keysTitle(kind)}</h1>
        <p class="meta">{t(abouts[kind])}</p>
      </div>
      <a class="button primary" id="create-key" href={`${keysUrl(kind)}/new`}>
        {t('Create')}
      </a>
    </div>
    <section class="card" aria-label={keysTitle(kind)}>
      {keys.length === 0 && <p class="empty">{t('There is none yet.')}</p>}
      <ul class="relays keys">
        {keys.map((key) => (
          <Key kind={kind} of={key} isLast={kind === 'api-keys' && keys.length === 1} />
        ))}
      </ul>
    </section>
  </>
);

const Key = ({ kind, of: { id, name, createdAt }, isLast }: { kind: KeyKind; of: KeyShown; isLast: boolean }) => {
  const href = `${keysUrl(kind)}/${encodeURIComponent(id)}/remove`;
  return (
    <li>
      <div>
        <h2>{name || t('Without a name')}</h2>
        <code>{id}</code>
      </div>
      <p class="meta">
        {t('Created')} <Time at={createdAt} />
      </p>
      {isLast ? (
        <p class="hint" id={`locked-${id}`}>
          {t('The last key cannot be removed. Create another one first.')}
        </p>
      ) : (
        <span />
      )}
      {isLast ? (
        <button type="button" class="button small" disabled aria-describedby={`locked-${id}`}>
          {t('Remove')}
        </button>
      ) : (
        <a class="button small" id={`remove-${id}`} href={href} {...dialogLink(href)}>
          {t('Remove')}
          <span class="sr"> {name || id}</span>
        </a>
      )}
    </li>
  );
};

export const NewKeyPage = ({ kind, form }: { kind: KeyKind; form: FormState }) => (
  <section class="form-page">
    <Trail kind={kind} />
    <h1>{t(kind === 'api-keys' ? 'Create API key' : 'Create scrape token')}</h1>
    <NewKeyForm kind={kind} form={form} />
  </section>
);

/** Without htmx: what is made is shown in the answer itself, and nowhere else. */
export const NewKeyForm = ({ kind, form }: { kind: KeyKind; form: FormState }) => (
  <FormFrame form={form} action={`${keysUrl(kind)}/new`} back={keysUrl(kind)} submit={t('Create')}>
    <section class="card step">
      <TextField
        form={form}
        name="name"
        label={t('Name')}
        hint={t('Who uses it, so that it can be removed with an easy mind.')}
        required
        maxlength={64}
      />
    </section>
  </FormFrame>
);

/** `id` is absent where the secret alone is sent. */
export const MadeKey = ({ kind, name, id, secret }: { kind: KeyKind; name: string; id?: string; secret: string }) => (
  <section class="card narrow message" id="made-key">
    <h1>{t('“{name}” is made', { name })}</h1>
    <Notice tone="warn">{t('The secret is shown this once only. Copy it now.')}</Notice>
    {id !== undefined && (
      <div>
        <span class="label">{t('Id')}</span> <Copyable id="key-id" text={id} label={t('id')} />
      </div>
    )}
    <div>
      <span class="label">{t('Secret')}</span> <Copyable id="key-secret" text={secret} label={t('secret')} />
    </div>
    <a class="button primary" id="key-done" href={keysUrl(kind)}>
      {t('I have copied it')}
    </a>
  </section>
);

export const RemoveKeyPage = ({ kind, of, refusal }: { kind: KeyKind; of: KeyShown; refusal?: string }) => (
  <Confirm
    title={t('Remove “{name}”?', { name: of.name || of.id })}
    action={`${keysUrl(kind)}/${encodeURIComponent(of.id)}/remove`}
    verb={t('Remove')}
    back={keysUrl(kind)}
    refusal={refusal}
  >
    <p>{t('Whoever uses {id} is refused from then on. It cannot be brought back.', { id: of.id })}</p>
  </Confirm>
);
