/** What the log answers: its events, whether it goes on by itself, and the ways to more of it. */
import type { LogEvent, LogType } from '../../db/history-model.ts';
import { Icon } from './icon.tsx';
import { t } from './language.ts';
import { Notice } from './layout.tsx';
import { Pill } from './live-end.tsx';
import { tabUrl } from './props.ts';
import type { Tone } from './status.ts';
import { hostPort, utcText } from './units.ts';
import { isGrave, logSentence } from './words-events.ts';
import { typeLabel } from './words-log.ts';

/**
 * Whether new events come by themselves, or why they do not: the reader is on an older page, or has turned it off, or
 * the range has an end, or begins with the oldest.
 */
export type Following = 'following' | 'on-older-page' | 'off' | 'range-ended' | 'oldest-first';

export interface LogAnswerView {
  readonly flowId: string;
  /** Why there is nothing to show. */
  readonly refusal?: string;
  readonly shown?: LogShown;
}

/** An event, and the type that it is of. */
export interface LogLine extends LogEvent {
  readonly type: LogType;
}

export interface LogShown {
  readonly list: LogListView;
  readonly following: Following;
  /** What the live line is asked for while it follows; a query. */
  readonly follow?: string;
  /** The query of this answer, from its first page on. */
  readonly query: string;
  readonly isFirstPage: boolean;
}

/** The part that is pushed. `token` is that of the query: a push for another one finds no place on the page. */
export interface LogListView {
  readonly flowId: string;
  readonly token: string;
  readonly events: readonly LogLine[];
  /** The query of the following page; none at the end. */
  readonly next?: string;
  readonly isOldestFirst: boolean;
  /** The same query without types and text, where it has some. */
  readonly cleared?: string;
}

export const LogAnswer = ({ view: { flowId, refusal, shown } }: { view: LogAnswerView }) => (
  <section id="log-answer" class="card" aria-labelledby="events-title" data-follow={shown?.follow}>
    <div class="card-head">
      <h2 id="events-title">{t('Events')}</h2>
      {shown && <LogLive token={shown.list.token} following={shown.following} />}
    </div>
    {refusal && <Notice tone="bad">{refusal}</Notice>}
    {shown && <Shown flowId={flowId} shown={shown} />}
  </section>
);

const Shown = ({ flowId, shown }: { flowId: string; shown: LogShown }) => (
  <>
    <div class="log-about">
      <p class="hint" id="log-zone">
        {t('Times are in {zone} ({offset}).', { zone: 'UTC', offset: 'UTC+00:00' })}
      </p>
      <a class="button small" id="log-csv" href={`${tabUrl(flowId, 'log')}/events.csv?${shown.query}`} download>
        {t('Download CSV')}
      </a>
    </div>
    <LogList list={shown.list} />
    <div class="actions log-pages">
      {!shown.isFirstPage && (
        <button class="button small" id="log-first" type="submit" form="log-form">
          {shown.list.isOldestFirst ? t('First page') : t('Newest events')}
        </button>
      )}
      <LogNext list={shown.list} />
    </div>
  </>
);

const states: Readonly<Record<Following, readonly [tone: Tone, words: string]>> = {
  following: ['wait', 'Connecting to follow new events…'],
  'on-older-page': ['idle', 'Paused on an older page'],
  off: ['idle', 'Paused: new events come with Confirm'],
  'range-ended': ['idle', 'Not followed: the range has an end'],
  'oldest-first': ['idle', 'Not followed: oldest first'],
};

/** Without scripts nothing follows, and nothing is said of it. */
export const LogLive = ({ token, following }: { token: string; following: Following | 'live' }) => {
  const [tone, said] = following === 'live' ? (['ok', 'Live'] as const) : states[following];
  return (
    <output id="log-live" class="needs-script" data-token={token} data-following={following}>
      <Pill tone={tone} word={t(said)} />
    </output>
  );
};

export const LogList = ({ list }: { list: LogListView }) => (
  <div id="log-list" data-token={list.token}>
    {list.events.length === 0 ? <Empty list={list} /> : <Table events={list.events} />}
  </div>
);

const Empty = ({ list: { flowId, cleared } }: { list: LogListView }) => (
  <div class="empty log-empty">
    {cleared === undefined ? (
      <>
        <p>{t('Nothing happened in this range.')}</p>
        <p class="hint">
          {t(
            'Here appear connections and disconnections, refused encoders, formats found and changed, lost media, failover, and who started, stopped or edited the flow.',
          )}
        </p>
      </>
    ) : (
      <>
        <p>{t('No event in this range has these types and this text.')}</p>
        <a class="button small" id="log-clear" href={`${tabUrl(flowId, 'log')}?${cleared}`}>
          {t('Show all events of this range')}
        </a>
      </>
    )}
  </div>
);

const Table = ({ events }: { events: readonly LogLine[] }) => (
  <table class="log-table">
    <thead>
      <tr>
        {[t('Time'), t('Type'), t('Input/Output'), t('Information')].map((name) => (
          <th scope="col">{name}</th>
        ))}
      </tr>
    </thead>
    <tbody id="log-rows">
      <LogRows events={events} />
    </tbody>
  </table>
);

export const LogRows = ({ events }: { events: readonly LogLine[] }) => (
  <>
    {events.map((event) => (
      <LogRow event={event} />
    ))}
  </>
);

const LogRow = ({ event }: { event: LogLine }) => (
  <tr id={rowId(event)} class={isGrave(event) ? 'grave' : undefined}>
    <td class="when">
      <time datetime={new Date(event.at).toISOString()} data-zoned>
        {utcText(event.at)}
      </time>
    </td>
    <td class="type">{typeLabel(event.type)}</td>
    <td class="name">{event.name}</td>
    <td class="what">
      {isGrave(event) && <Trouble />}
      {logSentence(event)}
      <span class="codes">
        <code>{event.code}</code>
        {event.peer && <code>{hostPort(event.peer.address, event.peer.port)}</code>}
      </span>
    </td>
  </tr>
);

/** A shape and a word: never colour alone. */
const Trouble = () => (
  <span class="trouble">
    <Icon name="alert" />
    {t('Trouble')}
  </span>
);

/** Its key in the history: the same event twice is the same row. */
const rowId = ({ relay, boot, seq }: LogEvent): string => `event-${relay}-${boot}-${seq}`.replaceAll(/[^\w-]/g, '_');

/** To the following page. The zone is the reader's own, and goes along. */
export const LogNext = ({ list: { flowId, next, isOldestFirst } }: { list: LogListView }) => {
  const url = `${tabUrl(flowId, 'log')}?${next ?? ''}`;
  return (
    <span id="log-next">
      {next !== undefined && (
        <a
          class="button small"
          id="log-more"
          href={url}
          hx-get={url}
          hx-include="#zone"
          hx-target="#log-answer"
          hx-swap="outerHTML show:top"
          hx-push-url="true"
        >
          {isOldestFirst ? t('Later events') : t('Older events')}
        </a>
      )}
    </span>
  );
};
