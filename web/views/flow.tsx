/** A flow's own page: what it is, how it is, and its tabs. */
import { FlowAlarms } from './alarms.tsx';
import { dialogLink } from './confirm.tsx';
import { Diagram } from './diagram.tsx';
import { DoctorHead } from './doctor-line.tsx';
import { RecentEvents } from './events.tsx';
import { Fact } from './fact.tsx';
import { InputPanel } from './input.tsx';
import { t } from './language.ts';
import { Copyable, Crumbs, Notice, Time } from './layout.tsx';
import { Pill } from './live-end.tsx';
import { OutputPanel } from './output.tsx';
import { type FlowPage, type LiveTab, liveTabs, regionName, type Tab, tabs, tabUrl } from './props.ts';
import { StartForm } from './start-form.tsx';
import { verdictOf } from './status.ts';
import { bandwidthText } from './units.ts';
import { words } from './words.ts';

const tabNames: Readonly<Record<Tab, string>> = {
  information: 'Information',
  input: 'Input',
  output: 'Output',
  log: 'Log',
  health: 'Health',
};

export interface FlowHeadProps {
  readonly page: FlowPage;
  readonly tab: Tab;
  /** Why the last action was refused. */
  readonly refusal?: string;
}

export interface FlowDetailsProps extends FlowHeadProps {
  readonly tab: LiveTab;
}

export const FlowDetailsPage = ({ page, tab, refusal }: FlowDetailsProps) => (
  <>
    <Crumbs trail={[{ href: '/', name: t('Flows') }]} />
    <FlowHead page={page} tab={tab} refusal={refusal} />
    <TabView page={page} tab={tab} />
  </>
);

/** Name, state and actions: the part that is the same on all tabs. */
export const FlowHead = ({ page, tab, refusal }: FlowHeadProps) => {
  const verdict = verdictOf(page);
  return (
    <div id="flow-head" class="flow-head">
      <div class="head">
        <div>
          <h1>{page.flow.name}</h1>
          <output class="verdict">
            <Pill tone={verdict.tone} word={t(words.flowStates[page.state])} />
            <span>{verdict.sentence}</span>
          </output>
          <FlowAlarms alarms={page.alarms} />
        </div>
        <Actions page={page} tab={tab} />
      </div>
      <DoctorHead page={page} />
      {refusal && <Notice tone="bad">{refusal}</Notice>}
      {page.relayLost && (
        <Notice tone="warn">
          {t(
            'A relay of this flow has not reported for some seconds. It may still be relaying. What it last said is not shown; the rest is as reported.',
          )}
        </Notice>
      )}
    </div>
  );
};

const Actions = ({ page, tab }: { page: FlowPage; tab: Tab }) => (
  <div class="actions">
    <form method="post" action={`/flows/${page.flow.id}/duplicate`}>
      <button class="button" id="duplicate-flow" type="submit">
        Duplicate
      </button>
    </form>
    <a class="button" id="export-flow" href={`/flows/${page.flow.id}/export`}>
      Export
    </a>
    {page.state === 'idle' ? <StartForm page={page} tab={tab} id="start-flow" /> : <StopLink page={page} />}
    <a
      class="button"
      id="delete-flow"
      href={`/flows/${page.flow.id}/delete`}
      {...dialogLink(`/flows/${page.flow.id}/delete`)}
    >
      {t('Delete')}
    </a>
  </div>
);

const StopLink = ({ page }: { page: FlowPage }) => {
  const href = `/flows/${page.flow.id}/stop`;
  if (page.state === 'stopping')
    return (
      <button class="button" id="stop-flow" type="button" disabled>
        {t('Stopping…')}
      </button>
    );
  return (
    <a class="button" id="stop-flow" href={href} {...dialogLink(href)}>
      {t('Stop')}
    </a>
  );
};

/** The tabs and the open one's panel: what a click on a tab replaces. */
export const TabView = ({ page, tab }: { page: FlowPage; tab: LiveTab }) => (
  <div id="tab-view">
    <Tabs page={page} tab={tab} />
    <Panel page={page} tab={tab} />
  </div>
);

/** Log and Health have scripts of their own, so that one goes to them, and away from them, by whole pages. */
export const Tabs = ({ page, tab }: { page: FlowPage; tab: Tab }) => (
  <nav class="tabs" aria-label={t('Flow details')}>
    {tabs.map((it) => (
      <a
        id={`tab-${it}`}
        href={tabUrl(page.flow.id, it)}
        {...(isLive(tab) && isLive(it) && swapped(tabUrl(page.flow.id, it)))}
        aria-current={it === tab ? 'page' : undefined}
      >
        {t(tabNames[it])}
        {it === 'output' && <span class="count">{page.flow.outputs.length}</span>}
      </a>
    ))}
  </nav>
);

const isLive = (tab: Tab): boolean => liveTabs.some((it) => it === tab);

const swapped = (url: string) => ({
  'hx-get': url,
  'hx-target': '#tab-view',
  'hx-swap': 'outerHTML',
  'hx-push-url': 'true',
});

/** The panel of a tab; its id is `panel-<tab>`. */
export const Panel = ({ page, tab }: { page: FlowPage; tab: LiveTab }) => {
  switch (tab) {
    case 'information':
      return <InformationPanel page={page} />;
    case 'input':
      return <InputPanel page={page} />;
    case 'output':
      return <OutputPanel page={page} />;
  }
};

const InformationPanel = ({ page }: { page: FlowPage }) => {
  const { flow } = page;
  return (
    <div id="panel-information" class="panel">
      <section class="card" aria-labelledby="signal-title">
        <h2 id="signal-title">{t('Signal')}</h2>
        <LiveSignal page={page} />
      </section>
      <section class="card" aria-labelledby="information-title">
        <div class="card-head">
          <h2 id="information-title">{t('Information')}</h2>
          <a class="button small" id="rename-flow" href={`/flows/${flow.id}/edit`}>
            {t('Edit')}
          </a>
        </div>
        <dl class="facts">
          <Fact name={t('Flow ID')}>
            <Copyable id="flow-id" text={flow.id} label={t('flow ID')} />
          </Fact>
          <Fact name={t('Name')}>{flow.name}</Fact>
          <Fact name={t('Input region')}>{regionName(page.regions, flow.regionId)}</Fact>
          <Fact name={t('State')}>{t(words.flowStates[page.state])}</Fact>
          <Fact name={t('Maximum bandwidth')}>{bandwidthText(flow.maxBitrate)}</Fact>
          <Fact name={t('Created')}>
            <Time at={flow.createdAt} />
          </Fact>
        </dl>
      </section>
      <section class="card" aria-labelledby="events-title">
        <h2 id="events-title">{t('Recent events')}</h2>
        <RecentEvents page={page} />
      </section>
    </div>
  );
};

/** The part of the Information tab that lives. */
export const LiveSignal = ({ page }: { page: FlowPage }) => (
  <div id="live-signal">
    <Diagram page={page} />
  </div>
);
