/** Webhooks: who is told of alarms, what was sent to them, and the secret that is shown once. */
import type { AlarmKind, Delivery, Webhook } from '../../db/model.ts';
import { AlarmFrame } from './alarms.tsx';
import { Confirm, dialogLink } from './confirm.tsx';
import { FormFrame, SwitchField, TextField } from './fields.tsx';
import { Copyable, Crumbs, Notice, Time } from './layout.tsx';
import { Pill } from './live-end.tsx';
import type { FormState } from './props.ts';
import type { Tone } from './status.ts';

export interface WebhookView extends Webhook {
  readonly waiting: number;
}

interface Kind {
  readonly kind: AlarmKind;
  readonly name: string;
}

const hookUrl = (id: string): string => `/alarms/webhooks/${id}`;
const NEW = '/alarms/webhooks/new';

export const WebhooksPage = ({ webhooks }: { webhooks: readonly WebhookView[] }) => (
  <AlarmFrame
    section="webhooks"
    action={
      <a class="button primary" id="create-webhook" href={NEW}>
        Create webhook
      </a>
    }
  >
    <section class="card" aria-labelledby="webhooks-title">
      <h2 id="webhooks-title">Webhooks</h2>
      {webhooks.length === 0 && <p class="empty">Nobody is told: alarms are only shown here.</p>}
      <ul class="alarms">
        {webhooks.map((webhook) => (
          <li>
            <p class="state">
              <Pill tone={toneOf(webhook)} word={stateOf(webhook)} />
              <a href={hookUrl(webhook.id)}>{webhook.name}</a>
            </p>
            <p class="note">
              <code>{webhook.url}</code>
            </p>
          </li>
        ))}
      </ul>
    </section>
  </AlarmFrame>
);

const toneOf = ({ enabled, waiting }: WebhookView): Tone => (!enabled ? 'idle' : waiting > 0 ? 'wait' : 'ok');
const stateOf = ({ enabled, waiting }: WebhookView): string =>
  !enabled ? 'Off' : waiting > 0 ? `${waiting} waiting` : 'On';

export interface WebhookFormProps {
  readonly form: FormState;
  readonly kinds: readonly Kind[];
  readonly webhook?: WebhookView;
}

export const NewWebhookPage = (props: WebhookFormProps) => (
  <section class="form-page">
    <WebhookCrumbs />
    <h1>Create webhook</h1>
    <WebhookForm {...props} />
  </section>
);

export const WebhookForm = ({ form, kinds, webhook }: WebhookFormProps) => (
  <FormFrame
    form={form}
    action={webhook ? hookUrl(webhook.id) : NEW}
    back="/alarms/webhooks"
    submit={webhook ? 'Save' : 'Create'}
  >
    <section class="card step">
      <TextField form={form} name="name" label="Name" required maxlength={64} />
      <TextField
        form={form}
        name="url"
        label="URL"
        required
        maxlength={2048}
        placeholder="https://example.net/streamlink"
        hint="It is called by POST, and redirects are not followed. Link-local and metadata addresses are refused."
      />
      <fieldset class="ticks">
        <legend>Told of</legend>
        {kinds.map(({ kind, name }) => (
          <label>
            <input
              type="checkbox"
              id={`kind-${kind}`}
              name={`kind.${kind}`}
              value="on"
              checked={form.values[`kind.${kind}`] === 'on'}
            />
            <span>{name}</span>
          </label>
        ))}
        <p class="hint">None ticked, or all: of every kind, later ones too.</p>
      </fieldset>
      <SwitchField form={form} name="enabled" label="On" hint="Off, nothing is sent, and what waits is cancelled." />
    </section>
  </FormFrame>
);

const WebhookCrumbs = () => <Crumbs trail={[{ href: '/alarms/webhooks', name: 'Webhooks' }]} />;

/** Right after it was made, and never again. */
export const SecretCard = ({ webhook, secret }: { webhook: Webhook; secret: string }) => (
  <section class="card message">
    <h1>The secret of “{webhook.name}”</h1>
    <Notice tone="warn">It is shown this once only. Give it to the receiver, which checks each message with it.</Notice>
    <p>
      <Copyable id="webhook-secret" text={secret} label="secret" />
    </p>
    <a class="button primary" id="secret-done" href={hookUrl(webhook.id)}>
      Done
    </a>
  </section>
);

export interface WebhookPageProps extends WebhookFormProps {
  readonly webhook: WebhookView;
  /** Newest first. */
  readonly deliveries: readonly Delivery[];
  readonly refusal?: string;
}

export const WebhookPage = (props: WebhookPageProps) => {
  const { webhook } = props;
  return (
    <section class="form-page wide">
      <WebhookCrumbs />
      <div class="head">
        <div>
          <h1>{webhook.name}</h1>
          <p class="verdict">
            <Pill tone={toneOf(webhook)} word={stateOf(webhook)} />
          </p>
        </div>
        <div class="actions">
          <form method="post" action={`${hookUrl(webhook.id)}/test`}>
            <button class="button" id="test-webhook" type="submit" disabled={!webhook.enabled}>
              Send test
            </button>
          </form>
          <AskLink id="renew-secret" href={`${hookUrl(webhook.id)}/secret`} words="New secret…" />
          <AskLink id="delete-webhook" href={`${hookUrl(webhook.id)}/delete`} words="Delete…" />
        </div>
      </div>
      {props.refusal && <Notice tone="bad">{props.refusal}</Notice>}
      <WebhookForm {...props} />
      <Deliveries webhookId={webhook.id} deliveries={props.deliveries} />
    </section>
  );
};

const AskLink = ({ id, href, words }: { id: string; href: string; words: string }) => (
  <a class="button" id={id} href={href} {...dialogLink(href)}>
    {words}
  </a>
);

/** Asked for anew while the page is open. */
export const Deliveries = ({ webhookId, deliveries }: { webhookId: string; deliveries: readonly Delivery[] }) => (
  <section
    id="deliveries"
    class="card"
    aria-labelledby="deliveries-title"
    hx-get={`${hookUrl(webhookId)}/deliveries`}
    hx-trigger="every 3s"
    hx-target="this"
    hx-swap="outerHTML"
    {...{ 'hx-status:5xx': 'swap:none' }}
  >
    <h2 id="deliveries-title">Deliveries</h2>
    {deliveries.length === 0 && <p class="empty">Nothing was sent yet.</p>}
    {deliveries.length > 0 && (
      <div class="health-table">
        <table>
          <thead>
            <tr>
              {['Message', 'State', 'Made', 'Attempts', 'Last answer', 'Id'].map((name) => (
                <th scope="col">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {deliveries.map((delivery) => (
              <DeliveryRow delivery={delivery} />
            ))}
          </tbody>
        </table>
      </div>
    )}
    <p class="hint">The newest 100. A message that is not taken is sent again for a day, and those after it wait.</p>
  </section>
);

const types = { 'alarm.fired': 'Alarm fired', 'alarm.cleared': 'Alarm cleared', 'webhook.test': 'Test' } as const;

const ends = {
  delivered: { tone: 'ok', word: 'Delivered' },
  expired: { tone: 'bad', word: 'Given up' },
  dropped: { tone: 'bad', word: 'Dropped: too many waited' },
  cancelled: { tone: 'idle', word: 'Cancelled' },
} as const;

const DeliveryRow = ({ delivery }: { delivery: Delivery }) => {
  const { tone, word } = delivery.end ? ends[delivery.end] : ({ tone: 'wait', word: 'Waiting' } as const);
  return (
    <tr>
      <th scope="row">{types[delivery.type]}</th>
      <td>
        <Pill tone={tone} word={word} />
      </td>
      <td>
        <Time at={delivery.createdAt} />
      </td>
      <td>{delivery.attempts}</td>
      <td>{delivery.lastAnswer ?? '–'}</td>
      <td>
        <code>{delivery.id}</code>
      </td>
    </tr>
  );
};

interface AskProps {
  readonly webhook: Webhook;
  readonly refusal?: string;
}

export const DeleteWebhookPage = ({ webhook, refusal }: AskProps) => (
  <Confirm
    title={`Delete webhook “${webhook.name}”?`}
    action={`${hookUrl(webhook.id)}/delete`}
    verb="Delete webhook"
    back={hookUrl(webhook.id)}
    refusal={refusal}
  >
    <p>What waits to be sent to it is not sent, and its log is deleted. This cannot be undone.</p>
  </Confirm>
);

export const RenewSecretPage = ({ webhook, refusal }: AskProps) => (
  <Confirm
    title={`Make another secret for “${webhook.name}”?`}
    action={`${hookUrl(webhook.id)}/secret`}
    verb="Make secret"
    back={hookUrl(webhook.id)}
    refusal={refusal}
  >
    <p>The one it has counts no longer: a receiver that is not given the new one refuses what is sent from now on.</p>
  </Confirm>
);
