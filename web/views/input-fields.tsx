/** The fields of an input, for the form that makes one and the form that edits it. */
import { AllowlistField, latencyHelp, latencyHint } from './field-help.tsx';
import { Only, RadioField, SwitchField, TextField } from './fields.tsx';
import { t } from './language.ts';
import { LatencyField } from './latency-field.tsx';
import { type Choices, type FormState, bothPipelines } from './props.ts';
import { EncryptionFields } from './secret-fields.tsx';
import { words } from './words.ts';

/** What of an input cannot be touched now. */
export interface InputLocks {
  /** The flow has an output, or runs. */
  readonly protocol: boolean;
  /** The flow runs: what shapes the link, and whether there is failover. */
  readonly link: boolean;
}

export interface InputFieldsProps {
  readonly form: FormState;
  readonly choices: Choices;
  /** The path of the input in the draft, with its dot: `input.` or nothing. */
  readonly prefix: string;
  readonly locks?: InputLocks;
  /** An SRT key is kept already. */
  readonly keptKey?: boolean;
}

/** What a choice of protocol means. */
const protocolAbout = {
  srt: 'The first choice over the internet: mends lost packets, and can be encrypted.',
  rtmp: 'For OBS and whatever else publishes to a URL with a stream key. In clear, over TCP.',
  rtp: 'MPEG-TS over UDP, as hardware encoders send it on managed networks. Lost packets stay lost.',
} as const;

export const InputFields = (props: InputFieldsProps) => {
  const { form, choices, prefix, locks } = props;
  return (
    <>
      <TextField
        form={form}
        name={`${prefix}name`}
        label={t('Input name')}
        required
        maxlength={64}
        hint={t('Where it comes from, such as “Camera 1” or “OB van 3”. The log calls it so.')}
      />
      <RadioField
        form={form}
        name={`${prefix}protocol`}
        label={t('Protocol')}
        options={choices.protocols.map((it) => ({ value: it, name: words.protocols[it], about: t(protocolAbout[it]) }))}
        hint={t('Choose the one that your encoder speaks; SRT if it speaks several.')}
        disabled={locks?.protocol}
      />
      <LinkFields {...props} />
      <FailoverFields {...props} />
      <AllowlistField form={form} choices={choices} name={`${prefix}allowlist`} />
      <TextField
        form={form}
        name={`${prefix}description`}
        label={t('Description')}
        maxlength={256}
        optional
        hint={t('Whatever helps to tell this input from others: format, place, whom to call.')}
      />
    </>
  );
};

/** What each protocol needs, of which the chosen one's is in sight. */
const LinkFields = ({ form, choices, prefix, locks, keptKey }: InputFieldsProps) => (
  <>
    <Only of={['srt']}>
      <LatencyField
        form={form}
        choices={choices}
        name={`${prefix}latencyMs`}
        hint={latencyHint(choices.latency)}
        help={latencyHelp(choices.latency)}
        disabled={locks?.link}
      />
      <EncryptionFields
        form={form}
        choices={choices}
        prefix={prefix}
        label={t('Decryption')}
        hint={t(
          'Turn on if your encoder encrypts what it pushes: nobody on the way can then watch it, or push in its place. Encoder and input need the same key.',
        )}
        kept={keptKey}
        disabled={locks?.link}
      />
    </Only>
    <Only of={['rtmp']}>
      <p class="hint">
        {t(
          'You are given a server URL and a stream key for each pipeline; the Input tab shows them. RTMP travels in clear: over the internet SRT with a key is safer.',
        )}
      </p>
    </Only>
    <Only of={['rtp']}>
      <SwitchField
        form={form}
        name={`${prefix}bareTs`}
        label={t('Bare TS over UDP, without RTP')}
        hint={t(
          'Turn on if your encoder sends MPEG-TS straight in UDP datagrams. Without RTP’s numbers, datagrams that came in another order cannot be put right.',
        )}
        disabled={locks?.link}
      />
    </Only>
  </>
);

const FailoverFields = ({ form, prefix, locks }: InputFieldsProps) => {
  const name = `${prefix}failover`;
  const idle = locks?.link && form.values[name] !== 'on';
  return (
    <SwitchField
      form={form}
      name={name}
      label={t('Failover')}
      hint={t(
        'On: every output, primary and backup, gets one of the two inputs. When it brings no media for 500 ms, they get the other one, without being disconnected. Off: the pipelines are independent, and what you push to one never reaches the outputs of the other.',
      )}
      disabled={locks?.link}
    >
      <div class="columns">
        <RadioField
          form={form}
          name={`${name}.preferred`}
          label={t('Preferred input')}
          options={bothPipelines.map((it) => ({ value: it, name: words.pipelines[it] }))}
          hint={t('The one on air while both bring media.')}
          disabled={idle}
        />
        <RadioField
          form={form}
          name={`${name}.autoReturn`}
          label={t('When the preferred input is back')}
          options={[
            { value: 'yes', name: t('Return by itself'), about: t('once it has been well for 5 s') },
            { value: 'no', name: t('Stay'), about: t('until I switch back') },
          ]}
          disabled={idle}
        />
      </div>
      <Only of={['rtmp']}>
        <p class="hint">
          {t('While it is on, RTMP’s data messages, AV1 and Opus are left out: both inputs travel as MPEG-TS.')}
        </p>
      </Only>
    </SwitchField>
  );
};
