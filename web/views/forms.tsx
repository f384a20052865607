/** The forms: create a flow, rename it, edit its input, create and edit an output. */
import type { Flow, Output } from '../../db/model.ts';
import {
  AreaField,
  EncryptionFields,
  FormFrame,
  NumberField,
  type Option,
  RadioField,
  SelectField,
  TextField,
} from './fields.tsx';
import { Crumbs, Notice } from './layout.tsx';
import { type Choices, type FormState, regionName, tabUrl } from './props.ts';
import { bandwidthText } from './units.ts';
import { words } from './words.ts';

export interface FormProps {
  readonly form: FormState;
  readonly choices: Choices;
}

const inputLatencyHint =
  'How long both ends keep packets, so that lost ones can be sent again. Ping the input address once you have it: ' +
  'four times the round trip is a good start. Increase it on a poor network. ' +
  'The larger of this and the encoder’s own setting counts, so you can also leave it and set the encoder.';

const outputLatencyHint =
  'How long both ends keep packets, so that lost ones can be sent again. Increase it on a poor network. ' +
  'The larger of this and the receiver’s own setting counts.';

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

interface InputFieldsProps extends FormProps {
  readonly prefix: string;
  readonly locked?: boolean;
  readonly keptKey?: boolean;
}

/** The fields of an input. While `locked`, what needs an idle flow cannot be touched. */
const InputFields = ({ form, choices, prefix, locked, keptKey }: InputFieldsProps) => (
  <>
    <TextField form={form} name={`${prefix}name`} label="Input name" required maxlength={64} />
    <SelectField
      form={form}
      name={`${prefix}protocol`}
      label="Protocol"
      options={protocolOptions(choices)}
      disabled={locked}
    />
    <LatencyField form={form} choices={choices} name={`${prefix}latencyMs`} hint={inputLatencyHint} disabled={locked} />
    <EncryptionFields
      form={form}
      choices={choices}
      prefix={prefix}
      label="Decryption"
      hint="Turn on if your encoder encrypts what it pushes. Both ends need the same key."
      kept={keptKey}
      disabled={locked}
    />
    <AreaField
      form={form}
      name={`${prefix}allowlist`}
      label="IP allowlist (CIDR)"
      rows={3}
      required
      hint={
        <>
          Only these addresses may push. One range a line, such as <code>203.0.113.0/24</code>; <code>0.0.0.0/0</code>{' '}
          lets every IPv4 address in.
        </>
      }
    />
    <TextField form={form} name={`${prefix}description`} label="Description" maxlength={256} optional />
  </>
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
}

export const EditInputPage = (props: EditInputProps) => (
  <section class="form-page">
    <FlowCrumbs flow={props.flow} />
    <h1>Edit input</h1>
    <EditInputForm {...props} />
  </section>
);

export const EditInputForm = ({ form, choices, flow, idle }: EditInputProps) => (
  <FormFrame form={form} action={`/flows/${flow.id}/input/edit`} back={tabUrl(flow.id, 'input')} submit="Save">
    <section class="card step">
      {!idle && (
        <Notice tone="info">
          Protocol, latency and decryption are locked while the flow runs. Stop the flow to change them. Name, allowlist
          and description can be changed now; a sender that is no longer allowed is let go at once.
        </Notice>
      )}
      {idle && flow.outputs.length > 0 && (
        <Notice tone="info">
          The protocol is fixed while the flow has an output. Delete its outputs to change it.
        </Notice>
      )}
      <InputFields form={form} choices={choices} prefix="" locked={!idle} keptKey={Boolean(flow.input.encryption)} />
    </section>
  </FormFrame>
);

export interface OutputFormProps extends FormProps {
  readonly flow: Flow;
  readonly idle: boolean;
  /** Absent when one is created. */
  readonly output?: Output;
}

export const OutputFormPage = (props: OutputFormProps) => (
  <section class="form-page">
    <FlowCrumbs flow={props.flow} />
    <h1>{props.output ? 'Edit output' : 'Create output'}</h1>
    <OutputForm {...props} />
  </section>
);

export const OutputForm = ({ form, choices, flow, output, idle }: OutputFormProps) => {
  const base = tabUrl(flow.id, 'output');
  return (
    <FormFrame
      form={form}
      action={output ? `${base}/${output.id}/edit` : `${base}/new`}
      back={base}
      submit={output ? 'Save' : 'Confirm'}
      locked={idle ? undefined : 'Outputs are locked while the flow runs. Stop the flow to create, edit or delete one.'}
    >
      <section class="card step">
        <TextField form={form} name="name" label="Output name" required maxlength={64} />
        {output ? <FixedPlace choices={choices} output={output} /> : <Place form={form} choices={choices} />}
        <TextField form={form} name="description" label="Description" maxlength={256} optional />
      </section>
      <section class="card step">
        <h2>Destinations</h2>
        <DestinationFields form={form} name="destinations.primary" title="Primary destination" />
        <DestinationFields form={form} name="destinations.backup" title="Backup destination" optional />
        <p class="hint">
          What you push to the primary input goes to the primary destination, what you push to the backup input to the
          backup destination. The two never mix.
        </p>
      </section>
      <section class="card step">
        <h2>Transfer</h2>
        <LatencyField form={form} choices={choices} name="latencyMs" hint={outputLatencyHint} />
        <EncryptionFields
          form={form}
          choices={choices}
          prefix=""
          label="Encryption"
          hint="Encrypts what is sent. The receiver needs the same key."
          kept={Boolean(output?.encryption)}
        />
      </section>
    </FormFrame>
  );
};

const Place = ({ form, choices }: FormProps) => (
  <div class="columns">
    <SelectField
      form={form}
      name="regionId"
      label="Output region"
      options={regionOptions(choices)}
      hint="Where the stream leaves. Fixed once created."
    />
    <SelectField
      form={form}
      name="protocol"
      label="Protocol"
      options={protocolOptions(choices)}
      hint="Fixed once created."
    />
  </div>
);

const FixedPlace = ({ choices, output }: { choices: Choices; output: Output }) => (
  <Notice tone="info">
    Region {regionName(choices.regions, output.regionId)} and protocol {words.protocols[output.protocol]} are fixed.
    Create another output to send from elsewhere or in another way.
  </Notice>
);

const DestinationFields = ({
  form,
  name,
  title,
  optional,
}: {
  form: FormState;
  name: string;
  title: string;
  optional?: boolean;
}) => (
  <fieldset class="address-fields">
    <legend>
      {title}
      {optional && <span class="optional"> (optional)</span>}
    </legend>
    <div class="columns host-port">
      <TextField form={form} name={`${name}.host`} label="IP address or host name" required={!optional} />
      <NumberField form={form} name={`${name}.port`} label="Port" min={1} max={65535} required={!optional} />
    </div>
  </fieldset>
);

interface LatencyProps extends FormProps {
  readonly name: string;
  readonly hint: string;
  readonly disabled?: boolean;
}

const LatencyField = ({ form, choices, name, hint, disabled }: LatencyProps) => (
  <NumberField
    form={form}
    name={name}
    label="Latency"
    unit="ms"
    min={choices.latency.min}
    max={choices.latency.max}
    hint={hint}
    disabled={disabled}
  />
);

const FlowCrumbs = ({ flow }: { flow: Flow }) => (
  <Crumbs
    trail={[
      { href: '/', name: 'Flows' },
      { href: tabUrl(flow.id, 'information'), name: flow.name },
    ]}
  />
);

const regionOptions = (choices: Choices): readonly Option[] =>
  choices.regions.map((region) => ({ value: region.id, name: region.name }));

const protocolOptions = (choices: Choices): readonly Option[] =>
  choices.protocols.map((protocol) => ({ value: protocol, name: words.protocols[protocol] }));
