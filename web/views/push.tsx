/** What is sent to open pages: fragments that name the place they belong to. A place that is not on the page is skipped. */
import type { Child } from 'hono/jsx';
import { AlarmCount } from './alarm-count.tsx';
import { FiringAlarms } from './alarms.tsx';
import { RecentEvents } from './events.tsx';
import { LiveFailover } from './failover.tsx';
import { FlowHead, LiveSignal, Panel } from './flow.tsx';
import { ListNews, type News } from './flow-list.tsx';
import { type FlowRow, type FlowRowProps, GoneStrip, Rate, Strip } from './flow-row.tsx';
import { Keeping } from './health.tsx';
import { LiveInput } from './input.tsx';
import { t } from './language.ts';
import { Count } from './list-filter.tsx';
import { type Counts, stateFilters } from './list-query.ts';
import { LiveOutput } from './output.tsx';
import { LiveSetup } from './setup.tsx';
import { type AlarmView, bothPipelines, type FlowPage, liveTabs } from './props.ts';

/** A fragment for `target`. Morphing keeps a reader's focus and selection. */
export const Partial = ({ target, swap, children }: { target: string; swap?: string; children?: Child }) => (
  <hx-partial hx-target={target} hx-swap={swap ?? 'outerMorph'}>
    {children}
  </hx-partial>
);

/** One flow's strip in the list. */
export const StripPush = (props: FlowRowProps) => (
  <Partial target={`#flow-${props.row.view.flow.id}`}>
    <Strip {...props} />
  </Partial>
);

/** What is measured of one flow in the list. */
export const RatePush = ({ row }: { row: FlowRow }) => (
  <Partial target={`#rate-${row.view.flow.id}`}>
    <Rate row={row} />
  </Partial>
);

export const GoneStripPush = (props: { flowId: string; name: string }) => (
  <Partial target={`#flow-${props.flowId}`}>
    <GoneStrip {...props} />
  </Partial>
);

/** How many flows are in each state, above the list. */
export const CountsPush = ({ counts }: { counts: Counts }) => (
  <>
    {(['all', ...stateFilters] as const).map((of) => (
      <Partial target={`#count-${of}`}>
        <Count of={of} count={counts[of]} />
      </Partial>
    ))}
  </>
);

export const ListNewsPush = (props: { news?: News; url: string }) => (
  <Partial target="#list-news">
    <ListNews {...props} />
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
    <Partial target="#live-setup">
      <LiveSetup page={page} />
    </Partial>
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

/** How many alarms fire, on every page. */
export const AlarmCountPush = ({ count }: { count: number }) => (
  <Partial target="#alarm-count">
    <AlarmCount count={count} />
  </Partial>
);

/** The alarms that fire, on their own page. */
export const AlarmsPush = ({ firing }: { firing: readonly AlarmView[] }) => (
  <Partial target="#alarms-firing">
    <FiringAlarms firing={firing} />
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
