/** The form of an output: where it sends to, and how. */
import type { Child } from 'hono/jsx';
import type { Flow, Output } from '../../db/model.ts';
import type { Pipeline, Protocol } from '../../relay/contract/settings.ts';
import {
  EncryptionFields,
  FormFrame,
  NumberField,
  Only,
  RadioField,
  SecretField,
  SelectField,
  SwitchField,
  TextField,
} from './fields.tsx';
import { FlowCrumbs, type FormProps, regionOptions } from './forms.tsx';
import { LatencyField } from './latency-field.tsx';
import { Notice } from './layout.tsx';
import { bothPipelines, type Choices, regionName, tabUrl } from './props.ts';
import { words } from './words.ts';

export interface OutputFormProps extends FormProps {
  readonly flow: Flow;
  readonly idle: boolean;
  /** Absent when one is created. */
  readonly output?: Output;
}

const latencyHint =
  'How long both ends keep packets, so that lost ones can be sent again. Increase it on a poor network. ' +
  'The larger of this and the receiver’s own setting counts.';

const protocolAbout = {
  srt: 'To a receiver that listens for SRT.',
  rtmp: 'To a platform or server with a URL and a stream key.',
  rtp: 'MPEG-TS over UDP, to one address or a multicast group.',
} as const;

export const OutputFormPage = (props: OutputFormProps) => (
  <section class="form-page">
    <FlowCrumbs flow={props.flow} />
    <h1>{props.output ? 'Edit output' : 'Create output'}</h1>
    <OutputForm {...props} />
  </section>
);

export const OutputForm = (props: OutputFormProps) => {
  const { form, choices, flow, output, idle } = props;
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
        {output ? <FixedPlace choices={choices} output={output} /> : <Place {...props} />}
        <TextField form={form} name="description" label="Description" maxlength={256} optional />
      </section>
      <section class="card step">
        <h2>Destinations</h2>
        {bothPipelines.map((pipeline) => (
          <DestinationFields {...props} pipeline={pipeline} />
        ))}
        <p class="hint">{feedText(flow)}</p>
      </section>
      <TransferFields {...props} />
    </FormFrame>
  );
};

const feedText = ({ input }: Flow): string =>
  input.failover
    ? 'Failover is on: both destinations get the input that is on air, whichever it is.'
    : 'What you push to the primary input goes to the primary destination, what you push to the backup input to the ' +
      'backup destination. The two never mix.';

const Place = ({ form, choices, flow }: OutputFormProps) => (
  <>
    <SelectField
      form={form}
      name="regionId"
      label="Output region"
      options={regionOptions(choices)}
      hint="Where the stream leaves. Fixed once created."
    />
    <RadioField
      form={form}
      name="protocol"
      label="Protocol"
      options={offered(choices, flow).map((it) => ({
        value: it,
        name: words.protocols[it],
        about: protocolAbout[it],
      }))}
      hint={
        flow.input.protocol === 'srt'
          ? 'Fixed once created. RTP is not offered: a flow with an SRT input cannot have an RTP output.'
          : 'Fixed once created.'
      }
    />
  </>
);

/** The rule itself is the server's; what it forbids is not offered. */
const offered = (choices: Choices, { input }: Flow): readonly Protocol[] =>
  choices.protocols.filter((protocol) => !(input.protocol === 'srt' && protocol === 'rtp'));

const FixedPlace = ({ choices, output }: { choices: Choices; output: Output }) => (
  <Notice tone="info">
    Region {regionName(choices.regions, output.regionId)} and protocol {words.protocols[output.protocol]} are fixed.
    Create another output to send from elsewhere or in another way.
  </Notice>
);

/** An output that is edited has one protocol; one that is made has those on offer, of which the chosen one is in sight. */
const OnlyFor = ({ of, output, children }: { of: readonly Protocol[]; output?: Output; children?: Child }) => {
  if (!output) return <Only of={of}>{children}</Only>;
  return of.includes(output.protocol) ? <>{children}</> : null;
};

const DestinationFields = ({ form, output, pipeline }: OutputFormProps & { pipeline: Pipeline }) => {
  const name = `destinations.${pipeline}`;
  const optional = pipeline === 'backup';
  const keptKey = output?.protocol === 'rtmp' && output.destinations[pipeline] !== undefined;
  return (
    <fieldset class="address-fields">
      <legend>
        {words.pipelines[pipeline]} destination
        {optional && <span class="optional"> (optional)</span>}
      </legend>
      <OnlyFor of={['srt', 'rtp']} output={output}>
        <div class="columns host-port">
          <TextField form={form} name={`${name}.host`} label="IP address or host name" required={!optional} />
          <NumberField form={form} name={`${name}.port`} label="Port" min={1} max={65535} required={!optional} />
        </div>
      </OnlyFor>
      <OnlyFor of={['rtmp']} output={output}>
        <div class="columns">
          <TextField
            form={form}
            name={`${name}.url`}
            label="Server URL"
            placeholder="rtmps://live.example.com/app"
            required={!optional}
          />
          <SecretField
            form={form}
            name={`${name}.streamKey`}
            label="Stream key"
            hint={keptKey ? 'A key is set. Leave this empty to keep it.' : undefined}
            required={!optional && !keptKey}
          />
        </div>
      </OnlyFor>
    </fieldset>
  );
};

const TransferFields = ({ form, choices, output }: OutputFormProps) => (
  <section class="card step">
    <h2>Transfer</h2>
    <OnlyFor of={['srt']} output={output}>
      <LatencyField form={form} choices={choices} name="latencyMs" hint={latencyHint} />
      <EncryptionFields
        form={form}
        choices={choices}
        prefix=""
        label="Encryption"
        hint="Encrypts what is sent. The receiver needs the same key."
        kept={output?.protocol === 'srt' && output.encryption !== undefined}
      />
    </OnlyFor>
    <OnlyFor of={['rtmp']} output={output}>
      <p class="hint">
        A URL that begins with <code>rtmps://</code> is sent encrypted, and the certificate of the server is verified.
        H.264, HEVC and AAC go through as they are; what RTMP cannot carry, such as AC-3 or SCTE-35, is left out and
        listed under Recent events.
      </p>
    </OnlyFor>
    <OnlyFor of={['rtp']} output={output}>
      <NumberField
        form={form}
        name="ttl"
        label="Multicast TTL"
        min={choices.ttl.min}
        max={choices.ttl.max}
        hint="How many routers a datagram to a multicast group (224.0.0.0/4 or ff00::/8) may pass. Other addresses ignore it."
      />
      <SwitchField
        form={form}
        name="bareTs"
        label="Bare TS over UDP, without RTP"
        hint="Turn on if the receiver expects MPEG-TS straight in UDP datagrams."
      />
    </OnlyFor>
  </section>
);
