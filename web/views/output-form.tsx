/** The form of an output: where it sends to, and how. */
import type { Child } from 'hono/jsx';
import type { Flow, Output } from '../../db/model.ts';
import type { Pipeline, Protocol } from '../../relay/contract/settings.ts';
import { FormFrame, NumberField, Only, RadioField, SelectField, SwitchField, TextField } from './fields.tsx';
import { FlowCrumbs, type FormProps, regionOptions } from './forms.tsx';
import { t } from './language.ts';
import { LatencyField } from './latency-field.tsx';
import { Notice } from './layout.tsx';
import { bothPipelines, type Choices, regionName, tabUrl } from './props.ts';
import { EncryptionFields, SecretField } from './secret-fields.tsx';
import { words } from './words.ts';

export interface OutputFormProps extends FormProps {
  readonly flow: Flow;
  readonly idle: boolean;
  /** Absent when one is created. */
  readonly output?: Output;
}

const latencyHint =
  'How long both ends keep packets, so that lost ones can be sent again: 4 to 5 round trips (ping the receiver), and never below 120 ms. The larger of this and the receiver’s own setting counts.';

const protocolAbout = {
  srt: 'To a receiver that listens for SRT.',
  rtmp: 'To a platform or server with a URL and a stream key.',
  rtp: 'MPEG-TS over UDP, to one address or a multicast group.',
} as const;

export const OutputFormPage = (props: OutputFormProps) => (
  <section class="form-page">
    <FlowCrumbs flow={props.flow} />
    <h1>{t(props.output ? 'Edit output' : 'Create output')}</h1>
    <OutputForm {...props} />
  </section>
);

export const OutputForm = (props: OutputFormProps) => {
  const { flow, output, idle } = props;
  const base = tabUrl(flow.id, 'output');
  const form = { ...props.form, check: output ? `${base}/${output.id}/check` : `${base}/check` };
  return <OutputFrame {...props} form={form} base={base} idle={idle} />;
};

const OutputFrame = (props: OutputFormProps & { base: string }) => {
  const { form, choices, flow, output, idle, base } = props;
  return (
    <FormFrame
      form={form}
      action={output ? `${base}/${output.id}/edit` : `${base}/new`}
      back={base}
      submit={t(output ? 'Save' : 'Confirm')}
      locked={
        idle ? undefined : t('Outputs are locked while the flow runs. Stop the flow to create, edit or delete one.')
      }
    >
      <section class="card step">
        <TextField
          form={form}
          name="name"
          label={t('Output name')}
          required
          maxlength={64}
          hint={t('Who receives it, such as “Studio Frankfurt”. The log calls it so.')}
        />
        {output ? <FixedPlace choices={choices} output={output} /> : <Place {...props} />}
        <TextField
          form={form}
          name="description"
          label={t('Description')}
          maxlength={256}
          optional
          hint={t('Whatever helps at night: whom to call at the other end.')}
        />
      </section>
      <section class="card step">
        <h2>{t('Destinations')}</h2>
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
    ? t('Failover is on: both destinations get the input that is on air, whichever it is.')
    : t(
        'What you push to the primary input goes to the primary destination, what you push to the backup input to the backup destination. The two never mix.',
      );

const Place = ({ form, choices, flow }: OutputFormProps) => (
  <>
    <SelectField
      form={form}
      name="regionId"
      label={t('Output region')}
      options={regionOptions(choices)}
      hint={t('Where the stream leaves: the one nearest to the receiver. Fixed once created.')}
    />
    <RadioField
      form={form}
      name="protocol"
      label={t('Protocol')}
      options={offered(choices, flow).map((it) => ({
        value: it,
        name: words.protocols[it],
        about: t(protocolAbout[it]),
      }))}
      hint={
        flow.input.protocol === 'srt'
          ? t('Fixed once created. RTP is not offered: a flow with an SRT input cannot have an RTP output.')
          : t('Fixed once created.')
      }
    />
  </>
);

/** The rule itself is the server's; what it forbids is not offered. */
const offered = (choices: Choices, { input }: Flow): readonly Protocol[] =>
  choices.protocols.filter((protocol) => !(input.protocol === 'srt' && protocol === 'rtp'));

const FixedPlace = ({ choices, output }: { choices: Choices; output: Output }) => (
  <Notice tone="info">
    {t(
      'Region {region} and protocol {protocol} are fixed. Create another output to send from elsewhere or in another way.',
      { region: regionName(choices.regions, output.regionId), protocol: words.protocols[output.protocol] },
    )}
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
        {t(optional ? 'Backup destination' : 'Primary destination')}
        {optional && <span class="optional"> {t('(optional)')}</span>}
      </legend>
      <OnlyFor of={['srt', 'rtp']} output={output}>
        <div class="columns host-port">
          <TextField
            form={form}
            name={`${name}.host`}
            label={t('IP address or host name')}
            required={!optional}
            hint={t('Without port or URL parts, such as 203.0.113.7.')}
          />
          <NumberField form={form} name={`${name}.port`} label={t('Port')} min={1} max={65535} required={!optional} />
        </div>
      </OnlyFor>
      <OnlyFor of={['rtmp']} output={output}>
        <div class="columns">
          <TextField
            form={form}
            name={`${name}.url`}
            label={t('Server URL')}
            placeholder="rtmps://live.example.com/app"
            hint={t('As the platform shows it, without the stream key. rtmps:// is encrypted.')}
            required={!optional}
          />
          <SecretField
            form={form}
            name={`${name}.streamKey`}
            label={t('Stream key')}
            hint={t(keptKey ? 'A key is set. Leave this empty to keep it.' : 'Kept secret, and never shown again.')}
            required={!optional && !keptKey}
          />
        </div>
      </OnlyFor>
    </fieldset>
  );
};

const TransferFields = ({ form, choices, output }: OutputFormProps) => (
  <section class="card step">
    <h2>{t('Transfer')}</h2>
    <OnlyFor of={['srt']} output={output}>
      <LatencyField form={form} choices={choices} name="latencyMs" hint={t(latencyHint)} />
      <EncryptionFields
        form={form}
        choices={choices}
        prefix=""
        label={t('Enable Encryption')}
        hint={t('Encrypts what is sent. The receiver needs the same key and key length.')}
        kept={output?.protocol === 'srt' && output.encryption !== undefined}
      />
    </OnlyFor>
    <OnlyFor of={['rtmp']} output={output}>
      <p class="hint">
        {t(
          'A URL that begins with rtmps:// is sent encrypted, and the certificate of the server is verified. H.264, HEVC and AAC go through as they are; what RTMP cannot carry, such as AC-3 or SCTE-35, is left out and listed under Recent events.',
        )}
      </p>
    </OnlyFor>
    <OnlyFor of={['rtp']} output={output}>
      <NumberField
        form={form}
        name="ttl"
        label={t('Multicast TTL')}
        min={choices.ttl.min}
        max={choices.ttl.max}
        hint={t(
          'How many routers a datagram to a multicast group (224.0.0.0/4 or ff00::/8) may pass. Other addresses ignore it.',
        )}
      />
      <SwitchField
        form={form}
        name="bareTs"
        label={t('Bare TS over UDP, without RTP')}
        hint={t('Turn on if the receiver expects MPEG-TS straight in UDP datagrams.')}
      />
    </OnlyFor>
  </section>
);
