/** The way of a new flow: add an output, start, push; and whether the stream is here, or what keeps it away. */
import type { Child } from 'hono/jsx';
import type { Pipeline } from '../../relay/contract/settings.ts';
import { Icon } from './icon.tsx';
import { t } from './language.ts';
import { Time } from './layout.tsx';
import { bothPipelines, type FlowPage, tabUrl } from './props.ts';
import { StartForm } from './start-form.tsx';
import { inputEnd, type Status, statusOf } from './status.ts';
import { aboutText } from './track-words.ts';
import { hostPort } from './units.ts';
import { words } from './words.ts';

interface Ways {
  readonly page: FlowPage;
}

type StepState = 'done' | 'now' | 'later';

/** All of it lives. Once a stream is here there is nothing left to lead to: it then says what came. */
export const LiveSetup = ({ page }: Ways) => {
  const here = bothPipelines.filter((pipeline) => statusAt(page, pipeline).tone === 'ok');
  return (
    <section class="card setup" id="live-setup" aria-labelledby="setup-title">
      {here.length === 0 ? <Steps page={page} /> : <Arrived page={page} here={here} />}
    </section>
  );
};

const Steps = ({ page }: Ways) => {
  const hasOutput = page.flow.outputs.length > 0;
  const isRunning = page.state === 'running' || page.state === 'starting';
  return (
    <>
      <h2 id="setup-title">{t('To go on air')}</h2>
      <ol class="steps">
        <Step state={hasOutput ? 'done' : 'now'} name={t('Add an output')}>
          <OutputStep page={page} />
        </Step>
        <Step state={isRunning ? 'done' : hasOutput ? 'now' : 'later'} name={t('Start the flow')}>
          <StartStep page={page} />
        </Step>
        <Step state={isRunning ? 'now' : 'later'} name={t('Push your stream')}>
          <PushStep page={page} />
        </Step>
      </ol>
    </>
  );
};

const statusAt = (page: FlowPage, pipeline: Pipeline): Status => statusOf(page, inputEnd(page.flow, pipeline));

const Step = ({ state, name, children }: { state: StepState; name: string; children?: Child }) => (
  <li class={state} aria-current={state === 'now' ? 'step' : undefined}>
    <strong>
      {name}
      <span class="sr"> ({t(stepWords[state])})</span>
    </strong>
    {children}
  </li>
);

const stepWords: Readonly<Record<StepState, string>> = { done: 'done', now: 'to do now', later: 'later' };

const OutputStep = ({ page }: Ways) => {
  const count = page.flow.outputs.length;
  if (count > 0) return <p>{count === 1 ? t('One output is set.') : t('{count} outputs are set.', { count })}</p>;
  return (
    <>
      <p>{t('Where the stream goes. A flow without outputs cannot be started.')}</p>
      <a class="button primary" id="setup-output" href={`${tabUrl(page.flow.id, 'output')}/new`}>
        {t('Create output')}
      </a>
    </>
  );
};

const StartStep = ({ page }: Ways) => {
  if (page.state === 'starting') return <p>{t('It is being set up on its relays.')}</p>;
  if (page.state === 'running') return <p>{t('It runs: its inputs listen.')}</p>;
  if (page.state === 'stopping') return <p>{t('It is being stopped.')}</p>;
  return (
    <>
      <p>
        {page.flow.input.protocol === 'rtmp'
          ? t('Inputs listen only while their flow runs: an encoder that pushes now is refused.')
          : t('Inputs listen only while their flow runs: an encoder that pushes now gets no answer.')}
      </p>
      {page.flow.outputs.length > 0 && <StartForm page={page} tab="input" id="setup-start" />}
    </>
  );
};

const PushStep = ({ page }: Ways) => {
  if (page.state !== 'running')
    return <p>{t('To the addresses below, as soon as the flow runs. What you need is under “Push here”.')}</p>;
  return (
    <output class="waiting">
      {bothPipelines.map((pipeline) => (
        <Waiting page={page} pipeline={pipeline} />
      ))}
    </output>
  );
};

/** Why nothing comes: what happened to the last one that tried, or that nobody did. */
const Waiting = ({ page, pipeline }: Ways & { pipeline: Pipeline }) => {
  const { sentence, endpoint } = statusAt(page, pipeline);
  const { protocol } = page.flow.input;
  return (
    <p>
      <strong>{t(pipeline === 'primary' ? 'Primary input' : 'Backup input')}</strong>
      <span>{t(sentence)}</span>
      {endpoint?.incident ? (
        <LastTry incident={endpoint.incident} sentence={words.incidents.source[protocol][endpoint.incident.code]} />
      ) : (
        endpoint?.condition === 'listening' &&
        pipeline === 'primary' && (
          <span>
            {t(
              protocol === 'rtmp'
                ? 'Nobody has called yet. Look at address and port, and that TCP may pass the firewalls.'
                : 'Nobody has called yet. Look at address and port, and that UDP may pass the firewalls.',
            )}
          </span>
        )
      )}
    </p>
  );
};

interface LastTryProps {
  readonly incident: NonNullable<NonNullable<Status['endpoint']>['incident']>;
  readonly sentence: { readonly what: string; readonly next: string };
}

const LastTry = ({ incident: { at, peer }, sentence }: LastTryProps) => (
  <span class="last-try">
    <strong>{t(sentence.what)}</strong>
    {peer && ` (${hostPort(peer.address, peer.port)})`} <Time at={at} />
    <span class="next">{t(sentence.next)}</span>
  </span>
);

const Arrived = ({ page, here }: Ways & { here: readonly Pipeline[] }) => (
  <output class="arrived">
    <h2 id="setup-title">
      <Icon name="arrow" />
      {t('Your stream is here.')}
    </h2>
    <ul>
      {here.map((pipeline) => (
        <li>
          <strong>{t(pipeline === 'primary' ? 'Primary input' : 'Backup input')}</strong>
          {formatText(page, pipeline) || t('Its format is being looked for.')}
        </li>
      ))}
    </ul>
    {here.length === 1 && (
      <p class="hint">
        {t(here[0] === 'primary' ? 'Nothing arrives at the backup input.' : 'Nothing arrives at the primary input.')}
      </p>
    )}
  </output>
);

/** What the newest reading found: codec, size, frames a second. */
function formatText(page: FlowPage, pipeline: Pipeline): string {
  const reading = page.readings.find((it) => it.id === 'input' && it.pipeline === pipeline);
  return (reading?.tracks ?? [])
    .filter(({ kind }) => kind !== 'data')
    .map((track) => {
      const { frameRate } = track.values;
      const rate = track.kind === 'video' && frameRate !== undefined ? `, ${frameRate.toFixed(2)} frames/s` : '';
      return aboutText(track) + rate;
    })
    .join('; ');
}
