/** The questions before what cannot be undone. Each is a page, and with JavaScript a dialog. */
import type { Child } from 'hono/jsx';
import type { Input, Output } from '../../db/model.ts';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { destinationText } from './destination.ts';
import { t } from './language.ts';
import { bothPipelines, type FlowView, tabUrl } from './props.ts';
import { inputEnd, outputStatus, type Status, statusOf } from './status.ts';
import { pipelineWord, words } from './words.ts';

/** A link to a page that asks; with JavaScript the same page opens as a dialog. */
export const dialogLink = (href: string) => ({ 'hx-get': href, 'hx-target': '#dialog', 'hx-swap': 'innerHTML' });

interface ConfirmProps {
  readonly title: string;
  readonly action: string;
  readonly verb: string;
  readonly back: string;
  readonly refusal?: string;
  /** Nothing is lost by a yes. */
  readonly harmless?: boolean;
  /** What the answer says besides yes. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly children?: Child;
}

/** A question with a yes that posts, and a no that leads back. */
export const Confirm = ({ title, action, verb, back, refusal, harmless, fields, children }: ConfirmProps) => (
  <section class="confirm card narrow">
    <h1>{title}</h1>
    {refusal && (
      <p class="error" role="alert">
        {refusal}
      </p>
    )}
    {children}
    <form method="post" action={action} class="actions">
      {Object.entries(fields ?? {}).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <a class="button" id="confirm-cancel" href={back} data-close>
        {t('Cancel')}
      </a>
      <button class={harmless ? 'button primary' : 'button danger'} id="confirm-yes" type="submit">
        {verb}
      </button>
    </form>
  </section>
);

export interface AskFlowProps {
  readonly view: FlowView;
  readonly refusal?: string;
}

export const StopPage = ({ view, refusal }: AskFlowProps) => {
  const { flow } = view;
  const receiving = destinationsWhere(view, ({ endpoint }) => endpoint?.state === 'connected');
  const unknown = destinationsWhere(view, ({ tone }) => tone === 'unknown');
  return (
    <Confirm
      title={t('Stop “{name}”?', { name: flow.name })}
      action={`/flows/${flow.id}/stop`}
      verb={t('Stop flow')}
      back={tabUrl(flow.id, 'information')}
      refusal={refusal}
    >
      {receiving.length + unknown.length === 0 && <p>{t('No destination is connected to this flow now.')}</p>}
      <Losing intro={t('Connected now, and losing the stream at once:')} lines={receiving} />
      <Losing intro={t('Unknown, and perhaps receiving, since a relay has not reported:')} lines={unknown} />
      <p>{t('The configuration and the input addresses are kept.')}</p>
    </Confirm>
  );
};

const Losing = ({ intro, lines }: { intro: string; lines: readonly string[] }) =>
  lines.length === 0 ? null : (
    <div>
      <p>{intro}</p>
      <ul class="losing">
        {lines.map((line) => (
          <li>{line}</li>
        ))}
      </ul>
    </div>
  );

export const DeleteFlowPage = ({ view, refusal }: AskFlowProps) => {
  const { flow } = view;
  if (view.state !== 'idle') return <DeleteLocked view={view} />;
  return (
    <Confirm
      title={t('Delete “{name}”?', { name: flow.name })}
      action={`/flows/${flow.id}/delete`}
      verb={t('Delete flow')}
      fields={readAt(flow)}
      back={tabUrl(flow.id, 'information')}
      refusal={refusal}
    >
      <p>{t('This cannot be undone. Destroyed for good:')}</p>
      <ul class="losing">
        <li>
          {t('the input “{name}” and {addresses}', { name: flow.input.name, addresses: addressesText(flow.input) })}
        </li>
        {flow.outputs.map((output) => (
          <li>{t('the output “{name}” to {places}', { name: output.name, places: destinationsText(output) })}</li>
        ))}
      </ul>
    </Confirm>
  );
};

const DeleteLocked = ({ view }: { view: FlowView }) => (
  <section class="confirm card narrow">
    <h1>{t('“{name}” is {state}', { name: view.flow.name, state: t(words.flowStates[view.state]).toLowerCase() })}</h1>
    <p>{t('Only an idle flow can be deleted. Stop it first.')}</p>
    <div class="actions">
      <a class="button" id="confirm-cancel" href={tabUrl(view.flow.id, 'information')} data-close>
        {t('Cancel')}
      </a>
      <a
        class="button danger"
        id="confirm-stop"
        href={`/flows/${view.flow.id}/stop`}
        {...dialogLink(`/flows/${view.flow.id}/stop`)}
      >
        {t('Stop flow…')}
      </a>
    </div>
  </section>
);

export interface AskOutputProps extends AskFlowProps {
  readonly output: Output;
}

export const DeleteOutputPage = ({ view, output, refusal }: AskOutputProps) => (
  <Confirm
    title={t('Delete output “{name}”?', { name: output.name })}
    action={`${tabUrl(view.flow.id, 'output')}/${output.id}/delete`}
    verb={t('Delete output')}
    fields={readAt(view.flow)}
    back={tabUrl(view.flow.id, 'output')}
    refusal={refusal}
  >
    <p>
      {t('“{name}” will no longer be sent to {places}. This cannot be undone.', {
        name: view.flow.name,
        places: destinationsText(output),
      })}
    </p>
  </Confirm>
);

export interface AskSwitchProps extends AskFlowProps {
  readonly to: Pipeline;
}

export const SwitchPage = ({ view, to, refusal }: AskSwitchProps) => {
  const { flow } = view;
  const name = pipelineWord(to);
  const isFlowing = statusOf(view, inputEnd(flow, to)).tone === 'ok';
  return (
    <Confirm
      title={t('Switch “{flow}” to {name}?', { flow: flow.name, name })}
      action={`/flows/${flow.id}/switch`}
      harmless
      fields={{ to }}
      verb={t('Switch to {name}', { name })}
      back={tabUrl(flow.id, 'input')}
      refusal={refusal}
    >
      <p>
        {isFlowing
          ? t('Every output gets the {name} input from its next key frame on, without being disconnected.', { name })
          : t('No media arrives at the {name} input now: the outputs go over to it as soon as some does.', { name })}
      </p>
      <p>{t('The {name} input is the preferred one from then on.', { name })}</p>
    </Confirm>
  );
};

/** What is destroyed must be what was read. */
const readAt = ({ revision }: FlowView['flow']) => ({ revision: String(revision) });

/** The destinations whose state is such, each in words. */
const destinationsWhere = (view: FlowView, isSuch: (status: Status) => boolean): readonly string[] =>
  view.flow.outputs.flatMap((output) =>
    bothPipelines.flatMap((pipeline) => {
      const destination = destinationText(output, pipeline);
      if (destination === undefined || !isSuch(outputStatus(view, output, pipeline))) return [];
      return [
        t('{name}, {pipeline}: {place}', { name: output.name, pipeline: pipelineWord(pipeline), place: destination }),
      ];
    }),
  );

const destinationsText = (output: Output): string =>
  bothPipelines.flatMap((pipeline) => destinationText(output, pipeline) ?? []).join(t(' and '));

const addressesText = ({ protocol, ports }: Input): string =>
  protocol === 'rtmp'
    ? t('its stream keys, with which no encoder can publish any more')
    : t('its addresses on ports {primary} (primary) and {backup} (backup), which later flows may be given', ports);
