/** What is typed and never shown again: keys and stream keys. */
import { bindings, Field, type FieldProps, idOf, SelectField, SwitchField } from './fields.tsx';
import { t } from './language.ts';
import type { Choices, FormState } from './props.ts';

/** A secret: never filled in, and where one is kept, empty leaves it as it is. `made`: the browser can make one. */
export const SecretField = ({ required, made, ...props }: FieldProps & { required?: boolean; made?: boolean }) => (
  <Field {...props}>
    <input
      type="password"
      autocomplete="new-password"
      spellcheck={false}
      required={required}
      data-secret
      {...bindings(props)}
    />
    {made && !props.disabled && <KeyMaker of={idOf(props.name)} />}
  </Field>
);

/** Made in the browser, shown in its field, copied once. web/client/key-maker.ts does it; without a script it is not there. */
const KeyMaker = ({ of }: { of: string }) => (
  <span class="key-maker scripted">
    <button type="button" class="button small" id={`${of}-make`} data-make-key={of}>
      {t('Make a key')}
    </button>
    <output
      id={`${of}-made`}
      class="hint"
      data-copied={t('Made, and copied. Give it to the other end: once saved, it is not shown again.')}
      data-made={t('Made. Copy it now and give it to the other end: once saved, it is not shown again.')}
    />
  </span>
);

export interface EncryptionProps {
  readonly form: FormState;
  readonly choices: Choices;
  /** The path of the object that the encryption belongs to, with its dot: `input.` or nothing. */
  readonly prefix: string;
  readonly label: string;
  readonly hint: string;
  /** A key is kept already: an empty field leaves it as it is. */
  readonly kept?: boolean;
  readonly disabled?: boolean;
}

/** A switch, and behind it a key and its length. */
export const EncryptionFields = ({ form, choices, prefix, label, hint, kept, disabled }: EncryptionProps) => {
  const name = `${prefix}encryption`;
  const { min, max } = choices.passphrase;
  const rule = t('{min} to {max} characters: letters, digits, signs and spaces of ASCII.', { min, max });
  return (
    <SwitchField form={form} name={name} label={label} hint={hint} disabled={disabled}>
      <div class="columns">
        <SecretField
          form={form}
          name={`${name}.passphrase`}
          label={t('Key')}
          hint={kept ? `${t('A key is set. Leave this empty to keep it.')} ${rule}` : rule}
          disabled={disabled}
          made
        />
        <SelectField
          form={form}
          name={`${name}.keyLength`}
          label={t('Key length')}
          hint={t('The same as on the other end. AES-256 is the safest, and costs no time.')}
          options={choices.keyLengths.map((bits) => ({ value: String(bits), name: `AES-${bits}` }))}
          disabled={disabled}
        />
      </div>
    </SwitchField>
  );
};
