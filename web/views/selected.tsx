/** The question before the same is done to many flows, and what came of it for each. */
import type { Child } from 'hono/jsx';
import { destinationText } from './destination.ts';
import { t } from './language.ts';
import { Pill } from './live-end.tsx';
import { bothPipelines, type FlowView, tabUrl } from './props.ts';
import { outputStatus, verdictOf } from './status.ts';
import { words } from './words.ts';

export const selectedVerbs = ['start', 'stop', 'delete'] as const;
export type SelectedVerb = (typeof selectedVerbs)[number];

export interface SelectedProps {
  readonly verb: SelectedVerb;
  readonly views: readonly FlowView[];
}

/** Names each flow, what becomes of it, and those that cannot be done. */
export const SelectedPage = ({ verb, views }: SelectedProps) => {
  const able = views.filter((view) => hindrance(verb, view) === undefined);
  const unable = views.filter((view) => hindrance(verb, view) !== undefined);
  if (views.length === 0) return <NothingSelected />;
  return (
    <section class="confirm card selection-card">
      <h1>{titleOf(verb, able.length)}</h1>
      {able.length > 0 && (
        <>
          <p>{t(intros[verb])}</p>
          <ul class="chosen">
            {able.map((view) => (
              <Chosen view={view}>
                <Loss verb={verb} view={view} />
              </Chosen>
            ))}
          </ul>
        </>
      )}
      {unable.length > 0 && (
        <>
          <p>{t('Left as they are:')}</p>
          <ul class="chosen">
            {unable.map((view) => (
              <Chosen view={view}>
                <p class="meta">{hindrance(verb, view)}</p>
              </Chosen>
            ))}
          </ul>
        </>
      )}
      <form method="post" action="/flows/selected" class="actions" data-busy={t(busy[verb])}>
        <input type="hidden" name="do" value={verb} />
        {able.map(({ flow }) => (
          <input type="hidden" name="flow" value={flow.id} />
        ))}
        <a class="button" id="confirm-cancel" href="/">
          {t('Cancel')}
        </a>
        {able.length > 0 && (
          <button class={verb === 'start' ? 'button primary' : 'button danger'} id="confirm-yes" type="submit">
            {buttonOf(verb, able.length)}
          </button>
        )}
      </form>
    </section>
  );
};

const NothingSelected = () => (
  <section class="narrow card message">
    <h1>{t('No flow is selected')}</h1>
    <p>{t('Tick the flows in the list first, then choose what to do with them.')}</p>
    <a class="button" href="/">
      {t('All flows')}
    </a>
  </section>
);

const Chosen = ({ view, children }: { view: FlowView; children?: Child }) => (
  <li>
    <p class="chosen-flow">
      <a href={tabUrl(view.flow.id, 'information')}>{view.flow.name}</a>
      <Pill tone={verdictOf(view).tone} word={t(words.flowStates[view.state])} />
    </p>
    {children}
  </li>
);

/** What is lost by a yes. */
const Loss = ({ verb, view }: { verb: SelectedVerb; view: FlowView }) => {
  const { flow } = view;
  if (verb === 'start') return null;
  const lines =
    verb === 'stop'
      ? flow.outputs.flatMap((output) =>
          bothPipelines.flatMap((pipeline) => {
            const destination = destinationText(output, pipeline);
            const { tone, endpoint } = outputStatus(view, output, pipeline);
            const mayReceive = endpoint?.state === 'connected' || tone === 'unknown';
            return destination !== undefined && mayReceive
              ? [`${output.name}, ${t(words.pipelines[pipeline]).toLowerCase()}: ${destination}`]
              : [];
          }),
        )
      : [
          t('the input “{name}” with its addresses', { name: flow.input.name }),
          ...flow.outputs.map(({ name }) => t('the output “{name}”', { name })),
        ];
  if (lines.length === 0) return <p class="meta">{t('No destination is connected to it now.')}</p>;
  return (
    <ul class="losing">
      {lines.map((line) => (
        <li>{line}</li>
      ))}
    </ul>
  );
};

export interface SelectedDone {
  readonly id: string;
  /** Undefined where the flow was not there any more. */
  readonly name: string | undefined;
  /** Why not. */
  readonly refusal?: string;
}

export const SelectedResult = ({ verb, results }: { verb: SelectedVerb; results: readonly SelectedDone[] }) => {
  const done = results.filter(({ refusal }) => refusal === undefined).length;
  return (
    <section class="card selection-card">
      <h1>{t(doneTitles[verb], { done, all: results.length })}</h1>
      <ul class="chosen" id="selected-results">
        {results.map(({ id, name, refusal }) => (
          <li>
            <p class="chosen-flow">
              {verb === 'delete' && refusal === undefined ? (
                <span>{name ?? id}</span>
              ) : (
                <a href={tabUrl(id, 'information')}>{name ?? id}</a>
              )}
              <Pill
                tone={refusal === undefined ? 'ok' : 'bad'}
                word={t(refusal === undefined ? doneWords[verb] : 'Refused')}
              />
            </p>
            {refusal !== undefined && <p class="meta">{t(refusal)}</p>}
          </li>
        ))}
      </ul>
      <a class="button" id="back-to-list" href="/">
        {t('All flows')}
      </a>
    </section>
  );
};

/** Why this will not be done to the flow, as it is now; the rules have the last word. */
function hindrance(verb: SelectedVerb, { flow, state }: FlowView): string | undefined {
  if (verb === 'delete') return state === 'idle' ? undefined : t('It is not idle. Stop it first.');
  if (verb === 'stop') return state === 'idle' ? t('It is idle already.') : undefined;
  if (flow.running) return t('It runs already.');
  return flow.outputs.length === 0 ? t('It has no output. Create one first.') : undefined;
}

function titleOf(verb: SelectedVerb, count: number): string {
  if (count === 0) return t(noneTitles[verb]);
  return count === 1 ? t(oneTitles[verb]) : t(manyTitles[verb], { count });
}

const buttonOf = (verb: SelectedVerb, count: number): string =>
  count === 1 ? t(oneButtons[verb]) : t(manyButtons[verb], { count });

type Texts = Readonly<Record<SelectedVerb, string>>;

const oneTitles: Texts = { start: 'Start 1 flow?', stop: 'Stop 1 flow?', delete: 'Delete 1 flow?' };
const manyTitles: Texts = {
  start: 'Start {count} flows?',
  stop: 'Stop {count} flows?',
  delete: 'Delete {count} flows?',
};
const noneTitles: Texts = {
  start: 'None of these flows can be started',
  stop: 'None of these flows can be stopped',
  delete: 'None of these flows can be deleted',
};
const oneButtons: Texts = { start: 'Start 1 flow', stop: 'Stop 1 flow', delete: 'Delete 1 flow' };
const manyButtons: Texts = {
  start: 'Start {count} flows',
  stop: 'Stop {count} flows',
  delete: 'Delete {count} flows',
};
const intros: Texts = {
  start: 'Their inputs begin to listen, and their outputs to call.',
  stop: 'Destinations that receive now, or may, lose the stream at once. Configurations and input addresses are kept.',
  delete: 'This cannot be undone. Destroyed for good:',
};
const busy: Texts = { start: 'Starting…', stop: 'Stopping…', delete: 'Deleting…' };
const doneTitles: Texts = {
  start: 'Started {done} of {all} flows',
  stop: 'Stopped {done} of {all} flows',
  delete: 'Deleted {done} of {all} flows',
};
const doneWords: Texts = { start: 'Started', stop: 'Stopped', delete: 'Deleted' };
