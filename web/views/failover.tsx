/** Failover on the Input tab: which input is on air, and the way to the other one. */
import type { Pipeline } from '../../relay/contract/settings.ts';
import { dialogLink } from './confirm.tsx';
import { Fact } from './fact.tsx';
import { t } from './language.ts';
import { Notice } from './layout.tsx';
import { Pill } from './live-end.tsx';
import { bothPipelines, type FlowPage, type FlowView, otherThan } from './props.ts';
import { brokenCrossings, inputEnd, liveInput, liveInputOf, statusOf } from './status.ts';
import { pipelineName, pipelineWord } from './words.ts';

/** Nothing where the pipelines are independent. */
export const FailoverCard = ({ page }: { page: FlowPage }) => {
  if (!page.flow.input.failover) return null;
  return (
    <section class="card" aria-labelledby="failover-title">
      <h2 id="failover-title">{t('Failover')}</h2>
      <LiveFailover page={page} />
    </section>
  );
};

/** The part of it that lives. */
export const LiveFailover = ({ page }: { page: FlowPage }) => {
  const { failover } = page.flow.input;
  if (!failover) return null;
  return (
    <div id="live-failover" class="failover">
      <div>
        <OnAir view={page} />
        <Crossings view={page} />
        <dl class="facts">
          <Fact name={t('Preferred')}>{pipelineName(failover.preferred)}</Fact>
          <Fact name={t('When it is back')}>
            {failover.autoReturn ? t('Return by itself after 5 s') : t('Stay until switched by hand')}
          </Fact>
        </dl>
      </div>
      <SwitchActions page={page} preferred={failover.preferred} />
    </div>
  );
};

const OnAir = ({ view }: { view: FlowView }) => {
  const live = liveInput(view);
  if (view.state === 'idle') return <p class="state">{t('The flow is not running.')}</p>;
  if (live)
    return (
      <p class="state">
        <Pill
          tone={isFlowing(view, live) ? 'ok' : 'bad'}
          word={t('{pipeline} input', { pipeline: pipelineName(live) })}
        />
        <span>
          {isFlowing(view, live)
            ? t('On air: every output gets it.')
            : t('Chosen, but no media arrives on either input.')}
        </span>
      </p>
    );
  return (
    <p class="state">
      <Pill tone="unknown" word={t('Not agreed')} />
      {bothPipelines.map((pipeline) => (
        <span>
          {t('{pipeline} outputs get {input}.', {
            pipeline: pipelineName(pipeline),
            input: inputText(liveInputOf(view, pipeline)),
          })}
        </span>
      ))}
    </p>
  );
};

const inputText = (live: Pipeline | undefined): string =>
  live ? t('the {name} input', { name: pipelineWord(live) }) : t('an unknown input: no report');

/** The relays feed each other: where that fails, a switch has nowhere to go. */
const Crossings = ({ view }: { view: FlowView }) => {
  const broken = brokenCrossings(view);
  if (broken.length === 0) return null;
  return (
    <Notice tone="warn">
      {broken.map((pipeline) => (
        <p>
          {t('{pipeline} outputs cannot get the {other} input now: the link between the two relays is not up.', {
            pipeline: pipelineName(pipeline),
            other: pipelineWord(otherThan(pipeline)),
          })}
        </p>
      ))}
    </Notice>
  );
};

/** What changes who is on air is asked first; what keeps it is done at once. */
const SwitchActions = ({ page, preferred }: { page: FlowPage; preferred: Pipeline }) => {
  if (page.state === 'idle' || page.state === 'stopping') return null;
  const live = liveInput(page);
  return (
    <div class="actions">
      {bothPipelines
        .filter((pipeline) => pipeline !== live)
        .map((pipeline) => (
          <SwitchLink flowId={page.flow.id} to={pipeline} />
        ))}
      {live && live !== preferred && <StayButton flowId={page.flow.id} on={live} />}
    </div>
  );
};

const SwitchLink = ({ flowId, to }: { flowId: string; to: Pipeline }) => {
  const href = `/flows/${flowId}/switch?to=${to}`;
  return (
    <a class="button" id={`switch-to-${to}`} href={href} {...dialogLink(href)}>
      {t('Switch to {name}', { name: pipelineWord(to) })}
    </a>
  );
};

/** Makes the live input the preferred one: nothing changes on air. */
const StayButton = ({ flowId, on }: { flowId: string; on: Pipeline }) => (
  <form method="post" action={`/flows/${flowId}/switch`}>
    <input type="hidden" name="to" value={on} />
    <button class="button" id={`stay-on-${on}`} type="submit">
      {t('Stay on {name}', { name: pipelineWord(on) })}
    </button>
  </form>
);

const isFlowing = (view: FlowView, pipeline: Pipeline): boolean =>
  statusOf(view, inputEnd(view.flow, pipeline)).tone === 'ok';
