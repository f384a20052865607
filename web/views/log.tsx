/** The Log tab: a form that asks for a range, types and a text, and the events that answer it. */
import type { LogType } from '../../db/history-model.ts';
import { RadioField, TextField, type Tick, Ticks } from './fields.tsx';
import { FlowHead, Tabs } from './flow.tsx';
import { t } from './language.ts';
import { Crumbs } from './layout.tsx';
import { LogAnswer, type LogAnswerView } from './log-answer.tsx';
import { type FlowPage, type FormState, tabUrl } from './props.ts';
import { RangeFields, ZoneField } from './range.tsx';
import { typeLabel } from './words-log.ts';

export interface LogView {
  readonly form: FormState;
  readonly zone: string;
  readonly types: readonly Tick<LogType>[];
  readonly follow: boolean;
  readonly answer: LogAnswerView;
}

export const LogTab = ({ page, view }: { page: FlowPage; view: LogView }) => (
  <>
    <Crumbs trail={[{ href: '/', name: t('Flows') }]} />
    <FlowHead page={page} tab="log" />
    <div id="tab-view">
      <Tabs page={page} tab="log" />
      <div id="panel-log" class="panel">
        <LogForm flowId={page.flow.id} view={view} />
        <LogAnswer view={view.answer} />
      </div>
    </div>
  </>
);

/** Only its answer is swapped, so that what is typed, and the focus, stay. */
const LogForm = ({ flowId, view }: { flowId: string; view: LogView }) => (
  <section class="card" aria-labelledby="log-title">
    <h2 id="log-title">{t('Log')}</h2>
    <form
      id="log-form"
      class="stack"
      method="get"
      action={tabUrl(flowId, 'log')}
      hx-get={tabUrl(flowId, 'log')}
      hx-trigger="submit, change from:#follow"
      hx-target="#log-answer"
      hx-swap="outerHTML"
      hx-push-url="true"
      {...{ 'hx-status:5xx': 'swap:none', 'hx-status:507': 'swap:outerHTML' }}
    >
      <Ticks name="type" legend={t('Types (none ticked: all)')} ticks={view.types} nameOf={typeLabel} none="" />
      <div class="log-where">
        <TextField
          form={view.form}
          name="text"
          label={t('Text')}
          maxlength={200}
          hint={t('In codes, names, addresses and facts; in any case.')}
          optional
        />
        <ZoneField form={view.form} zone={view.zone} />
      </div>
      <RangeFields form={view.form} />
      <RadioField
        form={view.form}
        name="order"
        label={t('Order')}
        options={[
          { value: 'newest-first', name: t('Newest first') },
          { value: 'oldest-first', name: t('Oldest first') },
        ]}
      />
      <div class="actions end log-confirm">
        <FollowSwitch isOn={view.follow} />
        <button class="button primary" id="log-confirm" type="submit">
          {t('Confirm')}
        </button>
      </div>
    </form>
  </section>
);

/** It says so when it is off, since a box that is not ticked sends nothing. */
const FollowSwitch = ({ isOn }: { isOn: boolean }) => (
  <div class="needs-script">
    <input type="hidden" name="follow" value="off" />
    <label class="switch">
      <input type="checkbox" id="follow" name="follow" value="on" checked={isOn} />
      <span>{t('Follow new events')}</span>
    </label>
  </div>
);
