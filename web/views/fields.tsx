/** Form controls: each with its label, its hint, and its fault beside it. A control's name is its path in the draft. */
import type { Child } from 'hono/jsx';
import type { Protocol } from '../../relay/contract/settings.ts';
import { Notice } from './layout.tsx';
import { t } from './language.ts';
import type { FieldError, FormState } from './props.ts';

export interface FieldProps {
  readonly form: FormState;
  readonly name: string;
  readonly label: string;
  readonly hint?: Child;
  /** More of it, which unfolds: its summary, and what is within. */
  readonly help?: { readonly title: string; readonly words: Child };
  readonly disabled?: boolean;
  readonly optional?: boolean;
}

/** A control's id, from its name: dots would need escaping in selectors. */
export const idOf = (name: string): string => name.replaceAll('.', '-');

/** The faults of a field, and of the entries of a list field (`input.allowlist.2`). */
const errorsOf = (form: FormState, name: string): readonly FieldError[] =>
  form.errors.filter(({ field }) => fieldOf(field) === name);

/** A fault in the language in use; `10.0.0.1/8: ` before it is what was typed. */
export const faultText = (message: string): string =>
  message.replace(/^(\S+: )?(.*)$/s, (_, typed: string | undefined, said: string) => `${typed ?? ''}${t(said)}`);

/** The control that a fault belongs to: all entries of a list are typed into one. */
export const fieldOf = (path: string): string => path.replace(/\.\d+$/, '');

/** What the control itself is given, so that label, hint and fault are bound to it. */
export function bindings({ form, name, hint, disabled }: FieldProps) {
  const id = idOf(name);
  const wrong = errorsOf(form, name).length > 0;
  const described = [`${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return {
    id,
    name,
    disabled,
    'aria-invalid': wrong ? ('true' as const) : undefined,
    'aria-describedby': described,
    autofocus: wrong && isFirst(form, name),
    ...(form.check && { 'hx-post': `${form.check}?field=${name}`, 'hx-trigger': 'change', 'hx-swap': 'none' }),
  };
}

const isFirst = (form: FormState, name: string): boolean => {
  const [first] = form.errors;
  return first !== undefined && fieldOf(first.field) === name;
};

/** Always there, so that what is put in as a field is left is announced. */
const Errors = ({ id, errors }: { id: string; errors: readonly FieldError[] }) => (
  <p class="error" aria-live="polite" id={`${id}-error`}>
    {errors.map(({ code, message }) => (
      <span data-emptied={code === 'emptied' || undefined}>{faultText(message)}</span>
    ))}
  </p>
);

/** A control in its frame. */
export const Field = (props: FieldProps & { children?: Child }) => {
  const id = idOf(props.name);
  const errors = errorsOf(props.form, props.name);
  return (
    <div class={errors.length > 0 ? 'field wrong' : 'field'}>
      <label for={id}>
        {props.label}
        {props.optional && <span class="optional"> {t('(optional)')}</span>}
      </label>
      <Errors id={id} errors={errors} />
      {props.children}
      {props.hint && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      {props.help && (
        <details class="help" id={`${id}-help`}>
          <summary>{props.help.title}</summary>
          {props.help.words}
        </details>
      )}
    </div>
  );
};

export const TextField = (props: FieldProps & { required?: boolean; maxlength?: number; placeholder?: string }) => (
  <Field {...props}>
    <input
      type="text"
      value={props.form.values[props.name] ?? ''}
      required={props.required}
      maxlength={props.maxlength}
      placeholder={props.placeholder}
      autocomplete="off"
      spellcheck={false}
      {...bindings(props)}
    />
  </Field>
);

export const NumberField = (props: FieldProps & { min: number; max: number; unit?: string; required?: boolean }) => (
  <Field {...props}>
    <span class="with-unit">
      <input
        type="number"
        inputmode="numeric"
        min={props.min}
        max={props.max}
        step={1}
        value={props.form.values[props.name] ?? ''}
        required={props.required}
        {...bindings(props)}
      />
      {props.unit && <span>{props.unit}</span>}
    </span>
  </Field>
);

export const AreaField = (props: FieldProps & { rows: number; required?: boolean; after?: Child }) => (
  <Field {...props}>
    <textarea rows={props.rows} required={props.required} spellcheck={false} {...bindings(props)}>
      {props.form.values[props.name] ?? ''}
    </textarea>
    {props.after}
  </Field>
);

export interface Option {
  readonly value: string;
  readonly name: string;
  /** What choosing it means, below its name. */
  readonly about?: string;
}

export const SelectField = (props: FieldProps & { options: readonly Option[] }) => (
  <Field {...props}>
    <select {...bindings(props)}>
      {props.options.map((option) => (
        <option value={option.value} selected={option.value === props.form.values[props.name]}>
          {option.name}
        </option>
      ))}
    </select>
  </Field>
);

/** A choice of one among few, all in sight. */
export const RadioField = (props: FieldProps & { options: readonly Option[] }) => {
  const errors = errorsOf(props.form, props.name);
  const id = idOf(props.name);
  return (
    <fieldset
      class={errors.length > 0 ? 'radios wrong' : 'radios'}
      aria-describedby={`${id}-error${props.hint ? ` ${id}-hint` : ''}`}
    >
      <legend>{props.label}</legend>
      <Errors id={id} errors={errors} />
      <div class="options">
        {props.options.map((option) => (
          <label>
            <input
              type="radio"
              id={`${id}-${option.value}`}
              name={props.name}
              value={option.value}
              checked={option.value === props.form.values[props.name]}
              required
              disabled={props.disabled}
            />
            <span>
              {option.name}
              {option.about && <span class="about">{option.about}</span>}
            </span>
          </label>
        ))}
      </div>
      {props.hint && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
    </fieldset>
  );
};

/** A box that can be ticked. */
export interface Tick<T extends string> {
  readonly value: T;
  readonly isTicked: boolean;
}

interface TicksProps<T extends string> {
  readonly name: string;
  readonly legend: string;
  readonly ticks: readonly Tick<T>[];
  readonly nameOf: (value: T) => string;
  readonly none: string;
}

export const Ticks = <T extends string>({ name, legend, ticks, nameOf, none }: TicksProps<T>) => (
  <fieldset class="ticks">
    <legend>{legend}</legend>
    {ticks.length === 0 && <p class="hint">{none}</p>}
    {ticks.map(({ value, isTicked }) => (
      <label>
        <input type="checkbox" id={idOfTick(name, value)} name={name} value={value} checked={isTicked} />
        <span>{nameOf(value)}</span>
      </label>
    ))}
  </fieldset>
);

/** The id of a box, from its name and value. */
export const idOfTick = (name: string, value: string): string => `${name}-${value.replaceAll(' ', '-')}`;

export interface SwitchProps {
  readonly form: FormState;
  readonly name: string;
  readonly label: string;
  readonly hint: Child;
  readonly disabled?: boolean;
  /** What belongs to it: in sight while it is on. */
  readonly children?: Child;
}

/** A switch that says so when it is off, since a box that is not ticked sends nothing; locked, it says nothing. */
export const SwitchField = ({ form, name, label, hint, disabled, children }: SwitchProps) => {
  const id = idOf(name);
  const errors = errorsOf(form, name);
  return (
    <div class="switchable">
      <input type="hidden" name={name} value="off" disabled={disabled} />
      <label class="switch">
        <input
          type="checkbox"
          id={id}
          name={name}
          value="on"
          checked={form.values[name] === 'on'}
          disabled={disabled}
          aria-describedby={`${id}-hint`}
        />
        <span>{label}</span>
      </label>
      <Errors id={id} errors={errors} />
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
      {children && <div class="switched">{children}</div>}
    </div>
  );
};

/** Fields of some protocols only: in sight while one of these is chosen (web/static/css/form.css), script or no script. */
export const Only = ({ of, children }: { of: readonly Protocol[]; children?: Child }) => (
  <div class="stack" data-protocols={of.join(' ')}>
    {children}
  </div>
);

export interface FormFrameProps {
  readonly form: FormState;
  readonly action: string;
  readonly back: string;
  readonly submit: string;
  /** Why nothing of this form can be changed now. */
  readonly locked?: string;
  readonly children?: Child;
}

/** A form that works with and without JavaScript, with what the server refused at its head. */
export const FormFrame = ({ form, action, back, submit, locked, children }: FormFrameProps) => (
  <form
    id="form"
    class="stack"
    method="post"
    action={action}
    novalidate
    hx-post={action}
    hx-target="this"
    hx-swap="outerHTML"
    hx-disable="find button[type=submit]"
    {...{ 'hx-status:5xx': 'swap:none', 'hx-status:507': 'swap:outerHTML' }}
  >
    {form.values['revision'] !== undefined && <input type="hidden" name="revision" value={form.values['revision']} />}
    {form.refusal && <FormHead form={form} />}
    {locked && <Notice tone="info">{locked}</Notice>}
    <fieldset class="bare" disabled={Boolean(locked)}>
      {children}
    </fieldset>
    <div class="actions end">
      <a class="button" id="form-cancel" href={back}>
        {t('Cancel')}
      </a>
      <button class="button primary" id="form-submit" type="submit" disabled={Boolean(locked)}>
        {submit}
      </button>
    </div>
  </form>
);

/** The refusal, and the faults that belong to no control that was sent: the others stand beside theirs. */
const FormHead = ({ form }: { form: FormState }) => {
  const homeless = form.errors.filter(({ field }) => !(fieldOf(field) in form.values));
  return (
    <Notice tone="bad">
      <p>{t(form.refusal ?? '')}</p>
      {homeless.length > 0 && (
        <ul>
          {homeless.map(({ message }) => (
            <li>{faultText(message)}</li>
          ))}
        </ul>
      )}
    </Notice>
  );
};
