/** What every question to the history asks: a range of time, and the zone in which it is told. */
import { bindings, Field, type FieldProps, RadioField } from './fields.tsx';
import { t } from './language.ts';
import type { FormState } from './props.ts';

/** Quick choices, in seconds. A range is shorter than 24 hours: the longest ends a second before them. */
const quickRanges = [
  { value: '900', name: 'Last 15 min' },
  { value: '3600', name: 'Last hour' },
  { value: '21600', name: 'Last 6 h' },
  { value: '86399', name: 'Last 24 h' },
] as const;

/** A quick choice, or two moments. */
export const RangeFields = ({ form }: { form: FormState }) => (
  <>
    <RadioField
      form={form}
      name="last"
      label={t('Time range')}
      options={[
        ...quickRanges.map(({ value, name }) => ({ value, name: t(name) })),
        { value: 'custom', name: t('From and to') },
      ]}
    />
    <div class="columns range-times">
      <MomentField form={form} name="from" label={t('From')} />
      <MomentField form={form} name="to" label={t('To')} hint={t('Empty: until now, and live.')} />
    </div>
  </>
);

/** Scripts fill in the browser's zones and choose its own; without them, all times are UTC. */
export const ZoneField = ({ form, zone }: { form: FormState; zone: string }) => (
  <Field form={form} name="zone" label={t('Time zone')}>
    <select id="zone" name="zone" data-zone={zone}>
      <option value="UTC">UTC</option>
    </select>
  </Field>
);

/** A moment, in the page as UTC. */
const MomentField = (props: FieldProps & { name: 'from' | 'to' }) => {
  const at = props.form.values[props.name];
  const value = at ? new Date(Number(at)).toISOString().slice(0, 19) : '';
  return (
    <Field {...props}>
      <input type="datetime-local" step={1} value={value} data-at={at} {...bindings(props)} />
    </Field>
  );
};
