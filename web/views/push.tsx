/** What is sent to open pages: fragments that name the place they belong to. A place that is not on the page is skipped. */
import type { Child } from 'hono/jsx';
import type { Region } from '../../db/model.ts';
import { RecentEvents } from './events.tsx';
import { LiveFailover } from './failover.tsx';
import { FlowHead, LiveSignal, Panel } from './flow.tsx';
import { FlowList, type FlowListProps, Strip, Summary } from './flow-list.tsx';
import { Keeping } from './health.tsx';
import { LiveInput } from './input.tsx';
import { t } from './language.ts';
import { LiveOutput } from './output.tsx';
import { bothPipelines, type FlowPage, type FlowView, liveTabs } from './props.ts';

/** A fragment for `target`. Morphing keeps a reader's focus and selection. */
export const Partial = ({ target, swap, children }: { target: string; swap?: string; children?: Child }) => (
  <hx-partial hx-target={target} hx-swap={swap ?? 'outerMorph'}>
    {children}
  </hx-partial>
);

/** The whole list, when a flow came or went. */
export const ListPush = (props: FlowListProps) => (
  <Partial target="#flow-list">
    <FlowList {...props} />
  </Partial>
);

/** One flow's strip in the list. */
export const StripPush = ({ view, regions }: { view: FlowView; regions: readonly Region[] }) => (
  <Partial target={`#flow-${view.flow.id}`}>
    <Strip view={view} regions={regions} />
  </Partial>
);

export const SummaryPush = ({ flows }: { flows: readonly FlowView[] }) => (
  <Partial target="#summary">
    <Summary flows={flows} />
  </Partial>
);

/** What is measured of one flow, on whichever tab is open. */
export const MeasuredPush = ({ page }: { page: FlowPage }) => (
  <>
    <Partial target="#flow-head">
      <FlowHead page={page} tab="information" />
    </Partial>
    <Partial target="#health-keeping">
      <Keeping failingSince={page.failingSince} />
    </Partial>
    <Partial target="#live-signal">
      <LiveSignal page={page} />
    </Partial>
    {page.flow.input.failover && (
      <Partial target="#live-failover">
        <LiveFailover page={page} />
      </Partial>
    )}
    <EndsPush page={page} />
  </>
);

/** Each end, wherever it is shown. */
const EndsPush = ({ page }: { page: FlowPage }) => (
  <>
    {bothPipelines.map((pipeline) => (
      <Partial target={`#live-input-${pipeline}`}>
        <LiveInput page={page} pipeline={pipeline} />
      </Partial>
    ))}
    {page.flow.outputs.flatMap((output) =>
      bothPipelines.map((pipeline) => (
        <Partial target={`#live-${output.id}-${pipeline}`}>
          <LiveOutput page={page} output={output} pipeline={pipeline} />
        </Partial>
      )),
    )}
  </>
);

/** The head and all panels of one flow, when its state or configuration changed. */
export const WholePush = ({ page }: { page: FlowPage }) => (
  <>
    <Partial target="#flow-head">
      <FlowHead page={page} tab="information" />
    </Partial>
    {liveTabs.map((tab) => (
      <Partial target={`#panel-${tab}`}>
        <Panel page={page} tab={tab} />
      </Partial>
    ))}
    <EndsPush page={page} />
  </>
);

/** What happened to the media of one flow. */
export const EventsPush = ({ page }: { page: FlowPage }) => (
  <Partial target="#events">
    <RecentEvents page={page} />
  </Partial>
);

/** The flow of an open page was deleted elsewhere. */
export const GonePush = () => (
  <Partial target="#main" swap="innerHTML">
    <section class="narrow card message">
      <h1>{t('This flow was deleted')}</h1>
      <p>{t('Somebody deleted it while this page was open.')}</p>
      <a class="button" href="/">
        {t('All flows')}
      </a>
    </section>
  </Partial>
);
