/** What happened in the range, in words beneath its charts: the marks of the time axis, and the totals since the last reset. */
import type { Pipeline } from '../../relay/contract/settings.ts';
import { around, t } from './language.ts';
import { tabUrl } from './props.ts';
import { utcText } from './units.ts';

/** At `at` (epoch ms) something happened, or the totals began anew. */
export interface Mark {
  readonly at: number;
  readonly kind: 'event' | 'reset';
  readonly text: string;
}

/** A moment: UTC in the page, in the zone of the charts once web/client/health.ts has seen it. */
const ZonedTime = ({ at }: { at: number }) => (
  <time datetime={new Date(at).toISOString()} data-zoned>
    {utcText(at)}
  </time>
);

/** The newest are in sight, the others unfold. */
const SHOWN = 10;

/** For who uses no pointer: the same that a chart says where one points at a mark. `fault`: why the log is not there. */
export const MarkList = ({ marks, fault }: { marks: readonly Mark[]; fault?: string }) => (
  <section id="health-events" class="card" aria-labelledby="health-events-title">
    <h2 id="health-events-title">{t('Events in this range')}</h2>
    {fault && <p class="hint">{t('Events are missing here. {fault}', { fault })}</p>}
    {!fault && marks.length === 0 && <p class="hint">{t('Nothing was logged of this end in this range.')}</p>}
    <Lines marks={[...marks].reverse().slice(0, SHOWN)} />
    {marks.length > SHOWN && (
      <details id="earlier-events">
        <summary>{t('{count} earlier', { count: marks.length - SHOWN })}</summary>
        <Lines marks={[...marks].reverse().slice(SHOWN)} />
      </details>
    )}
  </section>
);

const Lines = ({ marks }: { marks: readonly Mark[] }) => (
  <ol class="mark-list">
    {marks.map(({ at, kind, text }) => (
      <li class={kind}>
        <ZonedTime at={at} />
        <span>{text}</span>
      </li>
    ))}
  </ol>
);

export interface TotalsView {
  /** Epoch ms; undefined: all that is kept. */
  readonly since: number | undefined;
  readonly rows: readonly { readonly name: string; readonly total: string }[];
}

interface TotalsProps {
  readonly flowId: string;
  readonly pipeline: Pipeline;
  readonly endpointId: string;
  /** The query of the page, to come back to. */
  readonly back: string;
  readonly totals: TotalsView;
}

/** A reset deletes nothing, so it asks nothing. */
export const Totals = ({ flowId, pipeline, endpointId, back, totals }: TotalsProps) => (
  <section id="health-totals" class="card" aria-labelledby="totals-title">
    <div class="card-head">
      <h2 id="totals-title">{t('Totals')}</h2>
      <form method="post" action={`${tabUrl(flowId, 'health')}/reset`}>
        <input type="hidden" name="pipeline" value={pipeline} />
        <input type="hidden" name="endpoint" value={endpointId} />
        <input type="hidden" name="back" value={back} />
        <button class="button small" id="health-reset" type="submit">
          {t('Begin anew')}
        </button>
      </form>
    </div>
    <p class="hint" id="totals-since">
      {totals.since === undefined
        ? t('Of all that is kept of this end.')
        : around('Since {time}.', { time: <ZonedTime at={totals.since} /> })}{' '}
      {t('Beginning anew sets a mark on the charts and deletes nothing.')}
    </p>
    {totals.rows.length === 0 ? (
      <p class="hint">{t('This end counts nothing.')}</p>
    ) : (
      <dl class="figures">
        {totals.rows.map(({ name, total }) => (
          <div>
            <dt>{name}</dt>
            <dd>{total}</dd>
          </div>
        ))}
      </dl>
    )}
  </section>
);
