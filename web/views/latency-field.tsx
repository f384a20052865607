/** The latency of an SRT link, within its range. */
import { NumberField } from './fields.tsx';
import type { Choices, FormState } from './props.ts';

export interface LatencyProps {
  readonly form: FormState;
  readonly choices: Choices;
  readonly name: string;
  readonly hint: string;
  readonly disabled?: boolean;
}

export const LatencyField = ({ form, choices, name, hint, disabled }: LatencyProps) => (
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
