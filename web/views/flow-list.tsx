/** All flows at a glance: one strip each, read like the signal, from the input to its outputs. */
import type { Output, Region, WaitingFlow } from '../../db/model.ts';
import { type FlowRow, Row } from './flow-row.tsx';
import { Icon } from './icon.tsx';
import { t } from './language.ts';
import { ListFilter } from './list-filter.tsx';
import { type Counts, type ListQuery, listUrl, PAGE_SIZE } from './list-query.ts';
import { Glance } from './live-end.tsx';
import { bothPipelines, type FlowView, tabUrl } from './props.ts';
import { inputEnd, liveInputOf, outputStatus, statusOf } from './status.ts';
import { WaitingFlows } from './waiting-flows.tsx';
import { words } from './words.ts';

export interface FlowListProps {
  readonly query: ListQuery;
  /** The flows of the page, in order. */
  readonly rows: readonly FlowRow[];
  /** How many match, and on how many pages. */
  readonly found: number;
  readonly page: number;
  readonly pages: number;
  readonly counts: Counts;
  /** How many flows there are at all. */
  readonly all: number;
  readonly regions: readonly Region[];
  /** Those that have no input yet. */
  readonly waiting?: readonly WaitingFlow[];
}

export const FlowListPage = (props: FlowListProps) => (
  <>
    <div class="head">
      <h1>{t('Flows')}</h1>
      <div class="actions">
        {props.all > 0 && (
          <a class="button" id="export-flows" href="/flows/export">
            {t('Export')}
          </a>
        )}
        <a class="button" id="import-flows" href="/flows/import">
          {t('Import')}
        </a>
        <a class="button primary" id="create-flow" href={newFlowUrl(props.query.regionId)}>
          <Icon name="plus" />
          {t('Create flow')}
        </a>
      </div>
    </div>
    {props.all > 0 && <ListFilter {...props} />}
    <FlowList {...props} />
    <WaitingFlows flows={props.waiting ?? []} regions={props.regions} />
  </>
);

/** What another question, another page or a change of the order changes. */
export const FlowList = (props: FlowListProps) => (
  <div id="flow-list" data-query={listUrl({ ...props.query, page: props.page })}>
    {props.all === 0 ? <FirstSteps /> : <FoundFlows {...props} />}
  </div>
);

const FoundFlows = ({ query, rows, found, page, pages, regions }: FlowListProps) => (
  <>
    <ListNews />
    {found === 0 ? (
      <NoMatches />
    ) : (
      <form id="selection" method="get" action="/flows/selected">
        <Selected />
        <div class="columns-head" aria-hidden="true">
          <span>{t('Flow')}</span>
          <span class="matrix-head">
            <span>{t('Input and outputs')}</span>
            <span>{t('Primary')}</span>
            <span>{t('Backup')}</span>
          </span>
          <span class="rate-head">{t('Input bit rate')}</span>
        </div>
        <ul class="strips">
          {rows.map((row) => (
            <Row row={row} regions={regions} />
          ))}
        </ul>
      </form>
    )}
    <Pages query={query} found={found} page={page} pages={pages} />
  </>
);

/** What to do with those that are ticked. */
const Selected = () => (
  <div class="selected">
    <label class="all" hidden>
      <input type="checkbox" id="select-all" /> <span>{t('Select all on this page')}</span>
    </label>
    <span id="selected-count" data-none={t('No flow selected')} data-some={t('{count} selected')}>
      {t('With the selected flows:')}
    </span>
    <span class="actions">
      <button type="submit" class="button small" name="do" value="start">
        {t('Start…')}
      </button>
      <button type="submit" class="button small" name="do" value="stop">
        {t('Stop…')}
      </button>
      <button type="submit" class="button small" name="do" value="delete">
        {t('Delete…')}
      </button>
    </span>
  </div>
);

export interface News {
  /** How many flows would come to this page, leave it, or stand elsewhere on it. */
  readonly added: number;
  readonly left: number;
  readonly moved: boolean;
}

/** What of the list is not shown yet, lest something move under the reader's hand. Empty while all is shown. */
export const ListNews = ({ news, url }: { news?: News; url?: string }) => (
  <output id="list-news" class="news">
    {news && (
      <>
        <span>{newsText(news)}</span>{' '}
        <a class="button small" id="list-refresh" href={url} hx-get={url} hx-target="#flow-list" hx-swap="outerMorph">
          {t('Show')}
        </a>
      </>
    )}
  </output>
);

function newsText({ added, left, moved }: News): string {
  const parts = [
    added === 1 && t('1 flow comes to this page.'),
    added > 1 && t('{count} flows come to this page.', { count: added }),
    left === 1 && t('1 flow leaves it.'),
    left > 1 && t('{count} flows leave it.', { count: left }),
    moved && t('The order has changed.'),
  ];
  return parts.filter(Boolean).join(' ');
}

const Pages = ({ query, found, page, pages }: Pick<FlowListProps, 'query' | 'found' | 'page' | 'pages'>) => {
  if (pages === 1) return null;
  const to = (wanted: number): string => listUrl({ ...query, page: wanted });
  return (
    <nav class="pages" aria-label={t('Pages of the list')}>
      {page > 1 && (
        <a class="button small" rel="prev" href={to(page - 1)}>
          {t('Previous')}
        </a>
      )}
      <span>
        {t('{from}–{to} of {found}', {
          from: (page - 1) * PAGE_SIZE + 1,
          to: Math.min(page * PAGE_SIZE, found),
          found,
        })}
      </span>
      {page < pages && (
        <a class="button small" rel="next" href={to(page + 1)}>
          {t('Next')}
        </a>
      )}
    </nav>
  );
};

const NoMatches = () => (
  <section class="card no-matches">
    <h2>{t('No flow matches')}</h2>
    <p>{t('Search for less, or choose another state or region.')}</p>
    <a class="button" id="show-all" href="/">
      {t('Show all flows')}
    </a>
  </section>
);

const FirstSteps = () => (
  <section class="first card">
    <h2>{t('Bring your first stream across')}</h2>
    <ol>
      <li>
        <h3>{t('Create a flow')}</h3>
        <p>
          {t(
            'Choose the region where your stream comes in. You get a primary and a backup address to push to, by SRT, RTMP or RTP.',
          )}
        </p>
      </li>
      <li>
        <h3>{t('Add an output')}</h3>
        <p>{t('Say where it goes: one destination for the primary pipeline and, if you like, one for the backup.')}</p>
      </li>
      <li>
        <h3>{t('Start, then push')}</h3>
        <p>{t('Press Start and point your encoder at the addresses. Each end shows Connected while media passes.')}</p>
      </li>
    </ol>
    <a class="button primary" href="/flows/new">
      {t('Create your first flow')}
    </a>
  </section>
);

/** Input and outputs of a flow with the state of each end. */
export const SignalPath = ({ view }: { view: FlowView }) => (
  <div class="signal">
    <div class="ends">
      <h3>
        {words.protocols[view.flow.input.protocol]} input <span>{view.flow.input.name}</span>
      </h3>
      {bothPipelines.map((pipeline) => (
        <Glance
          label={words.pipelines[pipeline]}
          status={statusOf(view, inputEnd(view.flow, pipeline))}
          mark={liveInputOf(view, pipeline) === pipeline ? words.onAir : undefined}
        />
      ))}
    </div>
    <Icon name="arrow" />
    <div class="fan">
      {view.flow.outputs.length === 0 && (
        <p class="empty">
          No output yet. <a href={`${tabUrl(view.flow.id, 'output')}/new`}>Create output</a>
        </p>
      )}
      {view.flow.outputs.map((output) => (
        <OutputEnds view={view} output={output} />
      ))}
    </div>
  </div>
);

const OutputEnds = ({ view, output }: { view: FlowView; output: Output }) => (
  <div class="ends">
    <h3>
      {words.protocols[output.protocol]} output <span>{output.name}</span>
    </h3>
    {bothPipelines.map((pipeline) => (
      <Glance label={words.pipelines[pipeline]} status={outputStatus(view, output, pipeline)} />
    ))}
  </div>
);

const newFlowUrl = (regionId?: string): string =>
  regionId ? `/flows/new?region=${encodeURIComponent(regionId)}` : '/flows/new';
