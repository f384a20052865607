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
    <Crumbs trail={[{ href: '/', name: 'Flows' }]} />
    <h1>Create flow</h1>
    <CreateFlowForm {...props} />
  </section>
);

export const CreateFlowForm = ({ form, choices }: FormProps) => (
  <FormFrame form={form} action="/flows" back="/" submit="Create">
    <section class="card step">
      <h2>1. Region</h2>
      <RadioField form={form} name="regionId" label="Where does the stream come in?" options={regionOptions(choices)} />
    </section>
    <section class="card step">
      <h2>2. Flow</h2>
      <TextField form={form} name="name" label="Flow name" required maxlength={64} />
      <RadioField
        form={form}
        name="maxBitrate"
        label="Maximum bandwidth"
        options={choices.bandwidths.map((bitrate) => ({ value: String(bitrate), name: bandwidthText(bitrate) }))}
        hint="For each pipeline. Media above it is dropped, and you are told."
      />
    </section>
    <section class="card step">
      <h2>3. Input</h2>
      <InputFields form={form} choices={choices} prefix="input." />
    </section>
  </FormFrame>
);

export const RenamePage = ({ form, flow }: { form: FormState; flow: Flow }) => (
  <section class="form-page">
    <FlowCrumbs flow={flow} />
    <h1>Rename flow</h1>
    <RenameForm form={form} flow={flow} />
  </section>
);

export const RenameForm = ({ form, flow }: { form: FormState; flow: Flow }) => (
  <FormFrame form={form} action={`/flows/${flow.id}/edit`} back={tabUrl(flow.id, 'information')} submit="Save">
    <section class="card step">
      <TextField form={form} name="name" label="Flow name" required maxlength={64} />
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
    <h1>Edit input</h1>
    <EditInputForm {...props} />
  </section>
);

export const EditInputForm = ({ form, choices, flow, idle, added }: EditInputProps) => {
  const { input, outputs } = flow;
  return (
    <FormFrame form={form} action={`/flows/${flow.id}/input/edit`} back={tabUrl(flow.id, 'input')} submit="Save">
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
        Protocol, transfer settings and the failover switch are locked while the flow runs. Stop the flow to change
        them. Name, allowlist, description and which input failover prefers can be changed now; a sender that is no
        longer allowed is let go at once.
      </Notice>
    );
  if (!hasOutput) return null;
  return (
    <Notice tone="info">The protocol is fixed while the flow has an output. Delete its outputs to change it.</Notice>
  );
};

export const FlowCrumbs = ({ flow }: { flow: Flow }) => (
  <Crumbs
    trail={[
      { href: '/', name: 'Flows' },
      { href: tabUrl(flow.id, 'information'), name: flow.name },
    ]}
  />
);

export const regionOptions = (choices: Choices): readonly Option[] =>
  choices.regions.map((region) => ({ value: region.id, name: region.name }));
