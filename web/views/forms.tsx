/** The forms of a flow: create it, rename it, edit its input. */
import type { Flow } from '../../db/model.ts';
import { FormFrame, type Option, RadioField, TextField } from './fields.tsx';
import { InputFields } from './input-fields.tsx';
import { t } from './language.ts';
import { Crumbs, Notice } from './layout.tsx';
import { type Choices, type FormState, tabUrl } from './props.ts';
import { bandwidthText } from './units.ts';

export interface FormProps {
  readonly form: FormState;
  readonly choices: Choices;
}

export const CreateFlowPage = (props: FormProps) => (
  <section class="form-page">
    <Crumbs trail={[{ href: '/', name: t('Flows') }]} />
    <h1>{t('Create flow')}</h1>
    <p class="lead">
      {t(
        'A flow takes one stream in, over a primary and a backup way, and sends it to as many outputs as you like. What you leave as it is here works.',
      )}
    </p>
    <CreateFlowForm {...props} />
  </section>
);

export const CreateFlowForm = ({ form: shown, choices }: FormProps) => {
  const form = { ...shown, check: '/flows/check' };
  return (
    <FormFrame form={form} action="/flows" back="/" submit={t('Create')}>
      <section class="card step" aria-labelledby="step-region">
        <h2 id="step-region">{t('1. Select a region')}</h2>
        <RadioField
          form={form}
          name="regionId"
          label={t('Where does the stream come in?')}
          options={regionOptions(choices)}
          hint={t('The one nearest to your encoder: the way there is the one that loses packets. Fixed once created.')}
        />
      </section>
      <section class="card step" aria-labelledby="step-basics">
        <h2 id="step-basics">{t('2. Basic information')}</h2>
        <TextField
          form={form}
          name="name"
          label={t('Flow name')}
          required
          maxlength={64}
          hint={t('What your colleagues call it at night: the event and the feed, such as “Cup final, main feed”.')}
        />
        <RadioField
          form={form}
          name="maxBitrate"
          label={t('Maximum bandwidth')}
          options={choices.bandwidths.map((bitrate) => ({ value: String(bitrate), name: bandwidthText(bitrate) }))}
          hint={t(
            'For each pipeline. Choose one at least a fifth above what your encoder sends. Media above it is dropped, and you are told.',
          )}
        />
      </section>
      <section class="card step" aria-labelledby="step-input">
        <h2 id="step-input">{t('3. Input source')}</h2>
        <InputFields form={form} choices={choices} prefix="input." />
      </section>
    </FormFrame>
  );
};

export const RenamePage = ({ form, flow }: { form: FormState; flow: Flow }) => (
  <section class="form-page">
    <FlowCrumbs flow={flow} />
    <h1>{t('Rename flow')}</h1>
    <RenameForm form={form} flow={flow} />
  </section>
);

export const RenameForm = ({ form, flow }: { form: FormState; flow: Flow }) => (
  <FormFrame form={form} action={`/flows/${flow.id}/edit`} back={tabUrl(flow.id, 'information')} submit={t('Save')}>
    <section class="card step">
      <TextField form={form} name="name" label={t('Flow name')} required maxlength={64} />
    </section>
  </FormFrame>
);

export interface EditInputProps extends FormProps {
  readonly flow: Flow;
  readonly idle: boolean;
  /** A range that was put into the allowlist on the way here, and is not saved yet. */
  readonly added?: string;
}

export const EditInputPage = (props: EditInputProps) => (
  <section class="form-page">
    <FlowCrumbs flow={props.flow} />
    <h1>{t('Edit input')}</h1>
    <EditInputForm {...props} />
  </section>
);

export const EditInputForm = ({ form: shown, choices, flow, idle, added }: EditInputProps) => {
  const { input, outputs } = flow;
  const form = { ...shown, check: `/flows/${flow.id}/input/check` };
  return (
    <FormFrame form={form} action={`/flows/${flow.id}/input/edit`} back={tabUrl(flow.id, 'input')} submit={t('Save')}>
      <section class="card step">
        {added && (
          <Notice tone="warn">
            {t('{range} was added to the allowlist below. Save to let it in.', { range: added })}
          </Notice>
        )}
        <Locks idle={idle} hasOutput={outputs.length > 0} />
        <InputFields
          form={form}
          choices={choices}
          prefix=""
          locks={{ protocol: !idle || outputs.length > 0, link: !idle }}
          keptKey={input.protocol === 'srt' && input.encryption !== undefined}
        />
      </section>
    </FormFrame>
  );
};

/** What cannot be changed now, and what would unlock it. */
const Locks = ({ idle, hasOutput }: { idle: boolean; hasOutput: boolean }) => {
  if (!idle)
    return (
      <Notice tone="info">
        {t(
          'Protocol, transfer settings and the failover switch are locked while the flow runs. Stop the flow to change them. Name, allowlist, description and which input failover prefers can be changed now; a sender that is no longer allowed is let go at once.',
        )}
      </Notice>
    );
  if (!hasOutput) return null;
  return (
    <Notice tone="info">
      {t('The protocol is fixed while the flow has an output. Delete its outputs to change it.')}
    </Notice>
  );
};

export const FlowCrumbs = ({ flow }: { flow: Flow }) => (
  <Crumbs
    trail={[
      { href: '/', name: t('Flows') },
      { href: tabUrl(flow.id, 'information'), name: flow.name },
    ]}
  />
);

export const regionOptions = (choices: Choices): readonly Option[] =>
  choices.regions.map((region) => ({ value: region.id, name: region.name }));
