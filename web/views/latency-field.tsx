/** The latency of an SRT link, within its range. */
import { type FieldProps, NumberField } from './fields.tsx';
import { t } from './language.ts';
import type { Choices, FormState } from './props.ts';

export interface LatencyProps {
  readonly form: FormState;
  readonly choices: Choices;
  readonly name: string;
  readonly hint: string;
  readonly help?: FieldProps['help'];
  readonly disabled?: boolean;
}

export const LatencyField = ({ form, choices, name, hint, help, disabled }: LatencyProps) => (
  <NumberField
    form={form}
    name={name}
    label={t('Latency')}
    unit="ms"
    min={choices.latency.min}
    max={choices.latency.max}
    hint={hint}
    help={help}
    disabled={disabled}
  />
);
