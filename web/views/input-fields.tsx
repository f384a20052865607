/** The fields of an input, for the form that makes one and the form that edits it. */
import { AreaField, EncryptionFields, Only, RadioField, SwitchField, TextField } from './fields.tsx';
import { Icon } from './icon.tsx';
import { t } from './language.ts';
import { LatencyField } from './latency-field.tsx';
import { type Choices, type FormState, bothPipelines } from './props.ts';
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

const latencyHint =
  'How long both ends keep packets, so that lost ones can be sent again. Ping the input address once you have it: ' +
  'four times the round trip is a good start. Increase it on a poor network. ' +
  'The larger of this and the encoder’s own setting counts, so you can also leave it and set the encoder.';

const protocolAbout = {
  srt: 'Encrypted if you like, mends losses; the first choice over the internet.',
  rtmp: 'For OBS and whatever else publishes to a URL with a stream key.',
  rtp: 'MPEG-TS over UDP, as hardware encoders send it on managed networks.',
} as const;

export const InputFields = (props: InputFieldsProps) => {
  const { form, choices, prefix, locks } = props;
  return (
    <>
      <TextField form={form} name={`${prefix}name`} label="Input name" required maxlength={64} />
      <RadioField
        form={form}
        name={`${prefix}protocol`}
        label="Protocol"
        options={choices.protocols.map((it) => ({ value: it, name: words.protocols[it], about: protocolAbout[it] }))}
        disabled={locks?.protocol}
        hint={
          locks?.protocol &&
          (locks.link
            ? t('Locked while the flow runs. Stop the flow to change it.')
            : t('Fixed while the flow has an output. Delete its outputs to change it.'))
        }
      />
      {locks?.link && (
        <p class="locked">
          <Icon name="lock" />
          {t(
            'What follows down to the allowlist is locked while the flow runs, but for the preferred input. Stop the flow to change it.',
          )}
        </p>
      )}
      <LinkFields {...props} />
      <FailoverFields {...props} />
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
};

/** What each protocol needs, of which the chosen one's is in sight. */
const LinkFields = ({ form, choices, prefix, locks, keptKey }: InputFieldsProps) => (
  <>
    <Only of={['srt']}>
      <LatencyField
        form={form}
        choices={choices}
        name={`${prefix}latencyMs`}
        hint={latencyHint}
        disabled={locks?.link}
      />
      <EncryptionFields
        form={form}
        choices={choices}
        prefix={prefix}
        label="Decryption"
        hint="Turn on if your encoder encrypts what it pushes. Both ends need the same key."
        kept={keptKey}
        disabled={locks?.link}
      />
    </Only>
    <Only of={['rtmp']}>
      <p class="hint">
        You are given a server URL and a stream key for each pipeline; the Input tab shows them. RTMP travels in clear:
        over the internet SRT with a key is safer.
      </p>
    </Only>
    <Only of={['rtp']}>
      <SwitchField
        form={form}
        name={`${prefix}bareTs`}
        label="Bare TS over UDP, without RTP"
        hint="Turn on if your encoder sends MPEG-TS straight in UDP datagrams. Without RTP’s numbers, datagrams that came in another order cannot be put right."
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
      label="Failover"
      hint={
        <>
          On: every output, primary and backup, gets one of the two inputs. When it brings no media for 500 ms, they get
          the other one, without being disconnected. Off: the pipelines are independent, and what you push to one never
          reaches the outputs of the other.
        </>
      }
      disabled={locks?.link}
    >
      <div class="columns">
        <RadioField
          form={form}
          name={`${name}.preferred`}
          label="Preferred input"
          options={bothPipelines.map((it) => ({ value: it, name: words.pipelines[it] }))}
          hint="The one on air while both bring media."
          disabled={idle}
        />
        <RadioField
          form={form}
          name={`${name}.autoReturn`}
          label="When the preferred input is back"
          options={[
            { value: 'yes', name: 'Return by itself', about: 'once it has been well for 5 s' },
            { value: 'no', name: 'Stay', about: 'until I switch back' },
          ]}
          disabled={idle}
        />
      </div>
      <Only of={['rtmp']}>
        <p class="hint">
          While it is on, RTMP’s data messages, AV1 and Opus are left out: both inputs travel as MPEG-TS.
        </p>
      </Only>
    </SwitchField>
  );
};
