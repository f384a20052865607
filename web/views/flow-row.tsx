/** One flow in the list: its state, each end of it by pipeline, and what comes in. */
import type { Output, Region } from '../../db/model.ts';
import { FlowAlarms } from './alarms.tsx';
import { t } from './language.ts';
import { inputBitrate } from './list-query.ts';
import { Mark, Pill } from './live-end.tsx';
import { bothPipelines, type FlowView, regionName, tabUrl } from './props.ts';
import { Sparkline } from './sparkline.tsx';
import { inputEnd, liveInputOf, outputStatus, type Status, statusOf, type Tone, verdictOf } from './status.ts';
import { bandwidthText, bitrateText } from './units.ts';
import { words } from './words.ts';

/** A flow as the list shows it. */
export interface FlowRow {
  readonly view: FlowView;
  /** Bit/s of all inputs together, oldest first. */
  readonly rates: readonly (number | undefined)[];
  /** Changes with what the strip shows, measurements apart: the page says it, to be sent only what it has not seen. */
  readonly seen: string;
}

export interface FlowRowProps {
  readonly row: FlowRow;
  readonly regions: readonly Region[];
}

/** The box stands beside what is pushed, so that no push unticks it. */
export const Row = ({ row, regions }: FlowRowProps) => (
  <li>
    <label class="pick">
      <input type="checkbox" name="flow" value={row.view.flow.id} />
      <span class="sr">{t('Select {name}', { name: row.view.flow.name })}</span>
    </label>
    <Strip row={row} regions={regions} />
  </li>
);

/** All of it that lives. */
export const Strip = ({ row, regions }: FlowRowProps) => {
  const { view, seen } = row;
  const { flow } = view;
  const verdict = verdictOf(view);
  return (
    <div id={`flow-${flow.id}`} class={`strip ${verdict.tone}`} data-seen={seen}>
      <div class="who">
        <h2>
          <a href={tabUrl(flow.id, 'information')}>{flow.name}</a>
        </h2>
        <p class="verdict">
          <Pill tone={verdict.tone} word={t(words.flowStates[view.state])} />
          <span>{t(verdict.sentence)}</span>
        </p>
        <p class="meta">
          {regionName(regions, flow.regionId)} · {words.protocols[flow.input.protocol]} ·{' '}
          {t('max. {bandwidth}', { bandwidth: bandwidthText(flow.maxBitrate) })}
        </p>
        <FlowAlarms alarms={view.alarms} />
      </div>
      <Ends view={view} />
      <Rate row={row} />
    </div>
  );
};

/** What is measured: pushed by itself, every few seconds. */
export const Rate = ({ row: { view, rates } }: Pick<FlowRowProps, 'row'>) => {
  const bitrate = inputBitrate(view);
  return (
    <div id={`rate-${view.flow.id}`} class="flow-rate">
      {bitrate === undefined ? (
        <span class="none">{noInputText(view)}</span>
      ) : (
        <strong>
          <span class="sr">{t('Input:')} </span>
          {bitrateText(bitrate)}
        </strong>
      )}
      {view.state !== 'idle' && <Sparkline rates={rates} />}
    </div>
  );
};

/** What is not known is not said to be absent. */
function noInputText(view: FlowView): string {
  if (view.state === 'idle') return '';
  const isUnknown = bothPipelines.some((pipeline) => statusOf(view, inputEnd(view.flow, pipeline)).tone === 'unknown');
  return isUnknown ? t('Input unknown') : t('No input');
}

/** A flow that was on the page and is no more; its name may not be known any longer. */
export const GoneStrip = ({ flowId, name }: { flowId: string; name: string }) => (
  <div id={`flow-${flowId}`} class="strip gone" data-seen="gone">
    <p>{name ? t('“{name}” was deleted.', { name }) : t('This flow was deleted.')}</p>
  </div>
);

/** So many outputs are shown; of more, those in trouble first. */
const MOST_OUTPUTS = 6;

const severity: readonly Tone[] = ['bad', 'unknown', 'wait', 'ok', 'idle'];

const Ends = ({ view }: { view: FlowView }) => {
  const { flow } = view;
  const outputs = flow.outputs.map((output) => ({
    output,
    statuses: bothPipelines.map((pipeline) => outputStatus(view, output, pipeline)),
  }));
  const worst = ({ statuses }: { statuses: readonly Status[] }): number =>
    Math.min(...statuses.map(({ tone }) => severity.indexOf(tone)));
  const shown =
    outputs.length > MOST_OUTPUTS ? outputs.toSorted((a, b) => worst(a) - worst(b)).slice(0, MOST_OUTPUTS) : outputs;
  return (
    <ul class="matrix">
      <li class="in">
        <span class="end">
          <span class="sr">{t('Input')} </span>
          {flow.input.name}
        </span>
        {bothPipelines.map((pipeline) => (
          <EndState
            pipeline={pipeline}
            status={statusOf(view, inputEnd(flow, pipeline))}
            mark={liveInputOf(view, pipeline) === pipeline ? t(words.onAir) : undefined}
          />
        ))}
      </li>
      {shown.map(({ output, statuses }) => (
        <OutputEnds output={output} statuses={statuses} />
      ))}
      {outputs.length > shown.length && (
        <li class="more">
          <a href={tabUrl(flow.id, 'output')}>
            {t('and {count} more outputs', { count: outputs.length - shown.length })}
          </a>
        </li>
      )}
      {outputs.length === 0 && (
        <li class="more">
          {t('No output yet.')} <a href={`${tabUrl(flow.id, 'output')}/new`}>{t('Create output')}</a>
        </li>
      )}
    </ul>
  );
};

const OutputEnds = ({ output, statuses }: { output: Output; statuses: readonly Status[] }) => (
  <li>
    <span class="end">
      <span class="sr">{t('Output')} </span>
      {output.name} <small>{words.protocols[output.protocol]}</small>
    </span>
    {bothPipelines.map((pipeline, index) => {
      const status = statuses[index];
      return status && <EndState pipeline={pipeline} status={status} />;
    })}
  </li>
);

interface EndStateProps {
  readonly pipeline: (typeof bothPipelines)[number];
  readonly status: Status;
  readonly mark?: string;
}

/** A shape and a word. Which pipeline it is stands above the list, and here where the list is narrow. */
const EndState = ({ pipeline, status, mark }: EndStateProps) => (
  <span class="state">
    <span class="path">{t(words.pipelines[pipeline])} </span>
    <Pill tone={status.tone} word={t(status.word)} />
    {mark && <Mark word={mark} />}
  </span>
);
