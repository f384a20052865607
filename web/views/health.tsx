/** The Health tab: a form that asks for an endpoint and a range, charts where scripts run, and a table for everybody. */
import type { Pipeline, Protocol } from '../../relay/contract/settings.ts';
import { idOfTick, SelectField, type Tick, Ticks } from './fields.tsx';
import { type FigureName, figures, trackName } from './figures.ts';
import { FlowHead, Tabs } from './flow.tsx';
import { type Mark, MarkList, Totals, type TotalsView } from './health-marks.tsx';
import { LiveInput } from './input.tsx';
import { around, t } from './language.ts';
import { Crumbs, Notice, Time } from './layout.tsx';
import { LiveOutput } from './output.tsx';
import { bothPipelines, type FlowPage, type FormState, tabUrl } from './props.ts';
import { RangeFields, ZoneField } from './range.tsx';
import { pipelineName, pipelineWord, words } from './words.ts';

/** One figure of the range. `total` is of counts; the numbers are texts with their units. */
export interface SummaryRow {
  readonly of: string;
  readonly figure: string;
  readonly mean: string;
  readonly lowest: string;
  readonly highest: string;
  readonly total: string;
}

export interface HealthView {
  readonly retentionDays: number;
  readonly form: FormState;
  readonly zone: string;
  readonly pipeline: Pipeline;
  readonly endpointId: string;
  readonly protocol: Protocol;
  readonly tracks: readonly Tick<string>[];
  /** What each track was, in words; one that is absent is called by its place. */
  readonly trackNames: Readonly<Record<string, string>>;
  readonly figures: readonly Tick<FigureName>[];
  /** Absent while the range is refused: there is nothing to show. */
  readonly shown?: HealthShown;
}

export interface HealthShown {
  /** The query of what is shown without its range, and its range: `last=900`, or from and to. */
  readonly query: string;
  readonly range: string;
  /** It ends now, and goes on. */
  readonly isLive: boolean;
  readonly rows: readonly SummaryRow[];
  readonly marks: readonly Mark[];
  /** Why the log is not among the marks. */
  readonly logFault: string | undefined;
  readonly totals: TotalsView;
}

export const HealthPage = ({ page, view }: { page: FlowPage; view: HealthView }) => (
  <>
    <Crumbs trail={[{ href: '/', name: t('Flows') }]} />
    <FlowHead page={page} tab="health" />
    <div id="tab-view">
      <Tabs page={page} tab="health" />
      <div id="panel-health" class="panel">
        <Keeping failingSince={page.failingSince} />
        <Now page={page} view={view} />
        <HealthForm page={page} view={view} />
        {view.shown && <Charts flowId={page.flow.id} shown={view.shown} />}
        {view.shown && <HealthFindings flowId={page.flow.id} view={view} shown={view.shown} />}
        {view.shown && <Downloads flowId={page.flow.id} view={view} shown={view.shown} />}
      </div>
    </div>
  </>
);

/** What the chosen end does now, pushed as on the tabs of the input and the outputs. */
const Now = ({ page, view }: { page: FlowPage; view: HealthView }) => {
  const output = page.flow.outputs.find(({ id }) => id === view.endpointId);
  return (
    <section class="card" aria-labelledby="now-title">
      <h2 id="now-title">
        {t('Now: {name}, {pipeline}', {
          name: output?.name ?? page.flow.input.name,
          pipeline: pipelineWord(view.pipeline),
        })}
      </h2>
      {output ? (
        <LiveOutput page={page} output={output} pipeline={view.pipeline} />
      ) : (
        <LiveInput page={page} pipeline={view.pipeline} />
      )}
    </section>
  );
};

/** Pushed, so that it comes and goes by itself. */
export const Keeping = ({ failingSince }: { failingSince: number | undefined }) => (
  <div id="health-keeping">
    {failingSince !== undefined && (
      <Notice tone="bad">
        {around(
          'Health is not being kept since {time}: the disk of the server does not take it. Media is not touched. Relays hold the last ten minutes and hand them in when the disk is well again; what is older is lost. Free space on the disk of the data folder.',
          { time: <Time at={failingSince} /> },
        )}
      </Notice>
    )}
  </div>
);

const HealthForm = ({ page, view }: { page: FlowPage; view: HealthView }) => (
  <section class="card" aria-labelledby="health-title">
    <h2 id="health-title">{t('Health')}</h2>
    <form id="health-form" class="stack" method="get" action={tabUrl(page.flow.id, 'health')}>
      {view.form.refusal && <Notice tone="bad">{view.form.refusal}</Notice>}
      <input type="hidden" name="of" value={`${view.pipeline} ${view.endpointId}`} />
      <div class="health-where">
        <SelectField
          form={view.form}
          name="pipeline"
          label={t('Pipeline')}
          options={bothPipelines.map((value) => ({ value, name: pipelineName(value) }))}
        />
        <SelectField form={view.form} name="endpoint" label={t('Source or output')} options={endpointsOf(page)} />
        <ZoneField form={view.form} zone={view.zone} />
      </div>
      <RangeFields form={view.form} />
      <div class="health-ticks">
        <Ticks
          name="track"
          legend={t('Tracks')}
          ticks={view.tracks}
          nameOf={nameIn(view)}
          none={t('No track in this range.')}
        />
        <Ticks
          name="figure"
          legend={t('{protocol} figures', { protocol: words.protocols[view.protocol] })}
          ticks={view.figures}
          nameOf={(name) => t(figures[name].label)}
          none={t('None.')}
        />
      </div>
      <p class="hint">
        {view.retentionDays === 1
          ? t('Health is kept for 1 day.')
          : t('Health is kept for {days} days.', { days: view.retentionDays })}
      </p>
      <div class="actions end">
        <button class="button primary" id="health-confirm" type="submit">
          {t('Confirm')}
        </button>
      </div>
    </form>
  </section>
);

const nameIn =
  ({ trackNames }: HealthView) =>
  (track: string): string =>
    trackNames[track] ?? trackName(track);

const endpointsOf = ({ flow }: FlowPage) => [
  { value: 'input', name: t('Source: {name}', { name: flow.input.name }) },
  ...flow.outputs.map(({ id, name }) => ({ value: id, name: t('Output: {name}', { name }) })),
];

/** Drawn by web/client/health.ts. */
const Charts = ({ flowId, shown }: { flowId: string; shown: HealthShown }) => (
  <section class="card needs-script" aria-labelledby="charts-title">
    <div class="card-head">
      <h2 id="charts-title">{t('Charts')}</h2>
      <output id="health-status" class="hint" />
    </div>
    <p class="hint">
      {t(
        'Drag over a chart to zoom all of them; double-click to see the whole range again. Lines across are events: point at one to read it, or read them below.',
      )}
    </p>
    <div
      id="health-charts"
      data-source={`${tabUrl(flowId, 'health')}/data?${shown.query}`}
      data-range={shown.range}
      data-live={shown.isLive ? 'yes' : undefined}
    />
  </section>
);

/** What the charts show, in words and numbers. While the range ends now, htmx asks for it anew; morphed, so that focus stays. */
export const HealthFindings = ({ flowId, view, shown }: { flowId: string; view: HealthView; shown: HealthShown }) => {
  const query = `${shown.query}&${shown.range}`;
  const again = {
    'hx-get': `${tabUrl(flowId, 'health')}?${query}`,
    'hx-trigger': 'every 10s',
    'hx-target': 'this',
    'hx-swap': 'outerMorph',
    'hx-status:5xx': 'swap:none',
  };
  return (
    <div id="health-findings" class="findings" {...(shown.isLive && again)}>
      <MarkList marks={shown.marks} fault={shown.logFault} />
      <section id="health-summary" class="card" aria-labelledby="summary-title">
        <h2 id="summary-title">{t('Summary')}</h2>
        {shown.rows.length === 0 ? (
          <p class="hint">{t('Nothing was measured in this range.')}</p>
        ) : (
          <SummaryTable rows={shown.rows} />
        )}
      </section>
      <Totals
        flowId={flowId}
        pipeline={view.pipeline}
        endpointId={view.endpointId}
        back={`${query}&zone=${encodeURIComponent(view.zone)}`}
        totals={shown.totals}
      />
    </div>
  );
};

const SummaryTable = ({ rows }: { rows: readonly SummaryRow[] }) => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- What scrolls must be reached by the keyboard.
  <div class="health-table" tabindex={0}>
    <table>
      <thead>
        <tr>
          {[t('Of'), t('Figure'), t('Mean'), t('Lowest'), t('Highest'), t('Total')].map((name) => (
            <th scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ of, figure, mean, lowest, highest, total }) => (
          <tr>
            <td>{of}</td>
            <th scope="row">{figure}</th>
            {[mean, lowest, highest, total].map((text) => (
              <td>{text}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** Each second of the range: one file for the endpoint, one for each track. */
const Downloads = ({ flowId, view, shown }: { flowId: string; view: HealthView; shown: HealthShown }) => {
  const place = `pipeline=${view.pipeline}&endpoint=${encodeURIComponent(view.endpointId)}&${shown.range}`;
  const href = `${tabUrl(flowId, 'health')}/data.csv?${place}`;
  return (
    <section class="card" aria-labelledby="csv-title">
      <h2 id="csv-title">{t('Download each second as CSV')}</h2>
      <p class="health-files">
        <a class="button small" id="csv" href={href} download>
          {t('The whole stream')}
        </a>
        {view.tracks.map(({ value }) => (
          <a
            class="button small"
            id={idOfTick('csv', value)}
            href={`${href}&track=${encodeURIComponent(value)}`}
            download
          >
            {nameIn(view)(value)}
          </a>
        ))}
      </p>
    </section>
  );
};
