/** The alarm rules: a table, a form, and the question before one is deleted. */
import type { AlarmKind, AlarmRule } from '../../db/model.ts';
import { AlarmFrame } from './alarms.tsx';
import { Confirm, dialogLink } from './confirm.tsx';
import { FormFrame, NumberField, type Option, SelectField, SwitchField, TextField } from './fields.tsx';
import { Crumbs } from './layout.tsx';
import { Pill } from './live-end.tsx';
import type { FormState } from './props.ts';
import { lastingText } from './units.ts';

/** A rule with its words: `threshold` as people read it, and the name of its flow. */
export interface RuleView extends Omit<AlarmRule, 'threshold'> {
  readonly name: string;
  readonly when: string;
  readonly threshold?: string;
  /** What people type it in; absent where the kind has none. */
  readonly unit?: '%' | 'Mbps';
  readonly flowName?: string;
}

/** What the form offers: every kind, every flow, and the unit of a kind's threshold. */
export interface RuleChoices {
  readonly kinds: readonly { readonly kind: AlarmKind; readonly name: string; readonly when: string }[];
  readonly flows: readonly Option[];
}

const ruleUrl = (id: string): string => `/alarms/rules/${id}`;
const NEW = '/alarms/rules/new';

export const AlarmRulesPage = ({ rules }: { rules: readonly RuleView[] }) => (
  <AlarmFrame
    section="rules"
    action={
      <a class="button primary" id="create-rule" href={NEW}>
        Create rule
      </a>
    }
  >
    <section class="card" aria-labelledby="rules-title">
      <h2 id="rules-title">Rules</h2>
      <p class="hint">
        A flow’s own rule stands in the place of the one for all flows; turned off, it silences the flow.
      </p>
      {rules.length === 0 && <p class="empty">No rule: nothing raises an alarm.</p>}
      <ul class="alarms">
        {rules.map((rule) => (
          <li>
            <p class="state">
              <Pill tone={rule.enabled ? 'ok' : 'idle'} word={rule.name} />
              <span class="where">{rule.flowName ?? 'all flows'}</span>
              {rule.threshold && <strong>{rule.threshold}</strong>}
              {!rule.enabled && <span>off</span>}
            </p>
            <p class="note">
              {rule.when} Fires after {lastingText(rule.holdMs)}, clears after {lastingText(rule.clearMs)}.
            </p>
            <a class="button small" href={ruleUrl(rule.id)}>
              Edit<span class="sr"> {rule.name}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  </AlarmFrame>
);

export interface RuleFormProps {
  readonly form: FormState;
  readonly choices: RuleChoices;
  /** The rule that is edited; none where it is a new one. */
  readonly rule?: RuleView;
}

export const RulePage = (props: RuleFormProps) => (
  <section class="form-page">
    <Crumbs trail={[{ href: '/alarms/rules', name: 'Alarm rules' }]} />
    <h1>{props.rule ? `Rule: ${props.rule.name}` : 'Create rule'}</h1>
    <RuleForm {...props} />
    {props.rule && (
      <p class="aside">
        <a
          class="button"
          id="delete-rule"
          href={`${ruleUrl(props.rule.id)}/delete`}
          {...dialogLink(`${ruleUrl(props.rule.id)}/delete`)}
        >
          Delete rule…
        </a>
      </p>
    )}
  </section>
);

export const RuleForm = ({ form, choices, rule }: RuleFormProps) => (
  <FormFrame form={form} action={rule ? ruleUrl(rule.id) : NEW} back="/alarms/rules" submit={rule ? 'Save' : 'Create'}>
    <section class="card step">
      {rule ? (
        <p>
          <strong>{rule.flowName ?? 'All flows'}.</strong> {rule.when}
        </p>
      ) : (
        <>
          <SelectField
            form={form}
            name="kind"
            label="Kind"
            options={choices.kinds.map(({ kind, name }) => ({ value: kind, name }))}
          />
          <SelectField
            form={form}
            name="flowId"
            label="Flow"
            options={[{ value: '', name: 'All flows' }, ...choices.flows]}
          />
        </>
      )}
      {rule ? <KeptThreshold form={form} rule={rule} /> : <NewThreshold form={form} />}
      <div class="columns">
        <NumberField
          form={form}
          name="hold"
          label="Fires after"
          min={0}
          max={3600}
          unit="s"
          optional={!rule}
          hint={`So long must it be wrong.${rule ? '' : usual}`}
        />
        <NumberField
          form={form}
          name="clear"
          label="Clears after"
          min={1}
          max={3600}
          unit="s"
          optional={!rule}
          hint={`So long must it be well again.${rule ? '' : usual}`}
        />
      </div>
      <SwitchField form={form} name="enabled" label="On" hint="Off, the rule raises no alarm." />
    </section>
    {!rule && (
      <section class="card step">
        <h2>What each kind means</h2>
        <dl class="kinds">
          {choices.kinds.map(({ name, when }) => (
            <div>
              <dt>{name}</dt>
              <dd>{when}</dd>
            </div>
          ))}
        </dl>
      </section>
    )}
  </FormFrame>
);

const usual = ' Empty: as is usual for the kind.';

const NewThreshold = ({ form }: { form: FormState }) => (
  <TextField
    form={form}
    name="threshold"
    label="Threshold"
    optional
    hint="Of packet loss in %, of bit rates in Mbps. The other kinds have none: leave it empty."
  />
);

const KeptThreshold = ({ form, rule }: { form: FormState; rule: RuleView }) =>
  rule.unit ? <TextField form={form} name="threshold" label={`Threshold in ${rule.unit}`} required /> : null;

export const DeleteRulePage = ({ rule, refusal }: { rule: RuleView; refusal?: string }) => (
  <Confirm
    title={`Delete the rule “${rule.name}” for ${rule.flowName ?? 'all flows'}?`}
    action={`${ruleUrl(rule.id)}/delete`}
    verb="Delete rule"
    back={ruleUrl(rule.id)}
    refusal={refusal}
  >
    <p>
      Its alarms clear at once.{' '}
      {rule.flowName && 'The rule for all flows, if there is one, counts for this flow again.'}
    </p>
  </Confirm>
);
